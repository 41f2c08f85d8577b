// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

import static java.util.Map.entry;

/** Remotes behind Zigbee2MQTT: {@code <base>/<friendly name>}, or the bare word on {@code …/action}. */
final class Zigbee2Mqtt {

    private static final Set<String> NO_STATES = Set.of("availability", "set", "get");
    /** Where the bare word is; older versions say click. */
    private static final Set<String> ACTIONS = Set.of("action", "click");

    private static final Pattern READ = Pattern.compile("action(_.*)?|click");

    private static final Pattern ATTRIBUTES = Pattern.compile(
            "action_.+|battery(_.+)?|voltage|linkquality|last_seen|elapsed|device_.+|power_.+|update(_.+)?|tamper"
                    + "|temperature|operation_mode|.*_count");
    /** Keys that have no other word than their name. */
    private static final Set<String> KEYS = Set.of("on", "off", "toggle");

    private static final Map<String, Gesture> GESTURES = Map.ofEntries(
            entry("press", Gesture.PRESS),
            entry("initial_press", Gesture.PRESS),
            entry("single", Gesture.SINGLE),
            entry("click", Gesture.SINGLE),
            entry("press_release", Gesture.SINGLE),
            entry("short_release", Gesture.SINGLE),
            entry("double", Gesture.DOUBLE),
            entry("double_press", Gesture.DOUBLE),
            entry("triple", Gesture.TRIPLE),
            entry("quadruple", Gesture.QUADRUPLE),
            entry("quintuple", Gesture.QUINTUPLE),
            entry("many", Gesture.MANY),
            entry("long", Gesture.LONG),
            // SOMRIG and SYMFONISK: long_release follows
            entry("long_press", Gesture.LONG_BEGINS),
            entry("hold", Gesture.HOLD),
            entry("release", Gesture.RELEASE),
            entry("hold_release", Gesture.RELEASE),
            entry("long_release", Gesture.RELEASE));

    private static final String COUNTED = "single|double|triple|quadruple|quintuple";
    /** {@code 1_single}, {@code on_press_release}, {@code button_1_hold}; the longest ending counts. */
    private static final Pattern BUTTON_FIRST = Pattern.compile("(?:(.+?)_)?("
            + "press_release|short_release|hold_release|long_release|initial_press|double_press|long_press"
            + "|click|many|long|hold|release|press|" + COUNTED + ")");
    /** {@code single_left}, {@code hold_both}, {@code triple_button_4}. */
    private static final Pattern GESTURE_FIRST = Pattern.compile("(" + COUNTED + "|hold|long|release)_(.+)");

    private static final Pattern NUMBERED = Pattern.compile("button_(\\d+)");

    private Zigbee2Mqtt() {}

    static List<Press> presses(Received message) {
        List<String> levels = message.levels();
        int last = levels.size() - 1;
        boolean bridge = levels.size() > 1 && levels.get(1).equals("bridge");
        if (bridge || NO_STATES.contains(levels.get(last))) {
            return List.of();
        }
        boolean object = message.looksLikeObject();
        // a Zigbee2MQTT whose output is attributes
        if (last > 1 && !object && ATTRIBUTES.matcher(levels.get(last)).matches()) {
            return List.of();
        }
        boolean plain = !object && ACTIONS.contains(levels.get(last));
        String action = plain ? message.word() : action(message);
        if (action.isEmpty() || action.equals("null")) {
            return List.of();
        }
        // a friendly name may have slashes; the base has none unless somebody set it so
        String source = String.join("/", levels.subList(Math.min(1, last), plain ? last : last + 1));
        return List.of(press(source, action, message));
    }

    private static String action(Received message) {
        JsonNode json = message.object();
        String action = message.word(json, "action");
        if (action.isEmpty()) {
            action = message.word(json, "click");
        }
        if (action.isEmpty()) {
            Overlooked.check(message, json, READ);
        }
        return action;
    }

    private static Press press(String source, String action, Received message) {
        if (KEYS.contains(action)) {
            return press(source, action, Gesture.SINGLE, message);
        }
        switch (action) {
            case "brightness_move_up":
                return press(source, "up", Gesture.HOLD, message);
            case "brightness_move_down":
                return press(source, "down", Gesture.HOLD, message);
            case "brightness_stop":
                return press(source, "", Gesture.RELEASE, message);
            default:
        }
        Matcher matcher = BUTTON_FIRST.matcher(action);
        if (matcher.matches()) {
            String button = matcher.group(1) == null ? "" : matcher.group(1);
            Gesture gesture = GESTURES.get(matcher.group(2));
            // 1_triple_press would be button "1_triple": rather a word of its own
            boolean torn =
                    gesture == Gesture.PRESS && BUTTON_FIRST.matcher(button).matches();
            return torn ? press(source, "", Gesture.own(action), message) : press(source, button, gesture, message);
        }
        matcher = GESTURE_FIRST.matcher(action);
        if (matcher.matches()) {
            return press(source, matcher.group(2), GESTURES.get(matcher.group(1)), message);
        }
        return press(source, "", Gesture.own(action), message);
    }

    private static Press press(String source, String button, Gesture gesture, Received message) {
        Matcher numbered = NUMBERED.matcher(button);
        return new Press(source, numbered.matches() ? numbered.group(1) : button, gesture, message.at(), null);
    }
}
