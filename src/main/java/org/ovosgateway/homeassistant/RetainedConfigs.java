// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.ovosgateway.mqtt.Mqtt;
import org.ovosgateway.mqtt.Publication;

/** The discovery messages of ours that the broker holds, also those of an earlier version of the gateway. */
final class RetainedConfigs {

    private static final int MOST = 1000;
    private static final int LARGEST = 1 << 16;
    private static final String MIGRATION = "{\"migrate_discovery\":true}";

    private final Mqtt mqtt;
    private final Announcements announcements;
    private final Map<String, String> payloads = new TreeMap<>();

    RetainedConfigs(Mqtt mqtt, Announcements announcements) {
        this.mqtt = mqtt;
        this.announcements = announcements;
    }

    /** Takes note of a message that the broker has sent. */
    void receive(Publication message) {
        String payload = message.payload().length > LARGEST
                ? "too large"
                : new String(message.payload(), StandardCharsets.UTF_8);
        if (payload.isEmpty()) {
            payloads.remove(message.topic());
        } else if (payloads.size() < MOST || payloads.containsKey(message.topic())) {
            payloads.put(message.topic(), payload);
        }
    }

    /** Whether one of them names this topic, which is below the base topic. */
    boolean name(String topic) {
        String quoted = "\"" + mqtt.base() + "/" + topic + "\"";
        return payloads.values().stream().anyMatch(payload -> payload.contains(quoted));
    }

    /**
     * Publishes what differs from these, and clears all others.
     *
     * @param next payloads by topic
     * @param all whether to publish also what is the same
     * @param migrate whether entities keep their history when they change the form
     */
    void replace(Map<String, String> next, boolean all, boolean migrate) {
        List<String> stale = payloads.keySet().stream()
                .filter(topic -> !next.containsKey(topic))
                .toList();
        if (migrate) {
            stale.stream().filter(announcements::isOtherForm).forEach(topic -> mqtt.publish(topic, MIGRATION, true));
        }
        next.forEach((topic, payload) -> {
            if (all || !payload.equals(payloads.get(topic))) {
                announcements
                        .farewell(payloads.get(topic), payload)
                        .ifPresent(farewell -> mqtt.publish(topic, farewell, true));
                mqtt.publish(topic, payload, true);
            }
        });
        stale.forEach(topic -> mqtt.publish(topic, "", true));
        payloads.clear();
        payloads.putAll(next);
    }
}
