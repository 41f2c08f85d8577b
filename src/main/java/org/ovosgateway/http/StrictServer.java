// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** What a small server of the gateway, beside the API, refuses in the same way: bad framing, and other spellings of a path. */
public final class StrictServer {

    private StrictServer() {}

    /**
     * Has this server serve this router strictly, GET and HEAD only.
     *
     * @param options those of the server
     */
    public static HttpServer serve(HttpServer server, HttpServerOptions options, Router router) {
        router.route().order(Integer.MIN_VALUE).handler(ctx -> {
            Problem problem = RequestTarget.problemOf(ctx.request());
            boolean slash = ctx.request().path() != null && ctx.request().path().endsWith("/");
            if (problem != null || slash) {
                Problems.write(ctx.request(), null, problem == null ? Problems.of(404) : problem);
            } else {
                ctx.next();
            }
        });
        for (int status : new int[] {400, 404}) {
            router.errorHandler(status, ctx -> {
                Problem problem = RequestTarget.problemOf(ctx.request());
                Problems.write(ctx.request(), null, problem == null ? Problems.of(status) : problem);
            });
        }
        router.errorHandler(
                405, ctx -> Problems.write(ctx.request(), null, Problems.of(405).header("Allow", "GET, HEAD")));
        router.errorHandler(500, ctx -> Problems.write(ctx.request(), null, Problems.of(500)));
        return server.connectionHandler(new FewConnections(options))
                .invalidRequestHandler(request ->
                        Problems.write(request, null, problemOf(request).header("Connection", "close")))
                .requestHandler(request -> {
                    if (!LastAnswer.isOut(request.connection())) {
                        router.handle(request);
                    }
                });
    }

    /** Why what arrived is no HTTP. */
    static Problem problemOf(HttpServerRequest invalid) {
        Throwable cause = invalid.decoderResult().cause();
        if (cause instanceof ProblemException told) {
            return told.problem();
        }
        if (cause instanceof TooLongHttpLineException) {
            return Problems.of(414);
        }
        return Problems.of(cause instanceof TooLongHttpHeaderException ? 431 : 400);
    }
}
