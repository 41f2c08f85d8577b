// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a gesture does: nothing, {@code stop}, or {@code utterance: what time is it}.
 *
 * @param command null for nothing
 * @param payload text, a map, or null
 */
record Action(String command, Object payload) {

    static final Action NONE = new Action(null, null);

    private static final Pattern TEXT = Pattern.compile("([a-z][a-z0-9_]{0,63})\\s*(?::\\s*(.*\\S)?)?", Pattern.DOTALL);

    /** @throws IllegalArgumentException when it is none of the three */
    static Action of(String gesture, String text) {
        String action = text == null ? "" : text.strip();
        if (action.isEmpty() || action.equals("none")) {
            return NONE;
        }
        if (action.startsWith("{")) {
            return of(gesture, Table.of("on." + gesture, action));
        }
        Matcher matcher = TEXT.matcher(action);
        if (!matcher.matches()) {
            throw wrong(gesture, action);
        }
        String payload = matcher.group(2);
        return new Action(
                matcher.group(1),
                payload != null && payload.startsWith("{") ? Table.of("on." + gesture, payload) : payload);
    }

    /** As {@link #of(String, String)}, of what stands in a table. */
    static Action of(String gesture, Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return of(gesture, value == null ? "" : value.toString());
        }
        if (map.size() != 1) {
            throw wrong(gesture, map.toString());
        }
        Map.Entry<?, ?> entry = map.entrySet().iterator().next();
        Action action = of(gesture, String.valueOf(entry.getKey()));
        Object payload = entry.getValue();
        return new Action(action.command, payload == null || payload instanceof Map ? payload : payload.toString());
    }

    private static IllegalArgumentException wrong(String gesture, String text) {
        return new IllegalArgumentException(
                "on.%s is 'none', a command such as 'stop', or a command and its payload such as 'utterance: good night'; not '%s'"
                        .formatted(gesture, text));
    }

    boolean isNone() {
        return command == null;
    }
}
