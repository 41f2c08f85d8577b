// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.function.Predicate;

import org.ovosgateway.api.EventStream;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;

/** A reader of events: the events that it asked for and may get, and the form in which it gets them. */
final class Reader {

    /** The form in which a reader gets an event. */
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
    private final Predicate<String> raw;
    private final Predicate<String> devices;
    private final Form form;
    private EventStream stream;

    /**
     * @param types of events
     * @param raw types of messages of the bus
     */
    Reader(Caller caller, Predicate<String> types, Predicate<String> raw, Predicate<String> devices, Form form) {
        this.caller = caller;
        this.types = types;
        this.raw = raw;
        this.devices = devices;
        this.form = form;
    }

    void attach(EventStream target) {
        stream = target;
    }

    boolean accepts(EncodedEvent event) {
        return (event.device() == null || devices.test(event.device()))
                && (event.user() == null || isOwn(event))
                && isAllowed(event)
                && types.test(event.type());
    }

    /** Whether it asked for the messages of this type on the bus of this device. */
    boolean acceptsRaw(String type, String device) {
        return devices.test(device) && raw.test(type);
    }

    private boolean isOwn(EncodedEvent event) {
        return caller.kind() == Caller.Kind.USER && caller.name().equals(event.user())
                // what others are told is not held against the limits of this one
                || caller.may(History.ALL) && !caller.skills().isLimited();
    }

    private boolean isAllowed(EncodedEvent event) {
        SkillLimits limits = caller.skills();
        return event.skill() == null
                || (event.intent() == null
                        ? limits.mayAsk(event.skill())
                        : limits.mayAsk(event.skill(), event.intent()));
    }

    /** Sends an event, whether the reader {@link #accepts} it or not; false when the reader was too slow and is cut off. */
    boolean send(EncodedEvent event) {
        return stream.offer(form.of(event));
    }

    void end() {
        stream.end();
    }
}
