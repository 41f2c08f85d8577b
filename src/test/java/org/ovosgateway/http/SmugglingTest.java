// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Requests that a proxy in front may read in another way: one answer, and nothing after them is served (RFC 9112, 11.2). */
class SmugglingTest {

    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    private static final AtomicInteger served = new AtomicInteger();
    private static final CompletableFuture<RoutingContext> waiting = new CompletableFuture<>();

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("ovos.http.max-body=1KB");
        server.router().route("/smuggled").handler(ctx -> {
            served.incrementAndGet();
            ctx.end();
        });
        server.router().get("/get").handler(ctx -> ctx.end("got"));
        server.router().get("/waits").handler(waiting::complete);
        server.router().post("/post").handler(TestServer.body(1024)).handler(ctx -> ctx.end("posted"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() {
        served.set(0);
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                arguments("unknown coding", post("Transfer-Encoding: xchunked"), "400|501"),
                arguments("chunked last, after another", post("Transfer-Encoding: gzip, chunked"), "400|501"),
                arguments("chunked first", post("Transfer-Encoding: chunked, xchunked"), "400|501"),
                arguments("chunked twice", post("Transfer-Encoding: chunked, chunked"), "400|501"),
                arguments("two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"), "400|501"),
                arguments(
                        "two codings, the other way",
                        post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
                        "400|501"),
                arguments(
                        "chunked twice, two lines",
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                        "400|501"),
                arguments("identity", post("Transfer-Encoding: identity"), "400|501"),
                arguments("coding with a parameter", post("Transfer-Encoding: chunked;a=b"), "400|501"),
                arguments("quoted coding", post("Transfer-Encoding: \"chunked\""), "400|501"),
                arguments("no coding", post("Transfer-Encoding:"), "400|501"),
                arguments("comma before the coding", post("Transfer-Encoding: ,chunked"), "400|501"),
                arguments("folded coding", post("Transfer-Encoding:\r\n chunked"), "400|501"),
                arguments("vertical tab before the coding", post("Transfer-Encoding: \u000bchunked"), "400"),
                arguments(
                        "coding in HTTP/1.0", post("Transfer-Encoding: chunked").replace("1.1", "1.0"), "400"),
                arguments("coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 4"), "400"),
                arguments("length and coding", post("Content-Length: 4\r\nTransfer-Encoding: chunked"), "400"),
                arguments("length and unknown coding", post("Content-Length: 4\r\nTransfer-Encoding: x"), "400"),
                arguments("space before the colon", post("Transfer-Encoding : chunked"), "400"),
                arguments("tab before the colon", post("Content-Length\t: 0"), "400"),
                arguments("no colon", post("Content-Length 0"), "400"),
                arguments("space before the first header", get("\r\nHost: a").replace("\r\nHost", "\r\n Host"), "400"),
                arguments("two lengths", post("Content-Length: 0\r\nContent-Length: 4"), "400"),
                arguments("the same length twice", post("Content-Length: 0\r\nContent-Length: 0"), "400"),
                arguments("list of lengths", post("Content-Length: 0, 4"), "400"),
                arguments(
                        "two lengths in HTTP/1.0",
                        post("Content-Length: 0\r\nContent-Length: 4").replace("1.1", "1.0"),
                        "400"),
                arguments("negative length", post("Content-Length: -1"), "400"),
                arguments("length with a plus", post("Content-Length: +4"), "400"),
                arguments("hexadecimal length", post("Content-Length: 0x4"), "400"),
                arguments("length with an exponent", post("Content-Length: 4e0"), "400"),
                arguments("fraction of a length", post("Content-Length: 4.0"), "400"),
                arguments("Arabic digits", post("Content-Length: \u0664"), "400"),
                arguments("no length", post("Content-Length:"), "400"),
                arguments("length over all bounds", post("Content-Length: 99999999999999999999"), "400"),
                arguments("bare CR in a value", get("Host: a\r\nX: a\rTransfer-Encoding: chunked"), "400"),
                arguments("bare CR after a value", get("Host: a\rX: b"), "400"),
                arguments("bare LF", "GET /get HTTP/1.1\nHost: a\n\n", "400"),
                arguments("bare LF after a header", get("Host: a\nX: b"), "400"),
                arguments("NUL in a value", get("Host: a\r\nX: \u0000"), "400"),
                arguments("no name", get("Host: a\r\n: x"), "400"),
                arguments("two hosts", get("Host: a\r\nHost: b"), "400"),
                arguments("the same host twice", get("Host: a\r\nHost: a"), "400"),
                arguments("two hosts in HTTP/1.0", get("Host: a\r\nHost: b").replace("1.1", "1.0"), "400"),
                arguments("no host", get("X: y"), "400"),
                arguments("empty host", get("Host:"), "400"),
                arguments("host with a path", get("Host: a/b"), "400"),
                arguments("host with a user", get("Host: me@a"), "400"),
                arguments("host with a space", get("Host: a b"), "400"),
                arguments("list of hosts", get("Host: a, b"), "400"),
                arguments("host with a name as port", get("Host: a:b"), "400"),
                arguments("IPv6 without brackets", get("Host: ::1"), "400"),
                arguments("HTTP/1.2", get("Host: a").replace("1.1", "1.2"), "505"),
                arguments("HTTP/2.0", get("Host: a").replace("1.1", "2.0"), "505"),
                arguments("HTTP/0.9 with a version", get("Host: a").replace("1.1", "0.9"), "505"),
                arguments("no version", get("Host: a").replace(" HTTP/1.1", ""), "400"),
                arguments("another protocol", get("Host: a").replace("HTTP/1.1", "HTCPCP/1.0"), "505"),
                arguments("small letters", get("Host: a").replace("HTTP", "http"), "505"),
                arguments("tab in the request line", get("Host: a").replace("GET ", "GET\t"), "400"),
                arguments("two spaces before the target", get("Host: a").replace("GET ", "GET  "), "400"),
                arguments("space in a name", get("Host: a\r\nX Y: z"), "400"),
                arguments("two spaces", get("Host: a").replace(" HTTP", "  HTTP"), "400"),
                arguments("words after the version", get("Host: a").replace("HTTP/1.1", "HTTP/1.1 x"), "400"),
                arguments("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void refusesWhatCanBeReadInTwoWays(String name, String request, String status) throws Exception {
        String answer = send(request + SMUGGLED + SMUGGLED);
        assertThat(answer).matches("(?s)HTTP/1\\.[01] (" + status + ") .*");
        assertAnsweredOnceAndClosed(answer);
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                arguments("no number", "zz\r\nab\r\n0\r\n\r\n"),
                arguments("negative", "-2\r\nab\r\n0\r\n\r\n"),
                arguments("with a plus", "+2\r\nab\r\n0\r\n\r\n"),
                arguments("with a prefix", "0x2\r\nab\r\n0\r\n\r\n"),
                arguments("over all bounds", "fffffffffffffffff\r\nab\r\n0\r\n\r\n"),
                arguments("empty", "\r\nab\r\n0\r\n\r\n"),
                arguments("longer than it says", "2\r\nabc\r\n0\r\n\r\n"),
                arguments("without an end", "2\r\nab0\r\n\r\n"),
                arguments("with a bare LF", "2\nab\r\n0\r\n\r\n"),
                arguments("with a bare LF in its extension", "2;a\nb\r\nab\r\n0\r\n\r\n"),
                arguments("with a long extension", "2;" + "x".repeat(10_000) + "\r\nab\r\n0\r\n\r\n"),
                arguments("with a long trailer", "0\r\nX: " + "x".repeat(10_000) + "\r\n\r\n"),
                arguments("with a bad trailer", "0\r\nX : y\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void refusesBrokenChunks(String name, String chunks) throws Exception {
        String answer =
                send("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED);
        assertThat(answer).startsWith("HTTP/1.1 4");
        assertAnsweredOnceAndClosed(answer);
    }

    static Stream<Arguments> wellFormed() {
        return Stream.of(
                arguments(
                        "chunks",
                        "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "2\r\nab\r\n0\r\n\r\n"),
                arguments(
                        "chunks in capitals",
                        "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  Chunked \r\n\r\n"
                                + "A;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"),
                arguments("length", "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"),
                arguments("length with zeros", "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 002\r\n\r\nab"),
                arguments("no body", "POST /post HTTP/1.1\r\nHost: a\r\n\r\n"),
                arguments("empty line before", "\r\n" + get("Host: a")),
                arguments("host with a port", get("Host: a.example:80")),
                arguments("IPv6", get("Host: [::1]:8000")),
                arguments("underscore in a host", get("Host: my_host")),
                arguments("old client that stays", get("Connection: keep-alive").replace("1.1", "1.0")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wellFormed")
    void servesWhatComesAfterAGoodRequest(String name, String request) throws Exception {
        String last = SMUGGLED.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        assertThat(count(send(request + SMUGGLED + last))).isEqualTo(3);
        assertThat(served).hasValue(2);
    }

    @Test
    void servesNothingAfterABodyThatIsTooLarge() throws Exception {
        for (String body : new String[] {
            "Content-Length: 2000\r\n\r\n" + "x".repeat(2000),
            "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + "x".repeat(2000) + "\r\n0\r\n\r\n",
            "Content-Length: 2000\r\n\r\n"
        }) {
            String answer = send("POST /post HTTP/1.1\r\nHost: a\r\n" + body + SMUGGLED);
            assertThat(answer).startsWith("HTTP/1.1 413 ");
            assertAnsweredOnceAndClosed(answer);
        }
    }

    @Test
    void servesNoRequestThatWasReadBeforeTheLastAnswer() throws Exception {
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED).getBytes(StandardCharsets.US_ASCII));
            RoutingContext first = waiting.get();
            first.vertx()
                    .runOnContext(v ->
                            first.response().putHeader("Connection", "close").end());
            String answer = TestServer.readAll(socket.getInputStream());
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            assertThat(count(answer)).isEqualTo(1);
        }
        assertThat(served).hasValue(0);
    }

    @Test
    void letsTheCallerReadWhyThoughItIsStillSending() throws Exception {
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] part = new byte[100_000];
            for (int i = 0; i < 10; i++) {
                out.write(part);
            }
            assertThat(TestServer.readAll(socket.getInputStream()))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("content-too-large");
        }
    }

    @Test
    void closesTheConnectionOfACallerWhoNeverCloses() throws Exception {
        try (Socket socket = server.connect()) {
            socket.getOutputStream().write(("GET / HTTP/1.2\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            in.readAllBytes();
            assertThat(CompletableFuture.runAsync(() -> writeUntilItFails(socket)))
                    .succeedsWithin(Duration.ofSeconds(30));
        }
    }

    private static void writeUntilItFails(Socket socket) {
        try {
            while (true) {
                socket.getOutputStream().write(new byte[10_000]);
            }
        } catch (java.io.IOException closed) {
            // by the server, as it should be
        }
    }

    private static void assertAnsweredOnceAndClosed(String answer) {
        assertThat(answer)
                .contains("application/problem+json", "\"request_id\"")
                .containsIgnoringCase("\r\nconnection: close\r\n")
                .doesNotContain("Exception", "netty", "java.");
        assertThat(count(answer)).isEqualTo(1);
        assertThat(served).hasValue(0);
    }

    private static String send(String request) throws Exception {
        return server.raw(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static long count(String answers) {
        return Pattern.compile("HTTP/1\\.[01] \\d{3} ")
                .matcher(answers)
                .results()
                .count();
    }

    private static String get(String headers) {
        return "GET /get HTTP/1.1\r\n" + headers + "\r\n\r\n";
    }

    private static String post(String header) {
        return "POST /post HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
    }
}
