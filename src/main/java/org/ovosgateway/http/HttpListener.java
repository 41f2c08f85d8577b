// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SSLOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.ProblemException;

/** One event loop's share of the HTTP server: its connections, and the handlers in front of the routes. */
final class HttpListener extends AbstractVerticle {

    /** What the router answers by itself, without a handler. */
    private static final int[] UNROUTED = {400, 404, 405, 406, 415};

    private final HttpServerOptions options;
    private final HttpProperties http;
    private final Content content;
    private final String address;
    private final Pages pages;
    private final Connections connections;
    private final Reception reception;
    private HttpServer server;

    HttpListener(
            HttpServerOptions options,
            HttpProperties http,
            Content content,
            String address,
            Pages pages,
            RequestMetrics metrics,
            TrustedProxies proxies,
            Load load,
            AtomicInteger total,
            int listeners) {
        this.options = options;
        this.http = http;
        this.content = content;
        this.address = address;
        this.pages = pages;
        this.connections = new Connections(http, load, total, listeners);
        this.reception = new Reception(
                connections,
                content,
                metrics,
                proxies,
                address,
                http.accessLog(),
                options.isSsl() ? http.hsts() : Duration.ZERO);
    }

    @Override
    public void start(Promise<Void> started) {
        Router router = router();
        server = vertx.createHttpServer(options)
                .requestHandler(request -> {
                    if (!LastAnswer.isOut(request.connection())) {
                        router.handle(request);
                    }
                })
                .invalidRequestHandler(request -> reception.refuse(request, StrictServer.problemOf(request)))
                .connectionHandler(connection -> {
                    LastAnswer.install(connection, options);
                    connections.opened(connection);
                });
        vertx.setPeriodic(1000, tick -> {
            reception.tick();
            connections.sweep(System.nanoTime());
        });
        server.listen().<Void>mapEmpty().onComplete(started);
    }

    int port() {
        return server.actualPort();
    }

    /** Completes when this event loop has got round to it. */
    Future<Void> pulse() {
        Promise<Void> pulse = Promise.promise();
        context.runOnContext(v -> pulse.complete());
        return pulse.future();
    }

    /** Stops taking connections, and completes when the last request is answered. */
    Future<Void> drain() {
        Promise<Void> drained = Promise.promise();
        context.runOnContext(v -> connections.drain().onComplete(drained));
        return drained.future();
    }

    Future<Boolean> update(SSLOptions ssl) {
        return server.updateSSLOptions(ssl);
    }

    private Router router() {
        Router router = Router.router(vertx);
        Failures failures = new Failures(content);
        Route all = router.route().handler(reception).failureHandler(ctx -> {
            reception.receiveOnce(ctx);
            failures.handle(ctx);
        });
        Handler<RoutingContext> usual = http.cors().enabled() ? http.cors().handler() : null;
        all.handler(ctx -> {
            Handler<RoutingContext> cors = isForeign(ctx) ? cors(ctx, usual) : null;
            if (cors == null) {
                ctx.next();
            } else {
                cors.handle(ctx);
            }
        });
        all.handler(ctx -> pages.handle(ctx, content, address));
        router.route().subRouter(content.router(address));
        for (int status : UNROUTED) {
            // here the context does not know the status
            Handler<RoutingContext> answer = ctx -> failures.answer(ctx, status);
            router.errorHandler(status, answer);
            content.router(address).errorHandler(status, answer);
        }
        return router;
    }

    private Handler<RoutingContext> cors(RoutingContext ctx, Handler<RoutingContext> usual) {
        Handler<RoutingContext> own = content.cors(address, ctx.request().path());
        Handler<RoutingContext> rules = own == null ? usual : own;
        return rules == null && content.takesPasswords(address, ctx.request().path())
                ? HttpListener::refusePages
                : rules;
    }

    /** No page of the web may call, but programs that are made of pages, which come from a file. */
    private static void refusePages(RoutingContext ctx) {
        String origin = ctx.request().getHeader(HttpHeaders.ORIGIN);
        if (origin == null || !origin.equals("null") && !origin.regionMatches(true, 0, "http", 0, "http".length())) {
            ctx.next();
        } else {
            ctx.fail(new ProblemException(Problems.foreignOrigin()));
        }
    }

    /** Browsers name the origin of the gateway's own pages as well, and those may always call. */
    private static boolean isForeign(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin == null || !origin.equals(request.scheme() + "://" + request.authority());
    }
}
