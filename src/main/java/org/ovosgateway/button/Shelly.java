// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private static final Map<String, Gesture> RPC = Map.of(
            "btn_down", Gesture.PRESS,
            "btn_up", Gesture.UP,
            "single_push", Gesture.SINGLE,
            "double_push", Gesture.DOUBLE,
            "triple_push", Gesture.TRIPLE);
    /** BTHome, object 0x3A; 0xFE is the hold of older firmware. */
    private static final Map<Integer, Gesture> BTHOME = Map.of(
            1, Gesture.SINGLE,
            2, Gesture.DOUBLE,
            3, Gesture.TRIPLE,
            4, Gesture.LONG,
            0x80, Gesture.HOLD,
            0xFE, Gesture.HOLD);

    private static final Pattern PUSH = Pattern.compile("btn_\\w+|\\w+_push");
    private static final Pattern COMPONENT = Pattern.compile("(input|bthomedevice|bthomesensor):(\\d{1,9})");
    private static final Pattern SCRIPT = Pattern.compile("script:\\d{1,9}");

    private Shelly() {}

    /** {@code shellies/<device>/input_event/<i>}: the counter tells a press from its repetition. */
    static List<Press> gen1(Received message) {
        if (!message.levelFromEnd(1).equals("input_event")) {
            return List.of();
        }
        JsonNode json = message.object();
        if (!json.has("event")) {
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
        for (JsonNode event : events(message, frame)) {
            String component = message.word(event, "component");
            String word = message.word(event, "event");
            Matcher matcher = COMPONENT.matcher(component);
            if (!matcher.matches() || !PUSH.matcher(word).matches()) {
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
            return blu(message, address.isEmpty() ? message.levelFromEnd(0) : address, frame.path("service_data"));
        }
        List<Press> presses = new ArrayList<>();
        for (JsonNode event : events(message, frame)) {
            JsonNode data = event.path("data");
            if (SCRIPT.matcher(message.word(event, "component")).matches()
                    && message.word(event, "event").equals("shelly-blu")) {
                presses.addAll(blu(message, message.word(data, "address"), data));
            }
        }
        return presses;
    }

    private static List<Press> blu(Received message, String address, JsonNode data) {
        JsonNode buttons = data.path("button");
        if (data.path("encryption").asBoolean() || buttons.isMissingNode() || buttons.isNull()) {
            return List.of();
        }
        String source = message.word(address.toLowerCase(Locale.ROOT));
        String packet = message.word(data, "pid");
        List<Press> presses = new ArrayList<>();
        int keys = buttons.isArray() ? buttons.size() : 1;
        if (keys > MOST_EVENTS) {
            throw message.unreadable("has more than %d buttons".formatted(MOST_EVENTS));
        }
        for (int i = 0; i < keys; i++) {
            Gesture gesture = bthome(message, buttons.isArray() ? buttons.get(i) : buttons);
            if (gesture != Gesture.NONE) {
                String button = buttons.isArray() ? String.valueOf(i + 1) : "";
                presses.add(new Press(source, button, gesture, message.at(), packet.isEmpty() ? null : packet));
            }
        }
        return presses;
    }

    private static Gesture bthome(Received message, JsonNode button) {
        if (!button.isIntegralNumber() || !button.canConvertToInt() || button.intValue() < 0) {
            throw message.unreadable("has a button that is no number from 0 to 255");
        }
        int number = button.intValue();
        if (number > 255) {
            throw message.unreadable(("has %d as button, where a number from 0 to 255 belongs: the script on the Shelly"
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
            throw message.unreadable("has more than %d events".formatted(MOST_EVENTS));
        }
        return events;
    }

    private static String source(Received message, JsonNode frame) {
        String source = message.word(frame, "src");
        return source.isEmpty() ? message.topic().replaceFirst("/events/rpc$", "") : source;
    }
}
