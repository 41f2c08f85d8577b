// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonPointer;

/** Buttons of any other kind: plain text, or a value somewhere in JSON; a table says what the values mean. */
final class Generic {

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
        String value = message.value(message.object().at(path), "value of " + path);
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
