// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.function.Predicate;

import org.ovosgateway.api.EventStream;
import org.ovosgateway.auth.Caller;

/** One who hears of events: what it wants to hear, of that what it may hear, and how it is told. */
final class Reader {

    /** Whose conversations with the assistant are not only one's own. */
    private static final String ALL = "history:all";

    /** How a reader is sent an event. */
    enum Form {
        SSE {
            @Override
            Object of(EncodedEvent event) {
                return event.sse();
            }
        },
        WEBSOCKET {
            @Override
            Object of(EncodedEvent event) {
                return event.json();
            }
        };

        abstract Object of(EncodedEvent event);
    }

    private final Caller caller;
    private final Predicate<String> types;
    private final Predicate<String> devices;
    private final Form form;
    private EventStream stream;

    Reader(Caller caller, Predicate<String> types, Predicate<String> devices, Form form) {
        this.caller = caller;
        this.types = types;
        this.devices = devices;
        this.form = form;
    }

    void tellOn(EventStream told) {
        stream = told;
    }

    boolean hears(EncodedEvent event) {
        return (event.device() == null || devices.test(event.device()))
                && (event.user() == null || isOwn(event))
                && types.test(event.type());
    }

    private boolean isOwn(EncodedEvent event) {
        return caller.kind() == Caller.Kind.USER && caller.name().equals(event.user()) || caller.may(ALL);
    }

    /** Sends it, whether it wants that or not; gives false when the reader was too slow, and is cut off. */
    boolean tell(EncodedEvent event) {
        return stream.offer(form.of(event));
    }

    void end() {
        stream.end();
    }
}
