// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/** Buttons and switches of Tasmota: as actions, and as commands or numbers on topics. */
final class Tasmota {

    private static final Set<String> PREFIXES = Set.of("cmnd", "stat", "tele");
    private static final Map<String, Gesture> ACTIONS = Map.of(
            "SINGLE", Gesture.SINGLE,
            "DOUBLE", Gesture.DOUBLE,
            "TRIPLE", Gesture.TRIPLE,
            "QUAD", Gesture.QUADRUPLE,
            "PENTA", Gesture.QUINTUPLE,
            "HOLD", Gesture.HOLD,
            "CLEAR", Gesture.RELEASE,
            "TOGGLE", Gesture.SINGLE,
            // of a push-button on a switch, OFF follows when it is let go: one press is one single
            "ON", Gesture.SINGLE);
    /** What switches say beside that. */
    static final Set<String> WORDS = Set.of(
            "OFF",
            "INC_DEC",
            "INV",
            "POWER_INCREMENT",
            "POWER_INV",
            "POWER_CLEAR",
            "POWER_RELEASE",
            "POWER_100",
            "POWER_DELAYED");

    private static final Map<String, Gesture> STATES = Map.of(
            "2", Gesture.SINGLE,
            "3", Gesture.HOLD,
            "10", Gesture.SINGLE,
            "11", Gesture.DOUBLE,
            "12", Gesture.TRIPLE,
            "13", Gesture.QUADRUPLE,
            "14", Gesture.QUINTUPLE,
            "15", Gesture.RELEASE);

    private static final Pattern KEY = Pattern.compile("(?:Button|Switch)(\\d{1,3})");
    /** Where a switch is. */
    private static final Set<String> LEVELS = Set.of("ON", "OFF");

    private static final Pattern RAW_COMMAND = Pattern.compile("[0-9A-Fa-f]{4}!.*");
    private static final Pattern LEVEL = Pattern.compile("(POWER|BUTTON)(\\d{0,3})");

    private Tasmota() {}

    /** {@code stat/<topic>/RESULT} with {@code {"Button1":{"Action":"SINGLE"}}}, and clicks of its Zigbee bridge. */
    static List<Press> action(Received message) {
        List<Press> presses = new ArrayList<>();
        JsonNode json = message.object();
        json.properties().forEach(field -> {
            Matcher key = KEY.matcher(field.getKey());
            String action = key.matches() ? message.word(field.getValue(), "Action") : "";
            if (!action.isEmpty()) {
                presses.add(press(message, source(message), key.group(1), gesture(action)));
            }
        });
        json.path("ZbReceived")
                .properties()
                .forEach(device ->
                        zigbee(message, device.getKey(), device.getValue()).ifPresent(presses::add));
        // with a time it is telemetry
        if (presses.isEmpty() && !json.has("Time")) {
            json.properties().forEach(field -> requireNoKey(field.getKey(), field.getValue()));
        }
        return presses;
    }

    private static void requireNoKey(String name, JsonNode value) {
        boolean level = name.startsWith("Switch") && LEVELS.contains(value.asText());
        if (KEY.matcher(name).matches() && !value.isNull() && !level) {
            throw Received.unreadable(
                    "has '%s' with %s, where {\"Action\":\"SINGLE\"} or the like belongs: set SetOption73 1 for buttons, SetOption114 1 for switches"
                            .formatted(name, Overlooked.value(value)));
        }
    }

    /** A remote behind Tasmota's Zigbee bridge: the endpoint is its button. */
    private static Optional<Press> zigbee(Received message, String address, JsonNode device) {
        String click = message.word(device, "Click");
        String power = message.word(device, "Power");
        String endpoint = message.word(device, "Endpoint");
        String name = message.word(device, "Name");
        String source = name.isEmpty() ? message.word(address) : name;
        if (!click.isEmpty()) {
            return Optional.of(press(message, source, endpoint, Gesture.named(click)));
        }
        // 0 and 1 are the state of a lamp, the rest are commands of a remote
        switch (power.toLowerCase(Locale.ROOT)) {
            case "2", "toggle", "on":
                return Optional.of(press(message, source, endpoint, Gesture.SINGLE));
            case "off":
                return Optional.of(press(message, source, endpoint, Gesture.own("OFF")));
            default:
        }
        device.fieldNames().forEachRemaining(field -> {
            if (RAW_COMMAND.matcher(field).matches()) {
                throw Received.unreadable(
                        "has the raw Zigbee command %s, which Tasmota does not name".formatted(message.word(field)));
            }
        });
        return Optional.empty();
    }

    /** {@code cmnd/<t>/POWER<n>} of ButtonTopic and SwitchTopic, or {@code stat/<t>/BUTTON<n>} of a rule. */
    static List<Press> topic(Received message) {
        Matcher level = LEVEL.matcher(message.levelFromEnd(0));
        if (!level.matches()) {
            return List.of();
        }
        if (message.looksLikeObject()) {
            return action(message);
        }
        String text = message.word();
        if (text.isEmpty()) {
            return List.of();
        }
        Gesture gesture = level.group(1).equals("BUTTON") ? STATES.getOrDefault(text, gesture(text)) : gesture(text);
        return List.of(press(message, source(message), level.group(2), gesture));
    }

    private static Gesture gesture(String word) {
        return ACTIONS.getOrDefault(word.toUpperCase(Locale.ROOT), Gesture.own(word));
    }

    private static Press press(Received message, String source, String button, Gesture gesture) {
        return new Press(source, button, gesture, message.at(), null);
    }

    /** What the user calls the device; its place in the topic can be configured. */
    private static String source(Received message) {
        List<String> levels = new ArrayList<>(message.levels());
        levels.remove(levels.size() - 1);
        if (levels.size() > 1) {
            levels.stream().filter(PREFIXES::contains).findFirst().ifPresent(levels::remove);
        }
        return String.join("/", levels);
    }
}
