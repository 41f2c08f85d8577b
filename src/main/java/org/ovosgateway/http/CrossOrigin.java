// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import org.ovosgateway.problem.ProblemException;

/** Answers preflights, lets browsers show answers to the web pages that may call, and refuses the calls of others. */
final class CrossOrigin implements Handler<RoutingContext> {

    private final HttpProperties.Cors cors;
    private final CorsHandler handler;

    CrossOrigin(HttpProperties.Cors cors) {
        this.cors = cors;
        this.handler = CorsHandler.create()
                .addOrigins(cors.origins())
                .allowedHeaders(cors.headers())
                .exposedHeader("X-Request-Id")
                .exposedHeader("Retry-After")
                .exposedHeader("WWW-Authenticate")
                .maxAgeSeconds((int) cors.maxAge().toSeconds());
        cors.methods().forEach(method -> handler.allowedMethod(HttpMethod.valueOf(method)));
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (isAllowed(ctx.request().getHeader(HttpHeaders.ORIGIN))) {
            handler.handle(ctx);
        } else {
            ctx.fail(new ProblemException(Problems.foreignOrigin()));
        }
    }

    private boolean isAllowed(String origin) {
        return origin == null || cors.origins().contains("*") || cors.origins().contains(origin);
    }
}
