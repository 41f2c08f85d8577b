// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.Exchange;

/** What an exchange would do to the outside: who gets one notes it here instead of doing it. */
public final class DryRun {

    private static final String PROPERTY = "ovosDryRun";

    private static final int MOST = 500;

    private final List<Map<String, Object>> notes = new CopyOnWriteArrayList<>();

    /** The dry run that this exchange is part of; null when it is meant. */
    public static DryRun of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, DryRun.class);
    }

    /** Makes the exchange part of it. */
    public void join(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** Adds what would have been done, such as {@code {"sends": "mycroft.stop", "device": "default"}}. */
    public void note(Map<String, Object> deed) {
        // a route that runs in a circle, or splits something large
        if (notes.size() < MOST) {
            notes.add(deed);
        }
    }

    /** What would have been done, in this order. */
    public List<Map<String, Object>> notes() {
        return List.copyOf(notes);
    }
}
