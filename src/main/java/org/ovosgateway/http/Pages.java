// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The contract and the two pages that show it: a fixed list of paths, everything from the classpath.
 *
 * <p>Each file is read at its first request and then kept compressed.
 */
@Component
final class Pages implements Handler<RoutingContext> {

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String PNG = "image/png";

    /** Both libraries set styles from script, which no hash can allow. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Redoc searches in a worker that it makes from a blob. */
    private static final String REDOC_POLICY = POLICY + "; worker-src blob:";

    private static final String SWAGGER_UI = "org.webjars/swagger-ui";
    private static final String REDOC = "org.webjars.npm/redoc";

    private final Map<String, Source> sources = Map.ofEntries(
            Map.entry("/docs", own("docs.html", HTML, POLICY)),
            Map.entry("/docs/docs.js", own("docs.js", SCRIPT, POLICY)),
            Map.entry("/docs/swagger-ui.css", webjar(SWAGGER_UI, "swagger-ui.css", STYLE)),
            Map.entry("/docs/swagger-ui-bundle.js", webjar(SWAGGER_UI, "swagger-ui-bundle.js", SCRIPT)),
            Map.entry("/docs/favicon.png", webjar(SWAGGER_UI, "favicon-32x32.png", PNG)),
            Map.entry("/redoc", own("redoc.html", HTML, REDOC_POLICY)),
            Map.entry("/redoc/redoc.js", own("redoc.js", SCRIPT, POLICY)),
            Map.entry("/redoc/redoc.css", own("redoc.css", STYLE, POLICY)),
            Map.entry("/redoc/redoc.standalone.js", new Source(SCRIPT, POLICY, Pages::redoc)));
    private final Map<String, Future<Document>> documents = new ConcurrentHashMap<>();
    private final Vertx vertx;
    private final ContractFile contract;

    Pages(Vertx vertx, ContractFile contract) {
        this.vertx = vertx;
        this.contract = contract;
    }

    @Override
    public void handle(RoutingContext ctx) {
        String path = ctx.request().path();
        Source source = sources.get(path);
        if (source != null) {
            serve(ctx, source.policy, () -> document(path, source));
        } else if (path.equals("/openapi.json")) {
            serve(ctx, null, () -> vertx.executeBlocking(contract::json, false));
        } else if (path.equals("/openapi.yaml")) {
            serve(ctx, null, () -> vertx.executeBlocking(contract::yaml, false));
        } else if (path.equals("/")) {
            ctx.response()
                    .setStatusCode(302)
                    .putHeader(HttpHeaders.LOCATION, "docs")
                    .end();
        } else {
            ctx.next();
        }
    }

    private Future<Document> document(String path, Source source) {
        return documents.computeIfAbsent(
                path,
                p -> vertx.executeBlocking(() -> Document.of(source.type, source.bytes.read()), false)
                        .onFailure(e -> documents.remove(path)));
    }

    private void serve(RoutingContext ctx, String policy, Supplier<Future<Document>> document) {
        HttpMethod method = ctx.request().method();
        if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            ctx.fail(new ProblemException(Problems.of(405).header("Allow", "GET, HEAD")));
            return;
        }
        document.get().onFailure(ctx::fail).onSuccess(found -> send(ctx, policy, found));
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
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, document.type());
        if (acceptsGzip(ctx.request().getHeader(HttpHeaders.ACCEPT_ENCODING))) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
            end(ctx, document.gzip());
        } else {
            vertx.executeBlocking(document::plain, false).onFailure(ctx::fail).onSuccess(plain -> end(ctx, plain));
        }
    }

    private static void end(RoutingContext ctx, byte[] body) {
        HttpServerResponse response = ctx.response();
        if (response.closed()) {
            return;
        }
        if (ctx.request().method() == HttpMethod.HEAD) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length))
                    .end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    private static boolean acceptsGzip(String accepted) {
        return accepted != null && accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    }

    private static Source own(String name, String type, String policy) {
        return new Source(type, policy, () -> resource("pages/" + name));
    }

    private static Source webjar(String jar, String name, String type) {
        return new Source(type, POLICY, () -> fromWebjar(jar, name));
    }

    /** The bundle without the one picture it would fetch from elsewhere. */
    private static byte[] redoc() throws IOException {
        return new String(fromWebjar(REDOC, "bundles/redoc.standalone.js"), StandardCharsets.UTF_8)
                .replace("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] fromWebjar(String jar, String name) throws IOException {
        Properties maven = new Properties();
        try (InputStream in = open("META-INF/maven/" + jar + "/pom.properties")) {
            maven.load(in);
        }
        return resource("META-INF/resources/webjars/%s/%s/%s"
                .formatted(jar.substring(jar.indexOf('/') + 1), maven.getProperty("version"), name));
    }

    private static byte[] resource(String path) throws IOException {
        try (InputStream in = open(path)) {
            return in.readAllBytes();
        }
    }

    private static InputStream open(String path) throws IOException {
        InputStream in = Pages.class.getClassLoader().getResourceAsStream(path);
        if (in == null) {
            throw new FileNotFoundException("not on the classpath: " + path);
        }
        return in;
    }

    private record Source(String type, String policy, Bytes bytes) {}

    private interface Bytes {
        byte[] read() throws IOException;
    }
}
