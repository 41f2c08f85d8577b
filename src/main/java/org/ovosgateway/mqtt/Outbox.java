// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.concurrent.Executor;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Counter;

/**
 * Sends what goes to the broker, in order and no more at once than the broker takes, and what is retained again on each new
 * connection. Not thread-safe: it belongs to one Vert.x context.
 */
final class Outbox {

    /** Or fewer, if the broker says so. */
    private static final int IN_FLIGHT = 10;

    private final Executor context;
    private final Outgoing outgoing;
    private final Counter published;
    private final Counter dropped;
    private Link link;
    private int inFlight;
    private int window = IN_FLIGHT;

    /**
     * @param context to which it belongs
     * @param bytes for messages that wait, and as many for what is retained
     * @param published counts messages that the broker has taken
     * @param dropped counts messages that are lost
     */
    Outbox(Executor context, long bytes, Counter published, Counter dropped) {
        this.context = context;
        this.outgoing = new Outgoing(bytes);
        this.published = published;
        this.dropped = dropped;
    }

    /** From now on the broker is reached by this connection. */
    void open(Link connection, Terms terms) {
        link = connection;
        inFlight = 0;
        window = Math.min(IN_FLIGHT, terms.receiveMaximum());
    }

    /** The connection is lost. */
    void close() {
        link = null;
        dropped.increment(outgoing.clear());
    }

    /** Sends it; what is retained is kept here too, what is not is lost while there is no connection. */
    void publish(Publication message) {
        if (message.retained()) {
            outgoing.keep(message);
        }
        if (link != null) {
            send(message);
        } else if (!message.retained()) {
            dropped.increment();
        }
    }

    /** Sends it now or never. */
    void send(Publication message) {
        dropped.increment(outgoing.add(message));
        pump();
    }

    /** Sends what is retained on these topics again, and this message of the gateway itself, if it is one of them. */
    void repeat(Publication own, Predicate<String> topics) {
        if (topics.test(own.topic())) {
            outgoing.repeat(own);
        }
        outgoing.retained().stream()
                .filter(message -> topics.test(message.topic()))
                .forEach(outgoing::repeat);
        pump();
    }

    private void pump() {
        Link to = link;
        while (to != null && inFlight < window) {
            Outgoing.Waiting next = outgoing.poll();
            if (next == null) {
                return;
            }
            inFlight++;
            to.publish(next.message(), delivery -> context.execute(() -> delivered(to, next, delivery)));
        }
    }

    private void delivered(Link to, Outgoing.Waiting sent, Link.Delivery delivery) {
        if (delivery == Link.Delivery.LOST) {
            outgoing.lost(sent);
            dropped.increment(sent.message().retained() ? 0 : 1);
        } else {
            outgoing.taken(sent);
            (delivery == Link.Delivery.TAKEN ? published : dropped).increment();
        }
        if (to == link) {
            inFlight--;
            pump();
        }
    }
}
