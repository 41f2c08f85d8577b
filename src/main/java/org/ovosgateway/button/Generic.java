// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;

/** Buttons of any other kind: plain text, or a value somewhere in JSON; a table says what the values mean. */
final class Generic {

    private static final Pattern NOTHING = Pattern.compile("(?!)");

    private final Map<String, Object> values;
    private final JsonPointer path;

    /**
     * @param values value to gesture; a value that is not in it is the name of its gesture
     * @param path where in JSON: {@code event.type}, {@code events.0.type} or {@code /event/type}; may be null for text
     */
    Generic(String values, String path) {
        this.values = Table.of("values", values);
        this.path = path == null ? null : pointer(path);
    }

    List<Press> text(Received message) {
        return presses(message, message.word());
    }

    List<Press> json(Received message) {
        JsonNode json = message.object();
        String value = message.value(json.at(path), "value of " + path);
        if (value.isEmpty()) {
            // what the path leads to says nothing, so the press may be elsewhere
            Overlooked.check(message, json, NOTHING);
        }
        return presses(message, value);
    }

    private List<Press> presses(Received message, String value) {
        Object word = values.get(value);
        if (word == null && value.isEmpty()) {
            return List.of();
        }
        Gesture gesture = Gesture.of(word == null ? value : word.toString());
        return gesture == Gesture.NONE
                ? List.of()
                : List.of(new Press(message.topic(), "", gesture, message.at(), null));
    }

    private static JsonPointer pointer(String path) {
        String pointer = path.startsWith("/")
                ? path
                : "/" + path.replace("~", "~0").replace("/", "~1").replace('.', '/');
        return JsonPointer.compile(pointer);
    }
}
