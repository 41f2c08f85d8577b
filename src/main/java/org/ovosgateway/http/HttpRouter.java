// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.ovosgateway.problem.Problem;

/** Where Camel's consumers mount and remove their routes, also while the server serves. */
final class HttpRouter extends VertxPlatformHttpRouter {

    private final Router routes;
    private volatile Supplier<Optional<Problem>> outage = Optional::empty;

    HttpRouter(Vertx vertx) {
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

    /** Why nothing of the API is served at the moment; empty while it is. */
    void explainedBy(Supplier<Optional<Problem>> outage) {
        this.outage = outage;
    }

    Optional<Problem> outage() {
        return outage.get();
    }

    /** The router itself: Vert.x mounts its own class only. */
    Router routes() {
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

    /** Methods that have a route on this path, for {@code Allow}. */
    Set<String> methodsOf(String path) {
        return routes.getRoutes().stream()
                .filter(route -> route.methods() != null && matches(route, path))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean matches(Route route, String path) {
        if (route.getPath() == null) {
            return false;
        }
        String template = Stream.of(route.getPath().split("/", -1))
                .map(part -> part.startsWith(":") ? "[^/]+" : Pattern.quote(part))
                .collect(Collectors.joining("/"));
        return path.matches(template + (route.isExactPath() ? "" : ".*"));
    }
}
