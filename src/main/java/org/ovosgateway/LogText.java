// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

/**
 * What a caller has sent, such as a name, a topic or a path, as it may stand in a log: printable ASCII.
 *
 * <p>All else is escaped. A line break begins a line that looks like one of ours, a control character moves the cursor of a
 * terminal, and others such as U+202E turn the direction of what follows.
 */
public final class LogText {

    private static final int MAX = 512;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private LogText() {}

    /** A value within a sentence; its spaces and quotes stay. */
    public static String of(Object value) {
        return append(new StringBuilder(), value, true).toString();
    }

    /** Appends a value so that it stays one field of one line: its spaces are escaped too, and nothing is a dash. */
    public static StringBuilder field(StringBuilder line, Object value) {
        return append(line, value, false);
    }

    private static StringBuilder append(StringBuilder line, Object value, boolean spaces) {
        String text = value == null ? "" : value.toString();
        if (text.isEmpty()) {
            return line.append('-');
        }
        int length = Math.min(text.length(), MAX);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c > ' ' && c < 0x7f && c != '\\' && (c != '"' || spaces) || c == ' ' && spaces) {
                line.append(c);
            } else if (c < 0x100) {
                line.append("\\x").append(HEX[c >> 4]).append(HEX[c & 15]);
            } else {
                line.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    line.append(HEX[c >> shift & 15]);
                }
            }
        }
        return text.length() > MAX ? line.append("...") : line;
    }
}
