// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class PagesTest {

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.start();
        server.show("/openapi.json", Document.of("application/json", "{}".getBytes(StandardCharsets.UTF_8)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/redoc"})
    void everyReferenceOfAPageIsServed(String page) throws Exception {
        HttpResponse<String> html = server.get(page);
        assertThat(html.statusCode()).isEqualTo(200);
        assertThat(html.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(html.body()).doesNotContain("http://", "https://", "<style", "onload");
        List<String> references = Pattern.compile("(?:src|href)=\"([^\"]+)\"")
                .matcher(html.body())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(references).hasSizeGreaterThan(3);
        for (String reference : references) {
            assertThat(server.get("/" + reference).statusCode()).as(reference).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/redoc"})
    void pagesRunNoScriptButTheirFiles(String page) throws Exception {
        HttpResponse<String> html = server.get(page);
        String policy = html.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy)
                .startsWith("default-src 'none'; script-src 'self';")
                .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
                .doesNotContain("unsafe-eval", "http");
        assertThat(html.body()).doesNotContainPattern("<script>|<script[^>]*>[^<]");
    }

    @Test
    void redocFetchesNothingFromElsewhere() throws Exception {
        String script = server.get("/redoc/redoc.standalone.js").body();
        assertThat(script.contains("src:\"data:,\"")).isTrue();
        assertThat(script.contains("cdn.")).isFalse();
    }

    @Test
    void servesTheDocumentsOfTheSite() throws Exception {
        HttpResponse<String> answer = server.get("/openapi.json");
        assertThat(answer.body()).isEqualTo("{}");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(server.get("/openapi.yaml").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"})
    void sendsNothingThatTheCallerHas(String path) throws Exception {
        String tag = server.get(path).headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = server.get(path, "If-None-Match", "\"other\", " + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(server.get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }

    @Test
    void compressesForThoseWhoAccept() throws Exception {
        HttpRequest request = server.request("/docs/swagger-ui-bundle.js")
                .header("Accept-Encoding", "gzip, br")
                .build();
        HttpResponse<byte[]> answer = server.client().send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        try (var in = new GZIPInputStream(new java.io.ByteArrayInputStream(answer.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(server.get("/docs/swagger-ui-bundle.js").body());
        }
    }

    @Test
    void turnsAwayReadersWhoCostTooMuch() throws Exception {
        String script = "/docs/swagger-ui-bundle.js";
        List<Socket> slow = new ArrayList<>();
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                slow.add(server.stuck("GET " + script + " HTTP/1.1\r\nHost: a\r\n\r\n"));
                return server.head(script).startsWith("HTTP/1.1 503 ");
            });
            assertThat(slow).hasSizeBetween(10, 40);
            assertThat(server.get(script, "Accept-Encoding", "gzip").statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.get(script).body().length() > 1_000_000);
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        HttpResponse<String> head =
                server.send(server.request("/docs").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isPositive();
    }

    @Test
    void leadsToTheDocs() throws Exception {
        HttpResponse<String> answer = server.get("/");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).contains("docs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/../application.yaml",
                "/docs/%2e%2e/application.yaml",
                "/docs/..%2f..%2fapplication.yaml",
                "/docs//swagger-ui.css",
                "/docs/index.html",
                "/docs/swagger-ui.js.map",
                "/redoc/redoc.standalone.js.map",
                "/docs/META-INF/MANIFEST.MF",
                "/openapi.yaml/../system.camel.yaml",
                "/openapi.yaml%00",
                "/pages/docs.html"
            })
    void servesNothingElse(String path) throws Exception {
        String answer = server.raw(("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").getBytes());
        assertThat(answer).startsWith("HTTP/1.1 404 ");
    }
}
