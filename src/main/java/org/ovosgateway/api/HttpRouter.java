// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/** Where Camel's consumers mount and remove their routes, also while the server serves. */
public final class HttpRouter extends VertxPlatformHttpRouter {

    private final Router routes;

    public HttpRouter(Vertx vertx) {
        this(vertx, Router.router(vertx));
    }

    private HttpRouter(Vertx vertx, Router routes) {
        super(null, vertx, routes, PLATFORM_HTTP_ROUTER_NAME);
        this.routes = routes;
    }

    /** Reads nothing: {@link HttpConsumer} reads the body, once it knows who calls. */
    @Override
    public Handler<RoutingContext> bodyHandler() {
        return RoutingContext::next;
    }

    /** The router itself: Vert.x mounts its own class only. */
    public Router router() {
        return routes;
    }

    /** Mounts a path, and no other: Vert.x takes {@code /a/} for {@code /a}. */
    @Override
    public Route route(String path) {
        boolean slash = path.endsWith("/");
        PlatformHandler exact = ctx -> {
            if (ctx.request().path().endsWith("/") == slash) {
                ctx.next();
            } else {
                ctx.fail(404);
            }
        };
        Route route = super.route(path);
        return path.endsWith("*") ? route : route.handler(exact);
    }
}
