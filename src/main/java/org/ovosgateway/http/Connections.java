// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * The connections of one event loop: bounded in number, and closed when their caller keeps them waiting.
 *
 * <p>Idle is who has no request in flight, so bytes that trickle in do not keep a connection. Used on its event loop
 * only, but for the count that all event loops share.
 */
final class Connections {

    private final Map<HttpConnection, Seen> open = new HashMap<>();
    private final Map<RoutingContext, Long> uploads = new LinkedHashMap<>();
    private final Promise<Void> drained = Promise.promise();
    private final AtomicInteger total;
    private final HttpProperties limits;
    private boolean draining;

    Connections(HttpProperties limits, AtomicInteger total) {
        this.limits = limits;
        this.total = total;
    }

    /** A caller has connected. */
    void opened(HttpConnection connection) {
        if (draining || total.incrementAndGet() > limits.maxConnections()) {
            if (!draining) {
                total.decrementAndGet();
            }
            connection.close();
            return;
        }
        open.put(connection, new Seen(System.nanoTime()));
        connection.closeHandler(closed -> {
            if (open.remove(connection) != null) {
                total.decrementAndGet();
                endDrain();
            }
        });
    }

    /** A request has come in. */
    void arrived(RoutingContext ctx, long now) {
        Seen seen = open.get(ctx.request().connection());
        if (seen != null) {
            seen.used = true;
            seen.inFlight++;
            if (hasBody(ctx.request())) {
                uploads.put(ctx, now);
            }
        }
    }

    /** A request has its answer, or lost its caller. */
    void answered(RoutingContext ctx, long now) {
        if (!uploads.isEmpty()) {
            uploads.remove(ctx);
        }
        HttpConnection connection = ctx.request().connection();
        Seen seen = open.get(connection);
        if (seen != null) {
            seen.inFlight--;
            seen.since = now;
            if (draining && seen.inFlight == 0) {
                // after the answer is on its way
                ctx.vertx().runOnContext(v -> connection.close());
            }
        }
    }

    /** Closes who has kept us waiting; to be called every second or so. */
    void sweep(long now) {
        long unused = now - limits.readTimeout().toNanos();
        long idle = now - limits.idleTimeout().toNanos();
        new ArrayList<>(open.entrySet()).forEach(entry -> {
            Seen seen = entry.getValue();
            if (seen.inFlight == 0 && seen.since - (seen.used ? idle : unused) < 0) {
                entry.getKey().close();
            }
        });
        if (!uploads.isEmpty()) {
            new ArrayList<>(uploads.entrySet()).forEach(entry -> {
                RoutingContext ctx = entry.getKey();
                if (ctx.request().isEnded()) {
                    uploads.remove(ctx);
                } else if (entry.getValue() - unused < 0) {
                    uploads.remove(ctx);
                    ctx.fail(408);
                    ctx.request().connection().close();
                }
            });
        }
    }

    /** Takes no more connections, closes the idle ones, and completes when the last request is answered. */
    Future<Void> drain() {
        draining = true;
        new ArrayList<>(open.entrySet()).forEach(entry -> {
            if (entry.getValue().inFlight == 0) {
                entry.getKey().close();
            }
        });
        endDrain();
        return drained.future();
    }

    private void endDrain() {
        if (draining && open.isEmpty()) {
            drained.tryComplete();
        }
    }

    private static boolean hasBody(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD;
        }
        return request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static final class Seen {
        private boolean used;
        private int inFlight;
        private long since;

        private Seen(long since) {
            this.since = since;
        }
    }
}
