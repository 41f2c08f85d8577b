// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.springframework.util.unit.DataSize;

/** Where Camel's consumers mount and remove their routes, also while the server serves. */
final class HttpRouter extends VertxPlatformHttpRouter {

    private final Router routes;
    private final BodyHandler body;

    HttpRouter(Vertx vertx, DataSize maxBody) {
        this(vertx, Router.router(vertx), maxBody);
    }

    private HttpRouter(Vertx vertx, Router routes, DataSize maxBody) {
        super(null, vertx, routes, PLATFORM_HTTP_ROUTER_NAME);
        this.routes = routes;
        // no file uploads: nothing of a caller is ever written to disk
        this.body = BodyHandler.create(false).setBodyLimit(maxBody.toBytes()).setMergeFormAttributes(false);
    }

    @Override
    public Handler<RoutingContext> bodyHandler() {
        return body;
    }

    /** The router itself: Vert.x mounts its own class only. */
    Router routes() {
        return routes;
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
        return path.matches(template + (route.isExactPath() ? "/?" : ".*"));
    }
}
