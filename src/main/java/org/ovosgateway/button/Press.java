// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One press of a button, whatever sent it.
 *
 * @param source the device, by the name or address it goes by: {@code shellyplus1-a8032abc7158}
 * @param button which of its buttons, by number or name; empty when it has only one
 * @param at when, by the clock of the device; when it was received if the device does not tell
 * @param key what the device numbers its presses with, a second copy having the same one; null if it does not
 */
public record Press(String source, String button, Gesture gesture, Instant at, String key) {

    /** How many presses it took; null when that is not known, or nothing to count. */
    public Integer count() {
        return gesture.count();
    }

    Press with(Gesture other) {
        return new Press(source, button, other, at, key);
    }

    /** For routes and people; without the members that are not known. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("source", source);
        map.put("button", button);
        map.put("gesture", gesture.word());
        if (gesture.event() != null) {
            map.put("event", gesture.event());
        }
        if (count() != null) {
            map.put("count", count());
        }
        map.put("at", at.toString());
        if (key != null) {
            map.put("key", key);
        }
        return map;
    }
}
