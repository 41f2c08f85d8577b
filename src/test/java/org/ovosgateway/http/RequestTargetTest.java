// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A path has one spelling: a proxy in front can allow and forbid by it. */
class RequestTargetTest {

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        server.show("/openapi.yaml", Document.of("application/yaml", new byte[] {'a'}));
        server.router().route("/v1/system/info").method(HttpMethod.GET).handler(ctx -> ctx.end("served"));
        server.router().route("/home/light").handler(ctx -> ctx.end("served"));
        server.router().route("/v1/skills/:id/settings").method(HttpMethod.GET).handler(ctx -> ctx.end("served"));
        server.router().route("/files/*").method(HttpMethod.GET).handler(ctx -> ctx.end("served"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1//system/info",
                "//v1/system/info",
                "/v1/system//info",
                "/v1/./system/info",
                "/./v1/system/info",
                "/v1/x/../system/info",
                "/../v1/system/info",
                "/v1/system/info/.",
                "/v1/system/info/..",
                "/v1/%2e/system/info",
                "/v1/x/%2e%2e/system/info",
                "/v1/x/.%2E/system/info",
                "/v1/%73ystem/info",
                "/v1/system/inf%6F",
                "/%76%31/system/info",
                "/v1%2Fsystem%2finfo",
                "/v1/system%5Cinfo",
                "/v1/system/info%00",
                "/v1/system/info%0a",
                "/v1/system/info%20",
                "/v1/system/info%2F",
                "/v1/system/info/",
                "/v1/system/info//",
                "/v1/system/info;a=b",
                "/v1/system;a=b/info",
                "/v1;/system/info",
                "/v1/System/info",
                "/V1/system/info",
                "/v1/system/info%3Fa=b",
                "/v1/system/info.json",
                "/home/light/",
                "/home//light",
                "/home/%6Cight",
                "/home/light;a",
                "/v1/skills//settings",
                "/v1/skills/a/settings/",
                "/v1/skills/a%2Fb/settings",
                "/v1/skills/../settings",
                "/v1/skills/%61/settings",
                "/docs//",
                "/do%63s",
                "/docs/../docs",
                "/docs/%64ocs.js",
                "/docs/docs.js/",
                "/openapi.yaml/",
                "/openapi%2Eyaml",
                "/files//a",
                "/files/../v1/system/info",
                "//",
                "/%2F"
            })
    void otherSpellingsAreNoPath(String path) throws Exception {
        assertRefused(path, "404");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1\\system\\info",
                "/v1/system/info\\",
                "/v1/system/info#a",
                "/v1/system/info%",
                "/v1/system/info%2",
                "/v1/system/info%zz",
                "/v1/skills/%u0061/settings",
                "/v1/skills/%ff/settings",
                "/v1/skills/%c0%ae/settings",
                "/v1/skills/a\"b/settings",
                "/v1/skills/<a>/settings",
                "/v1/skills/{id}/settings",
                "/v1/skills/\u00e4/settings",
                "v1/system/info",
                "system",
                "*",
                "a:80",
                "ftp://a/v1/system/info",
                "http:///v1/system/info",
                "http://me@a/v1/system/info",
                "http:/v1/system/info",
                "x://a/v1/system/info"
            })
    void malformedTargetsAreRefused(String path) throws Exception {
        assertRefused(path, "400");
    }

    private static void assertRefused(String target, String status) throws Exception {
        String answer = send("GET", target);
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("application/problem+json")
                .doesNotContain("served");
        assertThat(Pattern.compile("HTTP/1.1 ").matcher(answer).results()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/system/info",
                "/v1/system/info?a=//../%2e",
                "/home/light",
                "/v1/skills/a.b-c_d~e/settings",
                "/v1/skills/a%20b/settings",
                "/v1/skills/%C3%A4/settings",
                "/v1/skills/%25/settings",
                "/v1/skills/...;,=:@!$&'()*+/settings",
                "/files/",
                "/files/a/b/",
                "http://elsewhere/v1/system/info",
                "HTTPS://[::1]:80/v1/system/info?a=b"
            })
    void theOneSpellingIsServed(String target) throws Exception {
        assertThat(send("GET", target)).startsWith("HTTP/1.1 200 ").endsWith("served");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/system/info | GET, OPTIONS",
                "/docs           | GET, HEAD, OPTIONS",
                "/               | GET, HEAD, OPTIONS",
                "/openapi.yaml   | GET, HEAD, OPTIONS",
                "*               | GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
            })
    void optionsTellsTheMethods(String target, String allow) throws Exception {
        assertThat(send("OPTIONS", target))
                .startsWith("HTTP/1.1 204 ")
                .containsIgnoringCase("\r\nAllow: " + allow + "\r\n");
    }

    @Test
    void refusalOfAMethodNamesOptionsAsWell() throws Exception {
        assertThat(send("PATCH", "/v1/system/info"))
                .startsWith("HTTP/1.1 405 ")
                .containsIgnoringCase("\r\nAllow: GET, OPTIONS\r\n");
    }

    @Test
    void optionsOfNothingIsNotFound() throws Exception {
        assertThat(send("OPTIONS", "/v1/system/info/")).startsWith("HTTP/1.1 404 ");
        assertThat(send("OPTIONS", "/nothing")).startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @CsvSource({"/docs/, ../docs", "/redoc/, ../redoc", "/, docs"})
    void pagesLeadToOtherPagesBelowThePrefixOfAProxy(String path, String there) throws Exception {
        for (String method : new String[] {"GET", "HEAD"}) {
            assertThat(send(method, path))
                    .startsWith("HTTP/1.1 302 ")
                    .containsIgnoringCase("\r\nlocation: " + there + "\r\n");
        }
        assertThat(send("POST", path)).startsWith("HTTP/1.1 405 ");
    }

    private static String send(String method, String target) throws Exception {
        String request = method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        return server.raw(request.getBytes(StandardCharsets.ISO_8859_1));
    }
}
