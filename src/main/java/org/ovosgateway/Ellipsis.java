// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

/** Shortens what others have written, for a person who reads it in a sentence of ours. */
public final class Ellipsis {

    private Ellipsis() {}

    /** The text if it has at most this many characters; else its beginning, and {@code …}. No character is cut in two. */
    public static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "…";
    }
}
