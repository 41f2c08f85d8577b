// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.Duration;
import java.time.Instant;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Meets every request first: names it, secures its answer's headers, and logs and times it when it ends. */
final class Reception implements Handler<RoutingContext> {

    /** Key in the context: the address of who calls. */
    static final String CLIENT = "client";

    /** Key in the context: the name of the address by which the request came. */
    static final String ADDRESS = "address";

    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence CONTENT_POLICY = HttpHeaders.createOptimized("Content-Security-Policy");
    private static final CharSequence API_POLICY =
            HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
    private static final CharSequence REFERRER_POLICY = HttpHeaders.createOptimized("Referrer-Policy");
    private static final CharSequence NO_REFERRER = HttpHeaders.createOptimized("no-referrer");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence TRANSPORT = HttpHeaders.createOptimized("Strict-Transport-Security");

    private final Connections connections;
    private final Content content;
    private final RequestMetrics metrics;
    private final TrustedProxies proxies;
    private final String address;
    private final boolean accessLog;
    private final CharSequence hsts;
    private CharSequence date;

    /**
     * @param address the name of the one that is served
     * @param hsts how long browsers are to use TLS only for this host; zero says nothing about it
     */
    Reception(
            Connections connections,
            Content content,
            RequestMetrics metrics,
            TrustedProxies proxies,
            String address,
            boolean accessLog,
            Duration hsts) {
        this.connections = connections;
        this.content = content;
        this.metrics = metrics;
        this.proxies = proxies;
        this.address = address;
        this.accessLog = accessLog;
        this.hsts = hsts.isZero() ? null : HttpHeaders.createOptimized("max-age=" + hsts.toSeconds());
        tick();
    }

    /** Sets the Date of answers (RFC 9110, 6.6.1); to be called every second. */
    void tick() {
        date = HttpHeaders.createOptimized(HttpDate.of(Instant.now()));
    }

    @Override
    public void handle(RoutingContext ctx) {
        receive(ctx);
        Problem problem = RequestTarget.problemOf(ctx.request());
        if (problem != null) {
            ctx.fail(new ProblemException(problem));
        } else if (encoded(ctx.request()) || unreadable(ctx.request())) {
            ctx.fail(415);
        } else {
            ctx.next();
        }
    }

    /** Receives what Vert.x has refused before the first handler. */
    void receiveOnce(RoutingContext ctx) {
        if (ctx.get(Problems.REQUEST_ID) == null) {
            receive(ctx);
        }
    }

    private void receive(RoutingContext ctx) {
        long start = System.nanoTime();
        ctx.put(Problems.REQUEST_ID, greet(ctx.request()));
        ctx.put(CLIENT, proxies.client(ctx.request()));
        ctx.put(ADDRESS, address);
        connections.arrived(ctx, content, this::record, start);
    }

    private void record(RoutingContext ctx, int status, long nanos) {
        Object operation = ctx.get("operation");
        metrics.record(operation, ctx.request().method(), status, nanos);
        if (accessLog) {
            AccessLog.write(
                    ctx.request(),
                    ctx.get(CLIENT),
                    status,
                    nanos,
                    ctx.get(Problems.REQUEST_ID),
                    ctx.get("user"),
                    operation);
        }
    }

    /** Turns away what is no HTTP, and ends its connection. */
    void refuse(HttpServerRequest request, Problem problem) {
        long start = System.nanoTime();
        String id = greet(request);
        String path = request.path();
        Problems.write(
                request,
                id,
                problem.header("Connection", "close"),
                path == null ? ErrorFormat.PROBLEM : content.errors(address, path));
        long took = System.nanoTime() - start;
        metrics.record(null, request.method(), problem.status(), took);
        if (accessLog) {
            // of its headers some may be missing, the one of the proxy among them
            AccessLog.write(request, TrustedProxies.peer(request), problem.status(), took, id, null, null);
        }
    }

    private String greet(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        String id = RequestId.of(request.getHeader(REQUEST_ID));
        response.putHeader(REQUEST_ID, id)
                .putHeader(HttpHeaders.DATE, date)
                .putHeader(CONTENT_TYPE_OPTIONS, NO_SNIFF)
                .putHeader(CONTENT_POLICY, API_POLICY)
                .putHeader(REFERRER_POLICY, NO_REFERRER)
                .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
        if (hsts != null) {
            response.putHeader(TRANSPORT, hsts);
        }
        return id;
    }

    /** Vert.x and Camel fail on a quote that is never closed. */
    private static boolean unreadable(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null
                && type.indexOf('"') >= 0
                && type.chars().filter(c -> c == '"').count() % 2 != 0;
    }

    /** Compressed bodies are not read: a small one may unfold to a huge one. */
    private static boolean encoded(HttpServerRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && !encoding.equalsIgnoreCase("identity");
    }
}
