// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/** Buttons of ESPHome: event entities and binary sensors. */
final class Esphome {

    /** The level is the key: only a change of it is a press. */
    private static final Map<String, Gesture> LEVELS = Map.of("ON", Gesture.SINGLE, "OFF", Gesture.UP);

    private static final Pattern READ = Pattern.compile("event_type");

    private Esphome() {}

    /** {@code <node>/event/<object_id>/state} with {@code {"event_type":"double_click"}}. */
    static List<Press> event(Received message) {
        JsonNode json = message.object();
        String type = message.word(json, "event_type");
        if (type.isEmpty()) {
            Overlooked.check(message, json, READ);
            return List.of();
        }
        JsonNode count = json.path("multi_press_count");
        Gesture gesture = type.equals("multi_press_end") && count.canConvertToInt()
                ? Gesture.times(count.intValue())
                : Gesture.named(type);
        return List.of(new Press(source(message), message.levelFromEnd(1), gesture, message.at(), null));
    }

    /** {@code <node>/binary_sensor/<id>/state} with {@code ON} and {@code OFF}. */
    static List<Press> binary(Received message) {
        String level = message.word();
        Gesture gesture = LEVELS.get(level);
        if (gesture == null) {
            throw Received.unreadable("is neither ON nor OFF");
        }
        return List.of(new Press(source(message), message.levelFromEnd(1), gesture, message.at(), level));
    }

    /** The node, whose prefix may have slashes. */
    private static String source(Received message) {
        List<String> levels = message.levels();
        return String.join("/", levels.subList(0, Math.max(1, levels.size() - 3)));
    }
}
