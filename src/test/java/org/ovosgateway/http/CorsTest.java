// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CorsTest {

    private static final String PREFLIGHT =
            "OPTIONS /call HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: %s\r\nAccess-Control-Request-Method: GET\r\n"
                    + "Access-Control-Request-Headers: authorization\r\n\r\n";

    private static TestServer open;
    private static TestServer closed;

    @BeforeAll
    static void start() {
        open = TestServer.start(
                "ovos.http.cors.origins=https://panel.example,http://127.0.0.1:3000", "ovos.http.cors.max-age=5m");
        closed = TestServer.start();
        for (TestServer server : List.of(open, closed)) {
            server.router().get("/call").handler(ctx -> ctx.fail(401));
        }
    }

    @AfterAll
    static void stop() {
        open.close();
        closed.close();
    }

    @Test
    void answersPreflightBeforeAuthentication() throws Exception {
        assertThat(preflight(open, "https://panel.example"))
                .startsWith("HTTP/1.1 204 ")
                .containsIgnoringCase("access-control-allow-origin: https://panel.example\r\n")
                .containsIgnoringCase("access-control-max-age: 300\r\n")
                .containsIgnoringCase("authorization")
                .doesNotContainIgnoringCase("allow-credentials");
    }

    @Test
    void letsAllowedOriginReadFailures() throws Exception {
        HttpResponse<String> answer = open.get("/call", "Origin", "https://panel.example");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains("https://panel.example");
        assertThat(answer.headers().firstValue("Access-Control-Expose-Headers"))
                .get()
                .asString()
                .contains("X-Request-Id");
    }

    @Test
    void refusesOtherOrigins() throws Exception {
        for (String origin : List.of("https://evil.example", "https://panel.example.evil.example", "null")) {
            assertThat(preflight(open, origin))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("application/problem+json")
                    .contains("urn:ovos-gateway:foreign-origin", "ovos.http.cors.origins")
                    .doesNotContainIgnoringCase("access-control-allow-origin");
        }
    }

    @Test
    void takesItsOwnPagesForNoOtherOrigin() throws Exception {
        assertThat(open.get("/call", "Origin", "http://127.0.0.1:" + open.port())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void keepsPagesOfOthersFromPasswordsThatBrowsersRemember() throws Exception {
        closed.router().get("/password").handler(ctx -> ctx.end());
        for (String origin : List.of("https://evil.example", "http://evil.example:80", "null")) {
            assertThat(closed.get("/password", "Origin", origin).statusCode()).isEqualTo(403);
        }
        assertThat(closed.get("/password", "Origin", "file://").statusCode()).isEqualTo(200);
        assertThat(closed.get("/password", "Origin", "http://127.0.0.1:" + closed.port())
                        .statusCode())
                .isEqualTo(200);
        assertThat(closed.get("/password").statusCode()).isEqualTo(200);
        assertThat(closed.get("/call", "Origin", "https://evil.example").statusCode())
                .isEqualTo(401);
    }

    @Test
    void isOffByDefault() throws Exception {
        assertThat(preflight(closed, "https://panel.example"))
                .startsWith("HTTP/1.1 204 ")
                .doesNotContainIgnoringCase("access-control");
        assertThat(closed.get("/call", "Origin", "https://panel.example")
                        .headers()
                        .map())
                .doesNotContainKey("access-control-allow-origin");
    }

    private static String preflight(TestServer server, String origin) throws Exception {
        return server.raw(PREFLIGHT.formatted(origin).getBytes(StandardCharsets.US_ASCII));
    }
}
