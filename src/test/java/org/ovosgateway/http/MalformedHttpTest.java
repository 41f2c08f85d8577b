// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** What no HTTP client would send: each gets a clean answer at once, or its connection closed. */
class MalformedHttpTest {

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("ovos.http.read-timeout=2s", "ovos.http.idle-timeout=2s");
        server.router().get("/skills/:id").handler(ctx -> ctx.end("skill"));
        server.router().post("/body").handler(TestServer.body(1 << 20)).handler(ctx -> ctx.end("body"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                arguments("no HTTP at all", "hello\r\n\r\n", "400"),
                arguments("binary", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n", "400"),
                arguments("no host", "GET /skills/a HTTP/1.1\r\nConnection: close\r\n\r\n", "400"),
                arguments("bad host", get("/skills/a").replace("Host: a", "Host: a b@c"), "400"),
                arguments("two hosts", get("/skills/a").replace("Host: a", "Host: a\r\nHost: b"), "400"),
                arguments("long request line", get("/" + "a".repeat(10_000)), "414"),
                arguments("long query", get("/skills/a?" + "a".repeat(10_000)), "414"),
                arguments(
                        "large header",
                        get("/skills/a").replace("Host: a", "Host: a\r\nX: " + "y".repeat(10_000)),
                        "431"),
                arguments(
                        "many headers",
                        get("/skills/a").replace("Host: a", "Host: a" + "\r\nX: y".repeat(3_000)),
                        "431"),
                arguments("header without name", get("/skills/a").replace("Host: a", "Host: a\r\n: y"), "400"),
                arguments("NUL in header", get("/skills/a").replace("Host: a", "Host: a\r\nX: \u0000"), "400"),
                arguments("space before colon", get("/skills/a").replace("Host: a", "Host: a\r\nX : y"), "400"),
                arguments("path without slash", get("skills"), "400|404"),
                arguments("asterisk", get("*"), "400"),
                arguments("authority", get("a:80").replace("GET", "CONNECT"), "400|404"),
                arguments("absolute", get("http://b/skills/a"), "[24]0[04]"),
                arguments("trace", get("/skills/a").replace("GET", "TRACE"), "405"),
                arguments("unknown method", get("/skills/a").replace("GET", "BREW"), "405"),
                arguments("encoded CRLF", get("/skills/a%0d%0aSet-Cookie:x=y"), "[24]0[04]"),
                arguments("encoded NUL", get("/skills/%00"), "[24]0[04]"),
                arguments("encoded slashes", get("/skills/..%2f..%2fetc%2fpasswd"), "[24]0[04]"),
                arguments("dots", get("/skills/../../etc/passwd"), "400|404"),
                arguments("half an escape", get("/skills/%"), "400|404"),
                arguments("no escape", get("/skills/%zz"), "400|404"),
                arguments("overlong UTF-8", get("/skills/%c0%ae%c0%ae"), "[24]0[04]"),
                arguments("invalid UTF-8", get("/skills/%ff%fe"), "[24]0[04]"),
                arguments("raw bytes", get("/skills/\u00ff\u00fe"), "[24]0[04]"),
                arguments("bad query", get("/skills/a?%zz=%&&=="), "[24]00"),
                arguments("not a length", post("Content-Length: ten", "x"), "400"),
                arguments("negative length", post("Content-Length: -1", ""), "400"),
                arguments("two lengths", post("Content-Length: 1\r\nContent-Length: 2", "xx"), "400"),
                arguments(
                        "length and chunks",
                        post("Content-Length: 1\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
                        "400"),
                arguments("unknown coding", post("Transfer-Encoding: x", ""), "400|501"),
                arguments("unknown expectation", post("Expect: x\r\nContent-Length: 0", ""), "417"),
                arguments(
                        "bad form",
                        post("Content-Type: multipart/form-data\r\nContent-Length: 3", "abc"),
                        "[24]00|415"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void answersCleanly(String name, String request, String status) throws Exception {
        String answer = server.raw(request.getBytes(StandardCharsets.ISO_8859_1));
        String head = answer.contains("\r\n\r\n") ? answer.substring(0, answer.indexOf("\r\n\r\n")) : answer;
        assertThat(answer).matches("(?s)HTTP/\\d\\.\\d (" + status + ") .*");
        assertThat(head.toLowerCase()).contains("x-request-id: ").doesNotContain("set-cookie");
        assertThat(answer).doesNotContain("Exception", "io.netty", "java.");
        if (!answer.startsWith("HTTP/1.1 200")) {
            assertThat(answer).contains("application/problem+json").contains("\"request_id\"");
        }
    }

    @Test
    void closesConnectionOfBrokenChunks() throws Exception {
        String request = post("Transfer-Encoding: chunked", "zz\r\nabc\r\n0\r\n\r\n");
        assertThat(server.raw(request.getBytes(StandardCharsets.US_ASCII))).matches("(?s)|HTTP/1\\.1 400 .*");
    }

    @Test
    void refusesOtherVersions() throws Exception {
        assertThat(server.raw("GET / HTTP/9.9\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 505 ")
                .contains("application/problem+json", "version-not-supported");
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    }

    private static String post(String headers, String body) {
        return "POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n\r\n" + body;
    }
}
