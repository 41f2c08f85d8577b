// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class HttpServerTest {

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("ovos.http.max-body=1KB", "ovos.http.read-timeout=1s", "ovos.http.event-loops=2");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void removeRoutes() {
        server.router().clear();
    }

    @Test
    void servesRoutesThatAreAddedAndRemovedWhileItServes() throws Exception {
        assertThat(server.get("/later").statusCode()).isEqualTo(404);
        Route route = server.router().get("/later").handler(ctx -> ctx.end("here"));
        assertThat(server.get("/later").body()).isEqualTo("here");
        route.remove();
        assertThat(server.get("/later").statusCode()).isEqualTo(404);
    }

    @Test
    void servesOnSeveralEventLoops() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        server.router().get("/thread").handler(ctx -> {
            threads.add(Thread.currentThread().getName());
            ctx.end();
        });
        for (int i = 0; i < 4; i++) {
            server.raw(
                    "GET /thread HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(threads).hasSize(2).allMatch(name -> name.contains("eventloop"));
        assertThat(server.server().pulse().toCompletionStage()).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void securesEveryAnswer() throws Exception {
        server.router().get("/ok").handler(ctx -> ctx.end("ok"));
        for (String path : List.of("/ok", "/nothing")) {
            HttpResponse<String> answer = server.get(path, "X-Mine", "secret", "Authorization", "Bearer secret");
            assertThat(answer.headers().map())
                    .containsEntry("x-content-type-options", List.of("nosniff"))
                    .containsEntry("content-security-policy", List.of("default-src 'none'; frame-ancestors 'none'"))
                    .containsEntry("referrer-policy", List.of("no-referrer"))
                    .containsEntry("cache-control", List.of("no-store"))
                    .containsKeys("x-request-id", "date")
                    .doesNotContainKeys("server", "x-powered-by", "x-mine", "authorization")
                    .doesNotContainKeys("strict-transport-security", "access-control-allow-origin");
            assertThat(answer.headers().firstValue("Date").orElseThrow())
                    .matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "7f3c-42_b.C", "0123456789012345678901234567890123456789012345678901234567890123"})
    void keepsHarmlessRequestIdOfCaller(String id) throws Exception {
        HttpResponse<String> answer = server.get("/nothing", "X-Request-Id", id);
        assertThat(answer.headers().firstValue("X-Request-Id")).contains(id);
        assertThat(json(answer).get("request_id").asText()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "<script>",
                "a,b",
                "${jndi:x}",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void replacesOtherRequestIds(String id) throws Exception {
        String given = server.get("/nothing", "X-Request-Id", id)
                .headers()
                .firstValue("X-Request-Id")
                .orElseThrow();
        assertThat(given).matches("[a-z0-9]+-[a-z0-9]+");
    }

    @Test
    void givesEachRequestItsOwnId() throws Exception {
        assertThat(server.get("/a").headers().firstValue("X-Request-Id"))
                .isNotEqualTo(server.get("/a").headers().firstValue("X-Request-Id"));
    }

    @Test
    void tellsProblemsOfRoutes() throws Exception {
        Problem problem = new Problem("bus-unavailable", "Bus unavailable", 503, "not connected")
                .header("Retry-After", "3")
                .with("device", "kitchen");
        server.router().get("/told").handler(ctx -> ctx.fail(new RuntimeException(new ProblemException(problem))));
        HttpResponse<String> answer = server.get("/told");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("3");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(json(answer).get("type").asText()).isEqualTo("urn:ovos-gateway:bus-unavailable");
        assertThat(json(answer).get("device").asText()).isEqualTo("kitchen");
    }

    @Test
    void keepsTheTextOfExceptionsToItself() throws Exception {
        server.router().get("/thrown").handler(ctx -> {
            throw new IllegalStateException("password=hunter2");
        });
        server.router().get("/failed").handler(ctx -> ctx.fail(new IllegalStateException("password=hunter2")));
        for (String path : List.of("/thrown", "/failed")) {
            HttpResponse<String> answer = server.get(path);
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).doesNotContain("hunter2", "IllegalState", "Exception");
            assertThat(json(answer).get("request_id").asText()).isNotBlank();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nothing, 404, not-found",
        "PUT, /only, 405, method-not-allowed",
        "PUT, /skills/a/settings, 405, method-not-allowed",
        "POST, /docs, 405, method-not-allowed"
    })
    void answersWhatHasNoRoute(String method, String path, int status, String type) throws Exception {
        server.router().get("/only").handler(RoutingContext::end);
        server.router().route("/skills/:id/settings").method(HttpMethod.GET).handler(RoutingContext::end);
        HttpResponse<String> answer = server.send(server.request(path).method(method, BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).get("type").asText()).isEqualTo("urn:ovos-gateway:" + type);
        if (status == 405) {
            assertThat(answer.headers().firstValue("Allow")).get().asString().startsWith("GET");
        }
    }

    @Test
    void reportsWhatTheRouterRefusesByItself() throws Exception {
        server.router().post("/json").consumes("application/json").handler(RoutingContext::end);
        server.router().get("/json").produces("application/json").handler(RoutingContext::end);
        HttpRequest.Builder wrongType =
                server.request("/json").header("Content-Type", "text/plain").POST(BodyPublishers.ofString("x"));
        assertThat(json(server.send(wrongType)).get("status").asInt()).isEqualTo(415);
        assertThat(json(server.get("/json", "Accept", "text/html"))
                        .get("status")
                        .asInt())
                .isEqualTo(406);
    }

    @Test
    void refusesBodyOverTheLimit() throws Exception {
        echoBody();
        HttpResponse<String> sized =
                server.send(server.request("/body").POST(BodyPublishers.ofString("x".repeat(1025))));
        assertThat(sized.statusCode()).isEqualTo(413);
        assertThat(json(sized).get("type").asText()).isEqualTo("urn:ovos-gateway:content-too-large");
        HttpResponse<String> chunked = server.send(server.request("/body")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[1025]))));
        assertThat(chunked.statusCode()).isEqualTo(413);
        HttpResponse<String> largest =
                server.send(server.request("/body").POST(BodyPublishers.ofString("x".repeat(1024))));
        assertThat(largest.body()).isEqualTo("1024");
    }

    @Test
    void refusesCompressedBody() throws Exception {
        echoBody();
        HttpResponse<String> answer = server.send(
                server.request("/body").header("Content-Encoding", "gzip").POST(BodyPublishers.ofString("x")));
        assertThat(answer.statusCode()).isEqualTo(415);
    }

    @Test
    void takesNoFileUploads() throws Exception {
        echoBody();
        String form = "--b\r\nContent-Disposition: form-data; name=f; filename=\"../../x\"\r\n\r\nhello\r\n--b--\r\n";
        HttpResponse<String> answer = server.send(server.request("/body")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.ofString(form)));
        assertThat(answer.statusCode()).isLessThan(500);
        assertThat(java.nio.file.Path.of("file-uploads")).doesNotExist();
    }

    @Test
    void cutsOffWhoSendsNoHeaders() throws Exception {
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
            assertThat(TestServer.readAll(socket.getInputStream())).isEmpty();
        }
    }

    @Test
    void cutsOffWhoSendsNoBody() throws Exception {
        echoBody();
        String answer = server.raw(
                "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc".getBytes(StandardCharsets.US_ASCII));
        assertThat(answer).startsWith("HTTP/1.1 408 ").contains("urn:ovos-gateway:request-timeout");
    }

    @Test
    void countsByOperationMethodAndStatus() throws Exception {
        server.router()
                .get("/counted")
                .handler(ctx -> ctx.put("operation", "count").end());
        server.get("/counted");
        server.send(server.request("/counted").method("BREW", BodyPublishers.noBody()));
        // once the answer is out
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(timer(Map.of("operation", "count", "method", "GET", "status", "200")))
                        .isOne());
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(timer(Map.of("operation", "none", "method", "OTHER", "status", "405")))
                        .isOne());
    }

    @Test
    void letsRequestsInFlightFinishWhenItStops() throws Exception {
        try (TestServer stopping = TestServer.start()) {
            CompletableFuture<RoutingContext> waiting = new CompletableFuture<>();
            stopping.router().get("/slow").handler(waiting::complete);
            CompletableFuture<HttpResponse<String>> answer = stopping.client()
                    .sendAsync(stopping.request("/slow").build(), HttpResponse.BodyHandlers.ofString());
            RoutingContext ctx = waiting.get();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(stopping::close);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !stopping.server().isServing());
            ctx.vertx().runOnContext(v -> ctx.end("in the end"));
            assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).returns("in the end", HttpResponse::body);
            assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void endsWhatHasNoEndWhenItStops() throws Exception {
        TestServer stopping = TestServer.start("ovos.http.shutdown-timeout=60s");
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        stopping.router()
                .get("/events")
                .handler(ctx -> HttpCall.of(ctx).stream(new Chunks() {
                    @Override
                    public Future<Buffer> next() {
                        waiting.complete(null);
                        return Promise.<Buffer>promise().future();
                    }

                    @Override
                    public void close() {
                        // holds nothing
                    }

                    @Override
                    public boolean isEndless() {
                        return true;
                    }
                }));
        CompletableFuture<HttpResponse<String>> answer =
                stopping.client().sendAsync(stopping.request("/events").build(), HttpResponse.BodyHandlers.ofString());
        waiting.get();
        assertThat(CompletableFuture.runAsync(stopping::close)).succeedsWithin(Duration.ofSeconds(30));
        assertThat(answer).succeedsWithin(Duration.ofSeconds(10)).returns(200, HttpResponse::statusCode);
    }

    @Test
    void stopsInTimeThoughARequestIsNeverAnswered() throws Exception {
        TestServer stopping = TestServer.start("ovos.http.shutdown-timeout=1s");
        CompletableFuture<RoutingContext> waiting = new CompletableFuture<>();
        stopping.router().get("/never").handler(waiting::complete);
        CompletableFuture<HttpResponse<String>> answer =
                stopping.client().sendAsync(stopping.request("/never").build(), HttpResponse.BodyHandlers.ofString());
        waiting.get();
        assertThat(CompletableFuture.runAsync(stopping::close)).succeedsWithin(Duration.ofSeconds(15));
        assertThat(answer).failsWithin(Duration.ofSeconds(10));
    }

    @Test
    void closesConnectionsOverTheLimit() throws Exception {
        try (TestServer small = TestServer.start("ovos.http.max-connections=1");
                Socket first = small.connect()) {
            CompletableFuture<RoutingContext> waiting = new CompletableFuture<>();
            small.router().get("/wait").handler(waiting::complete);
            first.getOutputStream().write("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            waiting.get();
            assertThat(small.raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                    .isEmpty();
            first.shutdownOutput();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !small.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII))
                            .isEmpty());
        }
    }

    @Test
    void closesTheIdlestConnectionForOneMore() throws Exception {
        try (TestServer small = TestServer.start("ovos.http.max-connections=2", "ovos.http.event-loops=1");
                Socket unused = small.connect();
                Socket used = small.connect()) {
            used.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(used.getInputStream().read()).isEqualTo('H');
            assertThat(small.get("/").statusCode()).isEqualTo(302);
            assertThat(TestServer.readAll(unused.getInputStream())).isEmpty();
            used.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(TestServer.readAll(used.getInputStream())).contains("HTTP/1.1 302 ");
        }
    }

    private static void echoBody() {
        server.router()
                .post("/body")
                .handler(TestServer.body(1024))
                .handler(ctx -> ctx.end(String.valueOf(ctx.body().length())));
    }

    private static long timer(Map<String, String> tags) {
        var search = server.metrics().find("ovos.http.requests");
        tags.forEach(search::tag);
        return search.timer() == null ? 0 : search.timer().count();
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }
}
