// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

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
