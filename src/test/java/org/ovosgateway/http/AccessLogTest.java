// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.EncoderBase;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.testing.PemFiles;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class AccessLogTest {

    private final Lines lines = new Lines();
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start();
        listen();
    }

    @AfterEach
    void stop() {
        logger().detachAppender(lines);
        server.close();
    }

    @Test
    void tellsWhoDidWhatAndHowItEnded() throws Exception {
        server.router()
                .get("/told")
                .handler(
                        ctx -> ctx.put("user", "alice").put("operation", "tell").end("hello"));
        server.get("/told?token=secret", "X-Request-Id", "mine", "Authorization", "Bearer secret");
        assertThat(line()).matches("127\\.0\\.0\\.1 GET /told 200 5B \\d+\\.\\dms id=mine user=alice op=tell");
    }

    @Test
    void tellsWhoCalledATrustedProxy() throws Exception {
        try (TestServer behind = TestServer.start("ovos.http.trusted-proxies=127.0.0.1,10.0.0.0/8")) {
            listen();
            behind.get("/nothing", "X-Forwarded-For", "198.51.100.1, 203.0.113.7, 10.1.2.3");
            assertThat(line()).startsWith("203.0.113.7 GET /nothing 404 ");
            behind.raw("nonsense\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(line()).startsWith("127.0.0.1 ");
        }
    }

    @Test
    void believesNobodyElseWhoCalled() throws Exception {
        server.get(
                "/nothing",
                "X-Forwarded-For",
                "203.0.113.7",
                "Forwarded",
                "for=203.0.113.7",
                "X-Real-IP",
                "203.0.113.7");
        assertThat(line()).startsWith("127.0.0.1 GET /nothing 404 ");
    }

    @Test
    void tellsOfWhatIsNoHttp() throws Exception {
        server.raw("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(line()).contains(" 400 ");
    }

    @Test
    void tellsOfCallersThatLeave() throws Exception {
        server.router().get("/never").handler(ctx -> {});
        try (var socket = server.connect()) {
            socket.getOutputStream()
                    .write("GET /never HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(line()).contains("GET /never 499 ");
    }

    @Test
    void takesTheEndOfAStreamForNoCallerThatLeaves(@TempDir Path folder) throws Exception {
        PemFiles pem = PemFiles.in(folder, "one", "EC");
        try (TestServer tls = TestServer.start(
                "server.ssl.certificate=" + pem.certificate(), "server.ssl.certificate-private-key=" + pem.key())) {
            listen();
            tls.router().get("/large").handler(ctx -> HttpCall.of(ctx).end(Buffer.buffer(new byte[100_000])));
            HttpResponse<byte[]> answer = HttpClient.newBuilder()
                    .sslContext(TlsTest.trusting(pem))
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + tls.port() + "/large"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(line()).contains("GET /large 200 100000B");
        }
    }

    @Test
    void keepsOneLinePerRequestWhateverIsSent() throws Exception {
        server.router()
                .get("/user")
                .handler(ctx -> ctx.put("user", "eve\r\n127.0.0.1 GET /forged 200 \u202e\u001b[2J")
                        .end());
        server.get("/user", "X-Request-Id", "a b");
        assertThat(line())
                .contains("user=eve\\x0d\\x0a127.0.0.1\\x20GET\\x20/forged\\x20200\\x20\\u202e\\x1b[2J op=-")
                .doesNotContain("id=a b");
        server.raw("GET /\u00e4\u0085\u009b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(line()).contains("GET /\\xe4\\x85\\x9b 400");
    }

    @Test
    void cutsLongPaths() throws Exception {
        server.get("/" + "a".repeat(4_000));
        assertThat(line()).hasSizeLessThan(700).contains("...");
    }

    @Test
    void dropsAndCountsLinesRatherThanWait() throws Exception {
        assertThat(logger().getAppender("ACCESS")).isInstanceOf(AccessLogQueue.class);
        var dropped = server.metrics().get("ovos.access.log.dropped").functionCounter();
        double before = dropped.count();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AccessLogQueue queue = new AccessLogQueue();
        queue.setContext(logger().getLoggerContext());
        queue.setQueueSize(2);
        queue.setEncoder(new EncoderBase<>() {
            @Override
            public byte[] headerBytes() {
                return new byte[0];
            }

            @Override
            public byte[] encode(ILoggingEvent event) {
                stuck.countDown();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return new byte[0];
            }

            @Override
            public byte[] footerBytes() {
                return new byte[0];
            }
        });
        queue.start();
        try {
            queue.doAppend(event());
            assertThat(stuck.await(60, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 5; i++) {
                queue.doAppend(event());
            }
            assertThat(dropped.count() - before).isEqualTo(3);
        } finally {
            released.countDown();
            queue.stop();
        }
    }

    @Test
    void canBeSwitchedOff() throws Exception {
        try (TestServer silent = TestServer.start("ovos.http.access-log=false")) {
            // starting it has set up logging anew
            listen();
            silent.get("/silent");
            server.get("/told");
            assertThat(line()).contains("/told");
            assertThat(lines.seen).isEmpty();
        }
    }

    private static ILoggingEvent event() {
        return new LoggingEvent("test", logger(), Level.INFO, "line", null, null);
    }

    private void listen() {
        lines.start();
        logger().addAppender(lines);
    }

    private String line() {
        await().atMost(Duration.ofSeconds(30)).until(() -> !lines.seen.isEmpty());
        return lines.seen.remove(0);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("access");
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {

        private final List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            seen.add(event.getFormattedMessage());
        }
    }
}
