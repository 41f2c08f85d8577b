// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class PagesTest {

    private static final String CONTRACT = "openapi: 3.0.3\ninfo: {title: %s, version: '1'}\npaths: {}\n";

    @TempDir
    private static Path routes;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("ovos.routes.folder=" + routes);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void writeContract() throws Exception {
        contract(CONTRACT.formatted("first"));
        server.serveContract();
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
    void servesTheContractInBothForms() throws Exception {
        assertThat(server.get("/openapi.yaml").body()).isEqualTo(CONTRACT.formatted("first"));
        HttpResponse<String> json = server.get("/openapi.json");
        assertThat(json.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(new ObjectMapper().readTree(json.body()).at("/info/title").asText())
                .isEqualTo("first");
    }

    @Test
    void showsTheContractThatIsServedAndNoOther() throws Exception {
        contract(CONTRACT.formatted("second"));
        assertThat(server.get("/openapi.json").body()).contains("first");
        assertThat(server.get("/openapi.yaml").body()).contains("first");
        server.serveContract();
        assertThat(server.get("/openapi.json").body()).contains("second");
        assertThat(server.get("/openapi.yaml").body()).contains("second");
    }

    static Stream<Arguments> servers() {
        return Stream.of(
                arguments("  - url: /v1", "  - url: v1"),
                arguments("- url: '/v1/a'", "- url: 'v1/a'"),
                arguments(
                        "  # all\n  - description: a\n    url: \"/v1\"",
                        "  # all\n  - description: a\n    url: \"v1\""),
                arguments("  - url: /a\n\n  - url: /b", "  - url: a\n\n  - url: b"),
                arguments("  - url: https://a/v1", "  - url: https://a/v1"),
                arguments("  - url: //a/v1", "  - url: //a/v1"),
                arguments("  - url: /", "  - url: /"));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void tellsServersFromWhereTheContractIs(String servers, String shown) throws Exception {
        String text = "openapi: 3.0.3\nservers:\n%s\ninfo: {title: a, version: '1'}\nx:\n  url: /v1\npaths: {}\n";
        contract(text.formatted(servers));
        server.serveContract();
        assertThat(server.get("/openapi.yaml").body()).isEqualTo(text.formatted(shown));
    }

    @Test
    void tellsThatThereIsNoContract(@TempDir Path empty) throws Exception {
        try (TestServer bare = TestServer.start("ovos.routes.folder=" + empty)) {
            HttpResponse<String> answer = bare.get("/openapi.yaml");
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).contains("openapi.yaml").doesNotContain(empty.toString());
        }
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

    private static void contract(String text) throws Exception {
        Files.writeString(routes.resolve("openapi.yaml"), text);
    }
}
