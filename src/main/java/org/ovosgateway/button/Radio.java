// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

/** Buttons that a radio gateway decodes: Bluetooth by Theengs, 433 MHz by OpenMQTTGateway or rtl_433. */
final class Radio {

    private static final Map<String, Gesture> THEENGS = Map.of(
            "0", Gesture.NONE,
            "1", Gesture.SINGLE,
            "2", Gesture.DOUBLE,
            "3", Gesture.TRIPLE,
            "9", Gesture.LONG);
    /** Where decoders put the key of a remote; the first that is there. */
    private static final List<String> KEYS = List.of("button", "cmd", "code", "value");

    private Radio() {}

    /** {@code home/<gateway>/BTtoMQTT/<MAC>}. */
    static List<Press> theengs(Received message) {
        JsonNode json = message.object();
        String button = message.word(json, "button");
        Gesture gesture = THEENGS.getOrDefault(button, Gesture.own(button));
        if (button.isEmpty() || gesture == Gesture.NONE) {
            return List.of();
        }
        String id = message.word(json, "id");
        String packet = message.word(json, "packet");
        return List.of(new Press(
                id.isEmpty() ? message.levelFromEnd(0) : id,
                "",
                gesture,
                message.at(),
                packet.isEmpty() ? null : packet));
    }

    /** {@code home/<gateway>/433toMQTT} or {@code rtl_433/<host>/events}: the code of a key is its button. */
    static List<Press> code(Received message) {
        JsonNode json = message.object();
        String key = KEYS.stream()
                .map(name -> message.word(json, name))
                .filter(word -> !word.isEmpty())
                .findFirst()
                .orElse("");
        if (key.isEmpty()) {
            return List.of();
        }
        String device = Stream.of("model", "id")
                .map(name -> message.word(json, name))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining("/"));
        // any gateway that hears the remote tells of one and the same press
        String source = device.isEmpty() ? message.word(json, "protocol") : device;
        return List.of(new Press(source, key, Gesture.SINGLE, message.at(), null));
    }
}
