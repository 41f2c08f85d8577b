// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

/**
 * What {@code ovos-skill-fallback-unknown} says where nothing else has understood. Some lines of OVOS count that as
 * understood, so the {@code speak} is the only sign that all of them have.
 */
public final class Apology {

    private static final String DIALOG = "unknown";
    private static final String SKILL = "ovos-skill-fallback-unknown.";

    private Apology() {}

    /** Whether a {@code speak} is one, by the {@code skill} and the {@code dialog} of its {@code meta}. */
    public static boolean is(Object skill, Object dialog) {
        return DIALOG.equals(dialog) && String.valueOf(skill).startsWith(SKILL);
    }
}
