// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Arrays;
import java.util.Locale;

/** The processes of an assistant that answer for themselves. */
public enum Part {
    CORE("skills", "ovos-core"),
    LISTENER("voice", "the listener"),
    AUDIO("audio", "ovos-audio"),
    PHAL("PHAL", "ovos-PHAL");

    private final String service;
    private final String title;

    Part(String service, String title) {
        this.service = service;
        this.title = title;
    }

    /**
     * The part with a label.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Part of(String label) {
        return Arrays.stream(values())
                .filter(part -> part.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "An assistant has the parts core, listener, audio and phal, but no '%s'".formatted(label)));
    }

    /** As callers read it: {@code core}, {@code listener}, {@code audio}, {@code phal}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As it is named on the bus. */
    String service() {
        return service;
    }

    /** As people know it. */
    String title() {
        return title;
    }
}
