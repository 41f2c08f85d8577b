// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/** Buttons and inputs of Shelly: first generation, RPC, and Bluetooth through a gateway or a script. */
final class Shelly {

    private static final int MOST_EVENTS = 32;
    private static final Map<String, Gesture> GEN1 = Map.of(
            "", Gesture.NONE,
            "S", Gesture.SINGLE,
            "SS", Gesture.DOUBLE,
            "SSS", Gesture.TRIPLE,
            "L", Gesture.LONG);
    /** Short and long in a row, which only the i3 says. */
    static final Set<String> GEN1_WORDS = Set.of("SL", "LS");

    private static final Map<String, Gesture> RPC = Map.of(
            "btn_down", Gesture.PRESS,
            "btn_up", Gesture.UP,
            "single_push", Gesture.SINGLE,
            "double_push", Gesture.DOUBLE,
            "triple_push", Gesture.TRIPLE,
            "hold_push", Gesture.HOLD_UNLESS_CLICK,
            "hold", Gesture.HOLD_UNLESS_CLICK);

    static final Set<String> RPC_WORDS = Set.of("long_double_push", "long_triple_push");

    /**
     * BTHome, object 0x3A. Firmware of the four-button models before 1.0.20 sends 0xFE when the finger is down, before
     * each click; newer firmware sends 0x80 after some seconds, and 4 at the end.
     */
    private static final Map<Integer, Gesture> BTHOME = Map.of(
            1, Gesture.SINGLE,
            2, Gesture.DOUBLE,
            3, Gesture.TRIPLE,
            4, Gesture.LONG,
            0x80, Gesture.HOLD_UNLESS_CLICK,
            0xFE, Gesture.HOLD_UNLESS_CLICK);

    private static final Pattern PUSH = Pattern.compile("btn_\\w+|\\w+_push|hold");
    private static final Pattern LIKE_A_PUSH =
            Pattern.compile("(?i).*(push|press|click|button|btn|hold|release|single|double|triple|long).*");
    private static final Pattern COMPONENT = Pattern.compile("(input|bthomedevice|bthomesensor):(\\d{1,9})");
    private static final Pattern GEN1_READ = Pattern.compile("event");
    private static final Pattern NUMBERED_OR_ONE = Pattern.compile("button(_?\\d{1,2})?");
    private static final Pattern NUMBERED = Pattern.compile("button_?(\\d{1,2})");
    private static final Pattern SCRIPT = Pattern.compile("script:\\d{1,9}");

    private Shelly() {}

    /** {@code shellies/<device>/input_event/<i>}: the counter tells a press from its repetition. */
    static List<Press> gen1(Received message) {
        if (!message.levelFromEnd(1).equals("input_event")) {
            return List.of();
        }
        JsonNode json = message.object();
        if (!json.has("event")) {
            Overlooked.check(message, json, GEN1_READ);
            return List.of();
        }
        String event = message.word(json, "event");
        String count = message.word(json, "event_cnt");
        return List.of(new Press(
                message.levelFromEnd(2),
                message.levelFromEnd(0),
                GEN1.getOrDefault(event, Gesture.own(event)),
                message.at(),
                count.isEmpty() ? null : count));
    }

    /** {@code <prefix>/events/rpc}: inputs, and Bluetooth buttons that were added to the device. */
    static List<Press> rpc(Received message) {
        JsonNode frame = message.object();
        List<Press> presses = new ArrayList<>();
        JsonNode overlooked = null;
        for (JsonNode event : events(message, frame)) {
            String component = message.word(event, "component");
            String word = message.word(event, "event");
            Matcher matcher = COMPONENT.matcher(component);
            if (!matcher.matches() || !PUSH.matcher(word).matches()) {
                overlooked = matcher.matches() && LIKE_A_PUSH.matcher(word).matches() ? event : overlooked;
                continue;
            }
            boolean input = matcher.group(1).equals("input");
            String index = message.word(event, "idx");
            String ts = message.word(event.has("ts") ? event : frame.path("params"), "ts");
            presses.add(new Press(
                    input ? source(message, frame) : source(message, frame) + "/" + component,
                    input ? matcher.group(2) : index,
                    rpc(word, input),
                    message.seconds(event.path("ts"), frame.path("params").path("ts")),
                    ts.isEmpty() ? null : String.join(" ", ts, component, index).trim()));
        }
        if (presses.isEmpty() && overlooked != null) {
            throw Received.unreadable("has the event %s of %s, which is no press that is known here"
                    .formatted(
                            Overlooked.value(overlooked.path("event")),
                            Overlooked.value(overlooked.path("component"))));
        }
        return presses;
    }

    private static Gesture rpc(String word, boolean input) {
        if (word.equals("long_push")) {
            // only an input tells with btn_up that it was let go
            return input ? Gesture.LONG_BEGINS : Gesture.LONG;
        }
        return RPC.getOrDefault(word, Gesture.own(word));
    }

    /** {@code <prefix>/events/rpc} of the script ble-shelly-blu, or a bare address of universal-blu-to-mqtt. */
    static List<Press> bluScript(Received message) {
        JsonNode frame = message.object();
        if (frame.has("service_data")) {
            String address = message.word(frame, "addr");
            String source = address.isEmpty() ? message.levelFromEnd(0) : address;
            JsonNode data = frame.path("service_data");
            List<Press> presses = blu(message, source, data);
            if (presses.isEmpty()) {
                overlooked(message, source, data);
            }
            return presses;
        }
        List<Press> presses = new ArrayList<>();
        JsonNode last = null;
        for (JsonNode event : events(message, frame)) {
            JsonNode data = event.path("data");
            if (SCRIPT.matcher(message.word(event, "component")).matches()
                    && message.word(event, "event").equals("shelly-blu")) {
                presses.addAll(blu(message, message.word(data, "address"), data));
                last = data;
            }
        }
        if (presses.isEmpty() && last != null) {
            overlooked(message, message.word(last, "address"), last);
        }
        return presses;
    }

    private static void overlooked(Received message, String address, JsonNode data) {
        if (data.path("encryption").asBoolean()) {
            throw Received.unreadable(
                    "is encrypted, so it cannot be seen which button of %s was pressed: switch the encryption of the button off in the Shelly app, or add the button with its key to a Shelly and take the template shelly-rpc-button"
                            .formatted(message.word(address)));
        }
        Overlooked.check(message, data, NUMBERED_OR_ONE);
    }

    private static List<Press> blu(Received message, String address, JsonNode data) {
        if (data.path("encryption").asBoolean()) {
            return List.of();
        }
        String source = message.word(address.toLowerCase(Locale.ROOT));
        String packet = message.word(data, "pid");
        List<Press> presses = new ArrayList<>();
        keys(message, data).forEach((button, value) -> {
            Gesture gesture = bthome(message, value);
            if (gesture != Gesture.NONE) {
                presses.add(new Press(source, button, gesture, message.at(), packet.isEmpty() ? null : packet));
            }
        });
        return presses;
    }

    /** What its keys say: {@code button} as a number or a list, or {@code button_1} and so on. */
    private static Map<String, JsonNode> keys(Received message, JsonNode data) {
        Map<String, JsonNode> keys = new LinkedHashMap<>();
        JsonNode buttons = data.path("button");
        if (buttons.isArray()) {
            for (int i = 0; i < buttons.size(); i++) {
                keys.put(String.valueOf(i + 1), buttons.get(i));
            }
        } else if (!buttons.isMissingNode() && !buttons.isNull()) {
            keys.put("", buttons);
        }
        data.properties().forEach(field -> {
            Matcher numbered = NUMBERED.matcher(field.getKey());
            if (numbered.matches() && !field.getValue().isNull()) {
                keys.put(numbered.group(1), field.getValue());
            }
        });
        if (keys.size() > MOST_EVENTS) {
            throw Received.unreadable("has more than %d buttons".formatted(MOST_EVENTS));
        }
        return keys;
    }

    private static Gesture bthome(Received message, JsonNode button) {
        if (!button.isIntegralNumber() || !button.canConvertToInt() || button.intValue() < 0) {
            throw Received.unreadable("has a button that is no number from 0 to 255");
        }
        int number = button.intValue();
        if (number > 255) {
            throw Received.unreadable(
                    ("has %d as button, where a number from 0 to 255 belongs: the script on the Shelly"
                                    + " reads two bytes; let it read one for the object 0x3A")
                            .formatted(number));
        }
        return number == 0 ? Gesture.NONE : BTHOME.getOrDefault(number, Gesture.own(String.valueOf(number)));
    }

    private static Iterable<JsonNode> events(Received message, JsonNode frame) {
        JsonNode events = frame.path("params").path("events");
        if (!frame.path("method").asText().equals("NotifyEvent") || !events.isArray()) {
            return List.of();
        }
        if (events.size() > MOST_EVENTS) {
            throw Received.unreadable("has more than %d events".formatted(MOST_EVENTS));
        }
        return events;
    }

    private static String source(Received message, JsonNode frame) {
        String source = message.word(frame, "src");
        return source.isEmpty() ? message.topic().replaceFirst("/events/rpc$", "") : source;
    }
}
