// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Callers who send what nobody asked for, or who do not take what they have asked for. */
class HostileCallersTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int BODY = 60 << 10;
    private static final int BODIES = 256 << 10;
    private static final int UNSENT = 512 << 10;

    private static TestServer server;

    private final List<Socket> sockets = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = TestServer.start(
                "ovos.http.event-loops=1",
                "ovos.http.max-body=" + BODY,
                "ovos.http.max-bodies=" + BODIES,
                "ovos.http.max-unsent=" + UNSENT,
                "ovos.http.read-timeout=60s",
                "ovos.http.write-timeout=3s",
                "ovos.http.heartbeat=1s",
                "ovos.http.idle-timeout=3s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void givesBackAllMemoryWhenTheyAreGone() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        await().atMost(SOON).until(() -> gauge("ovos.http.bodies") == 0 && gauge("ovos.http.unsent") == 0);
        server.router().clear();
    }

    @Test
    void holdsNoMoreBodiesThanItsBudget() throws Exception {
        server.router().post("/body").handler(TestServer.body(BODY)).handler(ctx -> ctx.end("taken"));
        String refused = fill("Content-Length: " + BODY + "\r\n\r\n" + "x".repeat(BODY - 1));
        assertThat(refused)
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("Retry-After: ")
                .containsIgnoringCase("Connection: close")
                .contains("urn:ovos-gateway:busy");
        assertThat(counter("ovos.http.bodies.refused")).isPositive();
    }

    @Test
    void countsChunksAsTheyArrive() throws Exception {
        server.router().post("/body").handler(TestServer.body(BODY)).handler(ctx -> ctx.end("taken"));
        assertThat(fill("Transfer-Encoding: chunked\r\n\r\n"
                        + "1000\r\n%s\r\n".formatted("x".repeat(4096)).repeat(14)))
                .startsWith("HTTP/1.1 503 ");
    }

    @Test
    void keepsRoomForCallersWithATokenWhenStrangersFillTheirs() throws Exception {
        server.router().post("/body").handler(TestServer.body(false, BODY)).handler(ctx -> ctx.end("taken"));
        server.router().post("/mine").handler(TestServer.body(BODY)).handler(ctx -> ctx.end("taken"));
        assertThat(fill("Content-Length: " + BODY + "\r\n\r\n" + "x".repeat(BODY - 1)))
                .startsWith("HTTP/1.1 503 ");
        assertThat(gauge("ovos.http.bodies")).isLessThanOrEqualTo(BODIES / 4.0);
        assertThat(server.raw(("POST /mine HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + BODY
                                + "\r\n\r\n" + "x".repeat(BODY))
                        .getBytes(StandardCharsets.US_ASCII)))
                .endsWith("taken");
    }

    @Test
    void doesNotReadABodyThatIsRefused() throws Exception {
        server.router().post("/refused").handler(ctx -> ctx.fail(401));
        Socket socket = send("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nxxx");
        assertThat(TestServer.readAll(socket.getInputStream()))
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("Connection: close");
        assertThat(gauge("ovos.http.bodies")).isZero();
    }

    @Test
    void keepsTheConnectionWhenASmallBodyIsRefused() throws Exception {
        server.router().post("/refused").handler(ctx -> ctx.fail(401));
        String small = "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
        Socket socket = send(small + small + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(TestServer.readAll(socket.getInputStream()).split("HTTP/1.1 (401|302) "))
                .hasSize(4);
    }

    @Test
    void refusesBeforeItAsksForTheBody() throws Exception {
        server.router().post("/body").handler(TestServer.body(BODY)).handler(ctx -> ctx.end("taken"));
        server.router().post("/refused").handler(ctx -> ctx.fail(401));
        String expect = "Host: a\r\nExpect: 100-continue\r\nContent-Length: ";
        assertThat(answerTo("POST /refused HTTP/1.1\r\n" + expect + "5\r\n\r\n"))
                .startsWith("HTTP/1.1 401 ");
        assertThat(answerTo("POST /body HTTP/1.1\r\n" + expect + (BODY + 1) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(answerTo("POST /body HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 5\r\n\r\n"))
                .startsWith("HTTP/1.1 417 ");
        Socket socket = send("POST /body HTTP/1.1\r\nConnection: close\r\n" + expect + "5\r\n\r\n");
        String interim = "HTTP/1.1 100 Continue\r\n\r\n";
        assertThat(new String(socket.getInputStream().readNBytes(interim.length()), StandardCharsets.US_ASCII))
                .isEqualTo(interim);
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(TestServer.readAll(socket.getInputStream()))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("taken");
    }

    @Test
    void readsNoRequestsWhoseAnswersAreNotTaken() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        server.router().get("/page").handler(ctx -> {
            calls.incrementAndGet();
            HttpCall.of(ctx).end(Buffer.buffer(new byte[10_000]));
        });
        assertIsCutOff(flood("GET /page HTTP/1.1\r\nHost: a\r\n\r\n"));
        assertThat(calls).hasValueLessThan(100);
    }

    @Test
    void readsNoRequestsWhoseRefusalsAreNotTaken() throws Exception {
        assertIsCutOff(flood("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"));
        assertThat(gauge("ovos.http.unsent")).isLessThan(UNSENT);
    }

    @Test
    void readsNoRequestsBehindOneThatWaits() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<RoutingContext> waiting = new CompletableFuture<>();
        server.router().get("/wait").handler(ctx -> {
            calls.incrementAndGet();
            if (!waiting.complete(ctx)) {
                ctx.end();
            }
        });
        String request = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
        Socket socket = send(request.repeat(50) + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        RoutingContext first = waiting.get();
        assertThat(server.get("/").statusCode()).isEqualTo(302);
        assertThat(calls).hasValue(1);
        first.vertx().runOnContext(v -> first.end());
        assertThat(TestServer.readAll(socket.getInputStream()).split("HTTP/1.1 200 "))
                .hasSize(51);
    }

    @Test
    void cutsOffWhoStopsReading() throws Exception {
        double before = counter("ovos.http.cut.off");
        Socket socket =
                server.stuck("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
        sockets.add(socket);
        await().atMost(SOON).until(() -> counter("ovos.http.cut.off") > before);
        assertThat(gauge("ovos.http.unsent")).isZero();
    }

    @Test
    void letsASlowReaderHaveAll() throws Exception {
        server.router().get("/long").handler(ctx -> HttpCall.of(ctx).end(Buffer.buffer(new byte[400_000])));
        Socket socket = server.stuck("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        sockets.add(socket);
        InputStream in = socket.getInputStream();
        AtomicInteger read = new AtomicInteger();
        // longer than idle-timeout and write-timeout
        await().atMost(SOON).pollInterval(Duration.ofMillis(100)).until(() -> {
            int some = in.readNBytes(8_000).length;
            return read.addAndGet(some) > 0 && some < 8_000;
        });
        assertThat(read).hasValueGreaterThan(400_000);
    }

    @Test
    void cutsOffTheSlowestWhenTooMuchIsUnsent() throws Exception {
        server.router().get("/big").handler(ctx -> HttpCall.of(ctx).end(Buffer.buffer(new byte[200_000])));
        double before = counter("ovos.http.cut.off");
        for (int i = 0; i < 8; i++) {
            sockets.add(server.stuck("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        await().atMost(SOON).until(() -> counter("ovos.http.cut.off") >= before + 5);
        assertThat(gauge("ovos.http.unsent")).isLessThanOrEqualTo(UNSENT);
        assertThat(server.get("/big").body()).hasSize(200_000);
    }

    @Test
    void holdsOneChunkOfAStreamForEachReaderWhoDoesNotRead() throws Exception {
        TestChunks.serve(server, "/stream");
        double before = counter("ovos.http.cut.off");
        for (int i = 0; i < 60; i++) {
            sockets.add(server.stuck("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        await().atMost(SOON).until(() -> TestChunks.opened.get() == 60);
        assertThat(gauge("ovos.http.unsent")).isLessThanOrEqualTo(UNSENT);
        assertThat(server.get("/").statusCode()).isEqualTo(302);
        await().atMost(SOON).until(() -> counter("ovos.http.cut.off") >= before + 60);
        await().atMost(SOON).until(() -> TestChunks.closed.get() == 60);
    }

    @Test
    void sendsASignOfLifeToWhomNothingElseIsSent() throws Exception {
        TestChunks quiet = new TestChunks(true, Promise.<Buffer>promise().future());
        server.router().get("/quiet").handler(ctx -> HttpCall.of(ctx).stream(quiet));
        Socket socket = send("GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n");
        BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        for (int beats = 0; beats < 2; ) {
            beats += lines.readLine().equals("beat") ? 1 : 0;
        }
        socket.close();
        await().atMost(SOON).untilTrue(quiet.isClosed);
    }

    @Test
    void endsWhatHasNoEndWhenTheRightIsLost() throws Exception {
        AtomicBoolean allowed = new AtomicBoolean(true);
        TestChunks quiet = new TestChunks(true, Promise.<Buffer>promise().future());
        server.router().get("/quiet").handler(ctx -> {
            HttpCall.of(ctx).allowWhile(allowed::get);
            HttpCall.of(ctx).stream(quiet);
        });
        Socket socket = send("GET /quiet HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        while (!lines.readLine().equals("beat")) {
            // up to the first sign of life
        }
        allowed.set(false);
        assertThat(lines.lines().toList()).endsWith("0", "");
        assertThat(quiet.isClosed).isTrue();
    }

    @Test
    void breaksOffWhatHasAnEndWhenTheRightIsLost() throws Exception {
        AtomicBoolean allowed = new AtomicBoolean(true);
        TestChunks waiting = new TestChunks(
                false,
                Future.succeededFuture(Buffer.buffer("first")),
                Promise.<Buffer>promise().future());
        server.router().get("/file").handler(ctx -> {
            HttpCall.of(ctx).allowWhile(allowed::get);
            HttpCall.of(ctx).stream(waiting);
        });
        Socket socket = send("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
        BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        while (!lines.readLine().equals("first")) {
            // up to the first chunk
        }
        allowed.set(false);
        assertThat(lines.lines().toList()).doesNotContain("0");
        assertThat(waiting.isClosed).isTrue();
    }

    @Test
    void breaksOffAnAnswerWhoseRestCannotBeMade() throws Exception {
        TestChunks failing = new TestChunks(
                false,
                Future.succeededFuture(Buffer.buffer("first")),
                Future.failedFuture(new IOException("the disk")));
        server.router().get("/file").handler(ctx -> HttpCall.of(ctx).stream(failing));
        assertThat(answerTo("GET /file HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("first\r\n");
        assertThat(failing.isClosed).isTrue();
    }

    @Test
    void tellsAProblemWhereNothingCouldBeMade() throws Exception {
        TestChunks failing = new TestChunks(false, Future.failedFuture(new IOException("the disk")));
        server.router()
                .get("/file")
                .handler(ctx -> HttpCall.of(ctx).stream(failing).onFailure(ctx::fail));
        assertThat(server.get("/file").statusCode()).isEqualTo(500);
        assertThat(failing.isClosed).isTrue();
    }

    @Test
    void streamsToACallerOfHttp10UntilItCloses() throws Exception {
        TestChunks two = new TestChunks(
                false,
                Future.succeededFuture(Buffer.buffer("one")),
                Future.succeededFuture(Buffer.buffer("two")),
                Future.succeededFuture());
        server.router().get("/file").handler(ctx -> HttpCall.of(ctx).stream(two));
        assertThat(answerTo("GET /file HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
                .startsWith("HTTP/1.0 200 ")
                .endsWith("\r\n\r\nonetwo")
                .doesNotContainIgnoringCase("transfer-encoding");
    }

    /** Some chunks; the last one again and again. */
    private static final class TestChunks implements Chunks {

        private static final AtomicInteger opened = new AtomicInteger();
        private static final AtomicInteger closed = new AtomicInteger();

        private final AtomicBoolean isClosed = new AtomicBoolean();
        private final boolean endless;
        private final Deque<Future<Buffer>> chunks;

        @SafeVarargs
        TestChunks(boolean endless, Future<Buffer>... chunks) {
            this.endless = endless;
            this.chunks = new ArrayDeque<>(List.of(chunks));
        }

        static void serve(TestServer server, String path) {
            opened.set(0);
            closed.set(0);
            server.router().get(path).handler(ctx -> {
                opened.incrementAndGet();
                HttpCall.of(ctx).stream(
                        new TestChunks(false, Future.succeededFuture(Buffer.buffer(new byte[16 << 10]))));
            });
        }

        @Override
        public Future<Buffer> next() {
            return chunks.size() > 1 ? chunks.remove() : chunks.peek();
        }

        @Override
        public void close() {
            isClosed.set(true);
            closed.incrementAndGet();
        }

        @Override
        public Buffer heartbeat() {
            return endless ? Buffer.buffer("beat") : null;
        }

        @Override
        public boolean isEndless() {
            return endless;
        }
    }

    @Test
    void refusesTooManyHeaders() throws Exception {
        assertThat(answerTo("GET / HTTP/1.1\r\nHost: a\r\n" + "a:b\r\n".repeat(100) + "\r\n"))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void timesARequestUntilItsAnswerIsOut() throws Exception {
        server.router().get("/timed").handler(ctx -> {
            ctx.put("operation", "timed");
            HttpCall.of(ctx).end(Buffer.buffer(new byte[400_000]));
        });
        Socket socket = server.stuck("GET /timed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        sockets.add(socket);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        assertThat(server.metrics()
                        .find("ovos.http.requests")
                        .tag("operation", "timed")
                        .timer())
                .isNull();
        TestServer.readAll(socket.getInputStream());
        await().atMost(SOON)
                .until(() -> server.metrics()
                                .find("ovos.http.requests")
                                .tags("operation", "timed", "status", "200")
                                .timer()
                        != null);
    }

    /** Begins one body after the other until one is refused, and gives that answer. */
    private String fill(String rest) throws Exception {
        for (int i = 0; i < 50; i++) {
            double held = gauge("ovos.http.bodies");
            Socket socket = send("POST /body HTTP/1.1\r\nHost: a\r\n" + rest);
            await().atMost(SOON)
                    .until(() -> gauge("ovos.http.bodies") > held
                            || socket.getInputStream().available() > 0);
            assertThat(gauge("ovos.http.bodies")).isLessThanOrEqualTo(BODIES);
            if (gauge("ovos.http.bodies") <= held || socket.getInputStream().available() > 0) {
                return TestServer.readAll(socket.getInputStream());
            }
        }
        throw new AssertionError("never refused");
    }

    /** Sends this request again and again without reading, until the connection is gone. */
    private CompletableFuture<Void> flood(String request) throws IOException {
        Socket socket = server.stuck(request);
        sockets.add(socket);
        byte[] many = request.repeat(1000).getBytes(StandardCharsets.US_ASCII);
        return CompletableFuture.runAsync(() -> {
            try {
                while (true) {
                    socket.getOutputStream().write(many);
                }
            } catch (IOException e) {
                // cut off
            }
        });
    }

    private static void assertIsCutOff(CompletableFuture<Void> flood) {
        assertThat(flood).succeedsWithin(SOON);
    }

    private Socket send(String request) throws IOException {
        Socket socket = server.connect();
        sockets.add(socket);
        new ByteArrayInputStream(request.getBytes(StandardCharsets.US_ASCII)).transferTo(socket.getOutputStream());
        return socket;
    }

    private String answerTo(String request) throws IOException {
        return TestServer.readAll(send(request).getInputStream());
    }

    private static double gauge(String name) {
        return server.metrics().get(name).gauge().value();
    }

    private static double counter(String name) {
        return server.metrics().get(name).functionCounter().count();
    }
}
