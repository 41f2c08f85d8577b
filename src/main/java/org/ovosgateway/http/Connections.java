// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.Budget;

/**
 * The connections of one event loop: bounded in number, and closed when their caller keeps them waiting.
 *
 * <p>A connection is idle while it has no request in flight, so bytes that trickle in do not keep it. Used on its event loop
 * only, but for the count that all event loops share.
 */
final class Connections {

    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Map<HttpConnection, Caller> open = new LinkedHashMap<>();
    private final Promise<Void> drained = Promise.promise();
    private final AtomicInteger total;
    private final HttpProperties limits;
    private final Load load;
    private final Budget unsent;
    private boolean draining;

    Connections(HttpProperties limits, Load load, AtomicInteger total, int listeners) {
        this.limits = limits;
        this.load = load;
        this.unsent = load.unsent(listeners);
        this.total = total;
    }

    /** A caller has connected. Where that is one too many, the connection that has been idle for longest makes room. */
    void opened(HttpConnection connection) {
        if (draining) {
            connection.close();
            return;
        }
        if (total.incrementAndGet() > limits.maxConnections() && !closeIdlest()) {
            total.decrementAndGet();
            connection.close();
            return;
        }
        Caller caller = new Caller(connection, System.nanoTime());
        open.put(connection, caller);
        connection.closeHandler(closed -> forget(caller));
    }

    private boolean closeIdlest() {
        Caller idlest = open.values().stream()
                .filter(caller -> caller.calls.isEmpty())
                .min(Comparator.comparing((Caller caller) -> caller.used).thenComparing(caller -> caller.since))
                .orElse(null);
        if (idlest == null) {
            return false;
        }
        forget(idlest);
        idlest.abort();
        return true;
    }

    private void forget(Caller caller) {
        if (open.remove(caller.connection) != null) {
            total.decrementAndGet();
            List.copyOf(caller.calls).forEach(HttpCall::gone);
            endDrain();
        }
    }

    /** A request has come in. */
    void arrived(RoutingContext ctx, Content content, HttpCall.Listener listener, long now) {
        Caller caller = open.get(ctx.request().connection());
        if (caller == null) {
            // is being closed
            caller = new Caller(ctx.request().connection(), now);
        }
        caller.used = true;
        caller.calls.add(new HttpCall(ctx, content, this, caller, load, listener, now));
    }

    /** A request has its answer, or lost its caller. */
    void ended(HttpCall call, Caller caller, long now) {
        caller.calls.remove(call);
        caller.since = now;
        if (draining && caller.calls.isEmpty()) {
            caller.close(now);
        }
    }

    /**
     * Counts bytes of an answer from when it is sent. If there are too many of them, callers who have taken nothing for
     * longest are cut off, those without a token first.
     *
     * @return false if not even that makes room
     */
    boolean takeUnsent(HttpCall call, int bytes) {
        while (!unsent.take(bytes)) {
            Caller slowest = open.values().stream()
                    .filter(caller -> !caller.calls.contains(call) && caller.isReading())
                    .min(Comparator.comparing(Caller::isKnown).thenComparing(Caller::moved))
                    .orElse(null);
            if (slowest == null) {
                return false;
            }
            cutOff(slowest);
        }
        return true;
    }

    void giveBackUnsent(int bytes) {
        unsent.giveBack(bytes);
    }

    /** Ends the connection of a caller who takes too long, with whatever is on its way. */
    void cutOff(Caller caller) {
        load.cutOff();
        forget(caller);
        caller.abort();
    }

    /** Closes who has kept us waiting; to be called every second or so. */
    void sweep(long now) {
        long unused = now - limits.readTimeout().toNanos();
        long idle = now - limits.idleTimeout().toNanos();
        long quiet = now - limits.heartbeat().toNanos();
        long stuck = now - limits.writeTimeout().toNanos();
        for (Caller caller : new ArrayList<>(open.values())) {
            if (caller.closing != 0) {
                if (caller.closing - now < 0) {
                    cutOff(caller);
                }
            } else if (caller.calls.isEmpty()) {
                if (caller.since - (caller.used ? idle : unused) < 0) {
                    caller.close(now);
                }
            } else {
                for (HttpCall call : new ArrayList<>(caller.calls)) {
                    if (call.isLate(unused, stuck)) {
                        call.timeOut();
                    } else {
                        call.tick(quiet);
                    }
                }
            }
        }
    }

    /** Takes no more connections, closes the idle ones, and completes when the last request is answered. */
    Future<Void> drain() {
        draining = true;
        long now = System.nanoTime();
        new ArrayList<>(open.values()).forEach(caller -> {
            if (caller.calls.isEmpty()) {
                caller.close(now);
            } else {
                List.copyOf(caller.calls).forEach(HttpCall::drain);
            }
        });
        endDrain();
        return drained.future();
    }

    boolean isDraining() {
        return draining;
    }

    long heartbeatNanos() {
        return limits.heartbeat().toNanos();
    }

    /** Whether answers are compressed. */
    boolean compresses() {
        return limits.compression();
    }

    private void endDrain() {
        if (draining && open.isEmpty()) {
            drained.tryComplete();
        }
    }

    /** Who is at the other end of a connection. */
    static final class Caller {

        private final List<HttpCall> calls = new ArrayList<>(1);
        private final HttpConnection connection;
        private boolean used;
        private long since;

        /** When the connection ends, whatever is on its way; 0 as long as it serves. */
        private long closing;

        private Caller(HttpConnection connection, long since) {
            this.connection = connection;
            this.since = since;
        }

        private boolean isReading() {
            return calls.stream().anyMatch(HttpCall::isSending);
        }

        private boolean isKnown() {
            return calls.stream().anyMatch(HttpCall::isKnown);
        }

        private long moved() {
            return calls.stream()
                    .filter(HttpCall::isSending)
                    .mapToLong(HttpCall::moved)
                    .min()
                    .orElse(since);
        }

        /** Closes when all is sent, or a little later. */
        private void close(long now) {
            closing = now + FLUSH_NANOS;
            connection.close();
        }

        private void abort() {
            Connections.abort(connection);
        }
    }

    /** Ends a connection with whatever is on its way. */
    static void abort(HttpConnection connection) {
        Reset.of(((ConnectionBase) connection).channel());
    }
}
