// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Map;
import java.util.Set;

import io.vertx.core.buffer.Buffer;

/**
 * One event of a {@code text/event-stream}, as the HTML standard defines it.
 *
 * @param id what a caller sends as {@code Last-Event-ID} when it comes back; null for none
 * @param event its type; null is {@code message}
 * @param data text as it is, anything else as JSON; null for an event without data, which browsers do not show
 * @param retry milliseconds after which a caller comes back; null says nothing about it
 */
public record ServerSentEvent(String id, String event, Object data, Long retry) {

    private static final Set<String> MEMBERS = Set.of("id", "event", "data", "retry");

    /** Encoded once for many callers; a route may answer with this in its place. */
    public Buffer encoded() {
        return SeriesFormat.EVENTS.write(this);
    }

    /** An event as a route in YAML makes it, a map with {@code data} and perhaps the others; anything else is the data. */
    static ServerSentEvent of(Object element) {
        if (element instanceof ServerSentEvent event) {
            return event;
        }
        if (element instanceof Map<?, ?> map && map.containsKey("data") && MEMBERS.containsAll(map.keySet())) {
            return new ServerSentEvent(
                    text(map.get("id")),
                    text(map.get("event")),
                    map.get("data"),
                    map.get("retry") instanceof Number millis ? millis.longValue() : null);
        }
        return new ServerSentEvent(null, null, element, null);
    }

    private static String text(Object value) {
        return value == null ? null : value.toString();
    }
}
