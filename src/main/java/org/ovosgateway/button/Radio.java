// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
            "9", Gesture.LONG,
            // sent when the finger is down, before each click
            "11", Gesture.HOLD_UNLESS_CLICK);

    private static final Pattern THEENGS_KEYS = Pattern.compile("button(_?\\d{1,2})?");
    private static final Pattern NUMBERED = Pattern.compile("button_?(\\d{1,2})");
    /** Where decoders put the key of a remote; the first that is there. */
    private static final List<String> KEYS =
            List.of("button", "cmd", "code", "value", "Data", "button_id", "button_code", "keycode", "data");
    /** Where a remote for sockets has the socket, in the order in which they say more. */
    private static final List<String> UNITS = List.of("unit", "unitcode", "channel", "slave", "switch");

    private static final List<String> STATES = List.of("state", "command");
    /** What a message has in which a press may be that this does not know. */
    private static final Pattern HINT =
            Pattern.compile("(?i).*(button|btn|keypress|keycode|switch\\d*|click|command|rolling|\\bevent\\b|unit).*");

    private static final Pattern SWITCHES = Pattern.compile("(?i)on|off|0|1");
    private static final String NEXA = "Nexa-Security";

    private Radio() {}

    /** {@code home/<gateway>/BTtoMQTT/<MAC>}: {@code button}, or {@code button1} to {@code button4}. */
    static List<Press> theengs(Received message) {
        JsonNode json = message.object();
        String id = message.word(json, "id");
        String source = id.isEmpty() ? message.levelFromEnd(0) : id;
        String packet = message.word(json, "packet");
        List<Press> presses = new ArrayList<>();
        json.fieldNames().forEachRemaining(name -> {
            Matcher numbered = NUMBERED.matcher(name);
            if (numbered.matches() || name.equals("button")) {
                String word = message.word(json, name);
                Gesture gesture = THEENGS.getOrDefault(word, Gesture.named(word));
                if (!word.isEmpty() && gesture != Gesture.NONE) {
                    String key = numbered.matches() ? numbered.group(1) : "";
                    presses.add(new Press(source, key, gesture, message.at(), packet.isEmpty() ? null : packet));
                }
            }
        });
        if (presses.isEmpty()) {
            if (json.hasNonNull("cipher")) {
                throw Received.unreadable(
                        "is encrypted, so it cannot be seen whether a button was pressed: give the radio gateway the key of the device (bindkey), or switch its encryption off");
            }
            Overlooked.check(message, json, THEENGS_KEYS);
        }
        return presses;
    }

    /**
     * {@code home/<gateway>/433toMQTT}, {@code rtl_433/<host>/events} or Tasmota's {@code RfReceived}: the code of a key
     * is its button; of a remote for sockets the number of the socket, OFF having its own name.
     */
    static List<Press> code(Received message) {
        JsonNode json = message.object();
        for (String inner : List.of("RfReceived", "IrReceived", "message")) {
            if (json.path(inner).isObject()) {
                json = json.path(inner);
            }
        }
        String state = first(message, json, STATES);
        String unit = isOne(message, json, "group") || isOne(message, json, "group_call")
                ? "group"
                : first(message, json, UNITS);
        // any gateway that hears the remote reports one and the same press
        if (SWITCHES.matcher(state).matches() && !unit.isEmpty()) {
            String key = first(message, json, List.of("button"));
            Gesture gesture = state.equalsIgnoreCase("on") || state.equals("1") ? Gesture.SINGLE : Gesture.own("OFF");
            return List.of(new Press(source(message, json), key.isEmpty() ? unit : key, gesture, message.at(), null));
        }
        String key = first(message, json, KEYS);
        if (!key.isEmpty()) {
            return List.of(new Press(source(message, json), key, Gesture.SINGLE, message.at(), null));
        }
        json.fieldNames().forEachRemaining(name -> {
            if (HINT.matcher(name).matches()) {
                throw Received.unreadable(
                        "has '%s', but no key of a remote that is known here: %s, or a state ON or OFF beside %s"
                                .formatted(message.word(name), String.join(", ", KEYS), String.join(", ", UNITS)));
            }
        });
        return List.of();
    }

    private static String first(Received message, JsonNode json, List<String> names) {
        return names.stream()
                .map(name -> message.word(json, name))
                .filter(word -> !word.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static boolean isOne(Received message, JsonNode json, String member) {
        String word = message.word(json, member).toLowerCase(Locale.ROOT);
        return word.equals("1") || word.equals("yes") || word.equals("true");
    }

    private static String source(Received message, JsonNode json) {
        String device = Stream.of("model", "id")
                .map(name -> message.word(json, name))
                .filter(word -> !word.isEmpty())
                // rtl_433 reads one and the same remote as both
                .map(word -> word.equals("Proove-Security") ? NEXA : word)
                .collect(Collectors.joining("/"));
        return device.isEmpty() ? first(message, json, List.of("protocol", "Protocol")) : device;
    }
}
