// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.LogText;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every request that failed; what the caller must not see goes to the log, under the request's id. */
final class Failures implements Handler<RoutingContext> {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    private static final int MAX_CAUSES = 10;

    private final Content content;

    Failures(Content content) {
        this.content = content;
    }

    @Override
    public void handle(RoutingContext ctx) {
        int status = ctx.statusCode();
        // below 400 is how Vert.x reports a body that broke off
        answer(ctx, status < 0 ? 500 : Math.max(status, 400));
    }

    /** Answers with this status, unless the failure tells another. */
    void answer(RoutingContext ctx, int status) {
        var response = ctx.response();
        if (response.ended() || response.closed()) {
            return;
        }
        Problem problem = problem(ctx, status);
        if (problem.status() >= 500 && ctx.failure() != null && problemOf(ctx.failure()) == null) {
            log(ctx);
        }
        if (response.headWritten()) {
            // half an answer is out: only its end can still tell that it failed
            response.reset();
            return;
        }
        Problems.write(ctx, problem);
    }

    private Problem problem(RoutingContext ctx, int status) {
        Problem told = problemOf(ctx.failure());
        if (told != null) {
            return told;
        }
        // the router refuses some targets before the first handler
        Problem target = RequestTarget.problemOf(ctx.request());
        if (target != null) {
            return target;
        }
        if (status == 404) {
            return content.outage().orElseGet(() -> Problems.of(404));
        }
        if (status != 405) {
            return Problems.of(status);
        }
        Set<String> methods = methodsOf(ctx);
        // no method at all: Vert.x has taken /a/ for /a
        return methods.isEmpty() ? Problems.of(404) : Problems.of(405).header("Allow", String.join(", ", methods));
    }

    /** Methods that have a route on this path, for {@code Allow}. */
    private Set<String> methodsOf(RoutingContext ctx) {
        String path = ctx.request().path();
        return content.router(HttpCall.of(ctx).address()).getRoutes().stream()
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

    private static Problem problemOf(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
            if (cause instanceof ProblemException told) {
                return told.problem();
            }
        }
        return null;
    }

    private static void log(RoutingContext ctx) {
        StringBuilder what = new StringBuilder();
        LogText.field(what, ctx.request().method().name()).append(' ');
        LogText.field(what, ctx.request().path());
        String id = ctx.get(Problems.REQUEST_ID);
        // its message may quote the request
        LOG.error(
                "Request {} failed: {}: {}", id, what, ctx.failure().getClass().getName());
        LOG.debug("Request {} failed", id, ctx.failure());
    }
}
