// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.nio.file.Path;
import java.util.Locale;

/** What is behind the bus in a test. */
public enum Line {
    /** The one of the demo. */
    SIMULATED(null),
    /** What people run today. */
    TODAY("today"),
    /** The stable line before it. */
    STABLE("stable"),
    /** The line that comes: messages with new names, each with a twin that has the old one. */
    ALPHA("alpha"),
    /** The same where only the new names are on the wire. */
    ALPHA_WITHOUT_TWINS("alpha");

    /** Its list of packages in {@code src/test/ovos}; null for what needs none. */
    final String pins;

    Line(String pins) {
        this.pins = pins;
    }

    /** For what it logs. */
    Path folder() {
        return OutsideProgram.BUILD
                .resolve("assistants")
                .resolve(name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
