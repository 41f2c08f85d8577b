// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The two pages that show the contract: a fixed list of paths, everything from the class path.
 *
 * <p>The build has compressed the files. Each is read at its first request and kept as it is: all together 750 KB.
 */
@Component
final class Pages {

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String PNG = "image/png";

    /** Both libraries set styles from script, which no hash can allow. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Redoc searches in a worker that it makes from a blob. */
    private static final String REDOC_POLICY = POLICY + "; worker-src blob:";

    /** Each caller who takes no compressed answers costs 40 KB while it reads. */
    private static final int MAX_INFLATING = 16;

    private static final Problem BUSY = new Problem(
                    "busy",
                    "The gateway is busy",
                    503,
                    "Too many callers read this page uncompressed. Send Accept-Encoding: gzip, or try again later.")
            .header("Retry-After", "5");

    private final Map<String, Source> sources = Map.ofEntries(
            Map.entry("/docs", new Source("docs.html", HTML, POLICY)),
            Map.entry("/docs/docs.js", new Source("docs.js", SCRIPT, POLICY)),
            Map.entry("/docs/docs.css", new Source("docs.css", STYLE, POLICY)),
            Map.entry("/docs/swagger-ui.css", new Source("swagger-ui.css", STYLE, POLICY)),
            Map.entry("/docs/swagger-ui-bundle.js", new Source("swagger-ui-bundle.js", SCRIPT, POLICY)),
            Map.entry("/docs/favicon.png", new Source("favicon-32x32.png", PNG, POLICY)),
            Map.entry("/redoc", new Source("redoc.html", HTML, REDOC_POLICY)),
            Map.entry("/redoc/redoc.js", new Source("redoc.js", SCRIPT, POLICY)),
            Map.entry("/redoc/redoc.css", new Source("redoc.css", STYLE, POLICY)),
            Map.entry("/redoc/redoc.standalone.js", new Source("redoc.standalone.js", SCRIPT, POLICY)));
    private final Map<String, Future<Document>> documents = new ConcurrentHashMap<>();
    private final AtomicInteger inflating = new AtomicInteger();
    private final Vertx vertx;

    Pages(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Serves a page, which only the main address has, or a document; leaves any other path to the next handler. */
    void handle(RoutingContext ctx, Content content, String address) {
        String path = ctx.request().path();
        if (!address.equals(Content.MAIN)) {
            document(ctx, content, address);
            return;
        }
        Source source = sources.get(path);
        if (source != null) {
            serve(ctx, source.policy, () -> document(path, source));
        } else if (path.equals("/docs/") || path.equals("/redoc/")) {
            // the names in the page count from the folder above
            lead(ctx, ".." + path.substring(0, path.length() - 1));
        } else if (path.equals("/")) {
            lead(ctx, "docs");
        } else {
            document(ctx, content, address);
        }
    }

    private void document(RoutingContext ctx, Content content, String address) {
        Document document = content.document(address, ctx.request().path());
        if (document == null) {
            ctx.next();
        } else {
            serve(ctx, null, () -> Future.succeededFuture(document));
        }
    }

    /** Leads to another page, relative to this one: a proxy in front may have put a prefix before the path. */
    private static void lead(RoutingContext ctx, String there) {
        if (isRead(ctx)) {
            ctx.response().setStatusCode(302).putHeader(HttpHeaders.LOCATION, there);
            HttpCall.of(ctx).end();
        }
    }

    private static boolean isRead(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
            return true;
        }
        ctx.fail(new ProblemException(Problems.of(405).header("Allow", "GET, HEAD")));
        return false;
    }

    private Future<Document> document(String path, Source source) {
        return documents.computeIfAbsent(
                path, p -> vertx.executeBlocking(source::read, false).onFailure(e -> documents.remove(path)));
    }

    private void serve(RoutingContext ctx, String policy, Supplier<Future<Document>> document) {
        if (isRead(ctx)) {
            document.get().onFailure(ctx::fail).onSuccess(found -> send(ctx, policy, found));
        }
    }

    private void send(RoutingContext ctx, String policy, Document document) {
        HttpServerResponse response = ctx.response();
        response.putHeader(HttpHeaders.ETAG, document.etag())
                // kept by browsers, but asked for again: the next release may bring another
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.VARY, "Accept-Encoding");
        if (policy != null) {
            response.putHeader("Content-Security-Policy", policy);
        }
        if (document.isKnownTo(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304);
            HttpCall.of(ctx).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, document.type());
        if (acceptsGzip(ctx.request().getHeader(HttpHeaders.ACCEPT_ENCODING))) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
            sendCompressed(ctx, document);
        } else {
            sendPlain(ctx, document);
        }
    }

    private static void sendCompressed(RoutingContext ctx, Document document) {
        contentLength(ctx, document.gzip().length);
        if (ctx.request().method() == HttpMethod.HEAD) {
            HttpCall.of(ctx).end();
        } else {
            HttpCall.of(ctx).stream(new ByteArrayInputStream(document.gzip()));
        }
    }

    private void sendPlain(RoutingContext ctx, Document document) {
        contentLength(ctx, document.plainLength());
        if (ctx.request().method() == HttpMethod.HEAD) {
            HttpCall.of(ctx).end();
            return;
        }
        if (inflating.incrementAndGet() > MAX_INFLATING) {
            inflating.decrementAndGet();
            ctx.response().headers().remove(HttpHeaders.ETAG);
            Problems.write(ctx, BUSY);
            return;
        }
        Future<Void> sent;
        try {
            sent = HttpCall.of(ctx).stream(document.plain());
        } catch (IOException e) {
            sent = Future.failedFuture(e);
            ctx.fail(e);
        }
        sent.onComplete(done -> inflating.decrementAndGet());
    }

    private static void contentLength(RoutingContext ctx, int bytes) {
        ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes));
    }

    private static boolean acceptsGzip(String accepted) {
        return accepted != null && accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    }

    /**
     * A file that the build has compressed.
     *
     * @param name below {@code pages/} on the class path, without {@code .gz}
     * @param policy which content a browser may load for it
     */
    private record Source(String name, String type, String policy) {

        Document read() throws IOException {
            String path = "pages/" + name + ".gz";
            try (InputStream in = Pages.class.getClassLoader().getResourceAsStream(path)) {
                if (in == null) {
                    throw new FileNotFoundException("not on the class path: " + path);
                }
                return new Document(type, in.readAllBytes());
            }
        }
    }
}
