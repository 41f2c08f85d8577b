// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a finger did to a button.
 *
 * @param word as routes name it: {@code single}; of a device with words of its own, its word: {@code shake}
 * @param event the standard button event of Home Assistant (2026.8), such as {@code press_end}; null when there is none
 * @param count how many presses it took; null when that is not known, or nothing to count
 * @param settles how long to wait for another word of the same button, which then counts instead of this one
 */
public record Gesture(String word, String event, Integer count, Duration settles) {

    /** Nothing was pressed; told by a source that counts or has a level, so it is worth remembering. */
    static final Gesture NONE = new Gesture("none", null, null);
    /** The finger is down. */
    static final Gesture PRESS = new Gesture("press", "press_start", null);
    /** The finger is up: no event of its own, but the end of a hold if there was one. */
    static final Gesture UP = new Gesture("up", null, null);

    static final Gesture SINGLE = new Gesture("single", "press_end", 1);
    static final Gesture DOUBLE = multiple("double", 2);
    static final Gesture TRIPLE = multiple("triple", 3);
    static final Gesture QUADRUPLE = multiple("quadruple", 4);
    static final Gesture QUINTUPLE = multiple("quintuple", 5);
    static final Gesture MANY = multiple("many", null);
    /** Of a source that says nothing more when the button is let go. */
    static final Gesture LONG = new Gesture("long", "long_press_end", null);
    /** Of a source that tells the end too. */
    static final Gesture LONG_BEGINS = new Gesture("long", "long_press_start", null);

    static final Gesture HOLD = new Gesture("hold", "long_press_start", null);
    static final Gesture RELEASE = new Gesture("release", "long_press_end", null);

    /** Of a source that sends it when the finger is down, and a click after that when it was one. */
    static final Gesture HOLD_UNLESS_CLICK = new Gesture("hold", "long_press_start", null, Duration.ofMillis(1500));
    /** Of a source that sends it for each press of several, and their number after that. */
    static final Gesture SINGLE_UNLESS_MORE = new Gesture("single", "press_end", 1, Duration.ofMillis(700));

    private static final Map<String, Gesture> WORDS = Stream.of(
                    NONE, PRESS, UP, SINGLE, DOUBLE, TRIPLE, QUADRUPLE, QUINTUPLE, MANY, LONG, HOLD, RELEASE)
            .collect(Collectors.toUnmodifiableMap(Gesture::word, Function.identity()));

    /** What authors of firmware call the same, Home Assistant's words included. */
    private static final Map<String, Gesture> SYNONYMS = synonyms();

    private Gesture(String word, String event, Integer count) {
        this(word, event, count, Duration.ZERO);
    }

    /** The words of all gestures. */
    static Set<String> words() {
        return WORDS.keySet();
    }

    /** The gesture of this word, in any case; a word of its own when it is none of ours. */
    static Gesture of(String word) {
        Gesture known = WORDS.get(word.toLowerCase(Locale.ROOT));
        return known == null ? own(word) : known;
    }

    /** As {@link #of}, and knows the usual synonyms: {@code double_click}. */
    static Gesture named(String word) {
        Gesture known = SYNONYMS.get(word);
        return known == null ? of(word) : known;
    }

    /** A gesture that only its device knows; a route may name it. */
    static Gesture own(String word) {
        return new Gesture(word, null, null);
    }

    /** So many presses in a row. */
    static Gesture times(int count) {
        return switch (count) {
            case 1 -> SINGLE;
            case 2 -> DOUBLE;
            case 3 -> TRIPLE;
            case 4 -> QUADRUPLE;
            case 5 -> QUINTUPLE;
            default -> count > 5 ? multiple("many", count) : MANY;
        };
    }

    boolean begins() {
        return "long_press_start".equals(event);
    }

    private static Gesture multiple(String word, Integer count) {
        return new Gesture(word, "multi_press_end", count);
    }

    private static Map<String, Gesture> synonyms() {
        Map<String, Gesture> synonyms = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        synonyms.put("press_start", PRESS);
        synonyms.put("press_end", SINGLE_UNLESS_MORE);
        synonyms.put("multi_press_end", MANY);
        synonyms.put("long_press_start", HOLD);
        synonyms.put("long_press_end", RELEASE);
        synonyms.put("click", SINGLE);
        synonyms.put("long_release", RELEASE);
        synonyms.put("hold_release", RELEASE);
        for (Gesture gesture : new Gesture[] {SINGLE, DOUBLE, TRIPLE, QUADRUPLE, QUINTUPLE, LONG}) {
            for (String noun : new String[] {"click", "press", "push"}) {
                synonyms.put(gesture.word + "_" + noun, gesture);
                synonyms.put(gesture.word + noun, gesture);
            }
        }
        return synonyms;
    }
}
