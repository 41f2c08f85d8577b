// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Json;
import org.ovosgateway.assistant.Events;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.ovosgateway.bus.Devices;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Publishes what the assistants do: each property on {@code <base>/<device>/<property>} and whether they are there on {@code
 * <base>/<device>/availability}, both retained, and events on {@code <base>/<device>/event/voice}.
 */
@Component
@ConditionalOnMqtt
public class StateTopics {

    /** Properties that hold what was said. */
    private static final Set<String> CONVERSATION = Set.of("last_utterance", "last_answer");

    private static final String TEXT = "text";
    private static final String TYPE = "event_type";

    /** Under the base it stands for the gateway itself. */
    private static final String GATEWAY = "bridge";

    private final Publisher publisher;
    private final boolean conversation;
    /** Payloads by topic; empty for what was cleared. */
    private final Map<String, String> published = new TreeMap<>();

    @Autowired
    StateTopics(
            Mqtt mqtt, Devices devices, States states, Presence presence, Events events, MqttProperties properties) {
        this(mqtt, devices.names(), properties.conversation());
        states.onChange(this::changed);
        presence.onChange(this::changed);
        events.onEvent(this::happened);
        mqtt.onConnected(presence::askAgain);
    }

    StateTopics(Publisher publisher, Set<String> devices, boolean conversation) {
        if (devices.contains(GATEWAY)) {
            throw new InvalidConfigurationException(
                            "A device is named 'bridge', which is the gateway itself in the topics of MQTT.",
                            "Give it another name under ovos.devices.")
                    .about("ovos.devices.bridge");
        }
        this.publisher = publisher;
        this.conversation = conversation;
        if (!conversation) {
            devices.forEach(device -> CONVERSATION.forEach(property -> publish(topic(device, property), "")));
        }
        // the broker still has what was cleared while it was away
        publisher.onConnected(this::clearAgain);
    }

    /** Whether a property of assistants may be published at all. */
    public boolean isPublic(String property) {
        return conversation || !CONVERSATION.contains(property);
    }

    void changed(String device, String property, Object value) {
        if (isPublic(property)) {
            publish(topic(device, property), payload(value));
        }
    }

    void changed(String device, boolean online) {
        publish(topic(device, "availability"), online ? "{\"state\":\"online\"}" : "{\"state\":\"offline\"}");
    }

    void happened(Events.Event event) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put(TYPE, event.type());
        event.data().forEach(members::putIfAbsent);
        if (!conversation) {
            members.remove(TEXT);
        }
        publisher.publish(topic(event.device(), "event/voice"), Json.write(members), false);
    }

    private void publish(String topic, String payload) {
        synchronized (published) {
            if (!payload.equals(published.put(topic, payload))) {
                publisher.publish(topic, payload, true);
            }
        }
    }

    private void clearAgain() {
        synchronized (published) {
            published.forEach((topic, payload) -> {
                if (payload.isEmpty()) {
                    publisher.publish(topic, payload, true);
                }
            });
        }
    }

    private String topic(String device, String below) {
        return publisher.base() + "/" + device + "/" + below;
    }

    /** {@code ON} or {@code OFF}, a plain number or text, else JSON; empty for null. */
    private static String payload(Object value) {
        if (value == null) {
            return "";
        } else if (value instanceof Boolean on) {
            return on ? "ON" : "OFF";
        } else if (value instanceof Number number) {
            return new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
        } else if (value instanceof String text) {
            return text;
        }
        return Json.write(value);
    }
}
