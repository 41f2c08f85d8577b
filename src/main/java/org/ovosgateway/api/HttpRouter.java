// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.ovosgateway.http.Content;

/**
 * Where Camel's consumers mount and remove their routes, also while the server serves: one for each address, so that nothing
 * of one is known at another.
 */
public final class HttpRouter extends VertxPlatformHttpRouter {

    private final Map<String, HttpRouter> elsewhere = new ConcurrentHashMap<>();
    private final Vertx vertx;
    private final Router routes;

    /** The one of the main address, which knows those of the others. */
    public HttpRouter(Vertx vertx) {
        this(vertx, Router.router(vertx), name(Content.MAIN));
    }

    private HttpRouter(Vertx vertx, Router routes, String name) {
        super(null, vertx, routes, name);
        this.vertx = vertx;
        this.routes = routes;
    }

    /** The name in the registry of the one of an address. */
    static String name(String address) {
        return address.equals(Content.MAIN) ? PLATFORM_HTTP_ROUTER_NAME : PLATFORM_HTTP_ROUTER_NAME + "-" + address;
    }

    /** The one of this address. */
    HttpRouter at(String address) {
        return address.equals(Content.MAIN)
                ? this
                : elsewhere.computeIfAbsent(
                        address, name -> new HttpRouter(vertx, Router.router(vertx), name(address)));
    }

    /** Also those of the other addresses. */
    @Override
    public List<Route> getRoutes() {
        List<Route> all = new ArrayList<>(super.getRoutes());
        elsewhere.values().forEach(router -> all.addAll(router.getRoutes()));
        return all;
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
