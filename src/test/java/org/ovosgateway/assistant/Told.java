// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import static org.awaitility.Awaitility.await;

/** Listens to all that the package tells, and takes notes of it. */
final class Told {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    Told listenTo(States states) {
        states.onChange((device, property, value) -> lines.add(device + "/" + property + " " + text(value)));
        return this;
    }

    Told listenTo(Events events) {
        events.onEvent(event -> {
            Map<String, Object> members = new LinkedHashMap<>(Map.of("event_type", event.type()));
            members.putAll(event.data());
            lines.add(event.device() + "/event " + text(members));
        });
        return this;
    }

    Told listenTo(Presence presence) {
        presence.onChange((device, online) -> lines.add(device + " " + (online ? "online" : "offline")));
        return this;
    }

    /** As JSON, but a text is bare, and null is unknown. */
    private static String text(Object value) {
        try {
            return value == null ? "unknown" : value instanceof String text ? text : JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    void clear() {
        lines.clear();
    }

    /** All of it, each as {@code <device>/<property> <value>}, {@code <device>/event <JSON>} or {@code <device> online}. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** What was told of one subject, such as {@code default/volume}. */
    List<String> of(String subject) {
        return lines().stream()
                .filter(line -> line.startsWith(subject + " "))
                .map(line -> line.substring(subject.length() + 1))
                .toList();
    }

    /** Waits until this is the latest of a subject. */
    void awaitLatest(String subject, String value) {
        await(subject + " " + value)
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> of(subject),
                        all -> !all.isEmpty() && all.get(all.size() - 1).equals(value));
    }
}
