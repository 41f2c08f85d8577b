// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.http.HttpResponse;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Routes that a user adds beside the contract: behind the same guard, unless they say otherwise. */
class UserRoutesTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("speaker", "voice:speak")
            .routes("home.camel.yaml", """
                    - route:
                        id: guarded
                        from:
                          uri: platform-http:/home/guarded
                          steps:
                            - setBody:
                                constant: guarded
                    - route:
                        id: open
                        from:
                          uri: platform-http:/home/open
                          parameters:
                            access: public
                          steps:
                            - setBody:
                                constant: open
                    - route:
                        id: announce
                        from:
                          uri: platform-http:/home/announce
                          parameters:
                            access: voice:speak
                            httpMethodRestrict: PUT
                          steps:
                            - to:
                                uri: ovos:speak
                                parameters:
                                  data.utterance: dinner is ready
                            - setBody:
                                simple: ${null}
                    - route:
                        id: token
                        from:
                          uri: platform-http:/home/token
                          steps:
                            - setBody:
                                simple: "token: ${header.Authorization}"
                    - route:
                        id: caller
                        from:
                          uri: platform-http:/home/caller
                          steps:
                            - setBody:
                                simple: "${exchangeProperty.caller.kind} ${exchangeProperty.caller.name}"
                    - route:
                        id: light
                        from:
                          uri: platform-http:/home/light?access=home:light
                          steps:
                            - setBody:
                                constant: light
                    - route:
                        id: page
                        from:
                          uri: platform-http:/home/page
                          steps:
                            - setHeader:
                                name: Content-Type
                                constant: text/html
                            - setHeader:
                                name: Cache-Control
                                constant: max-age=60
                            - setHeader:
                                name: Content-Language
                                constant: de
                            - setHeader:
                                name: X-Inside
                                constant: mine
                            - setBody:
                                constant: <p>home</p>
                    """)
            .routes("broken.camel.yaml", """
                    - route:
                        id: broken
                        from:
                          uri: platform-http:/home/broken?access=public
                          steps:
                            - throwException:
                                exceptionType: java.lang.IllegalStateException
                                message: hush-inside
                    - route:
                        id: echo
                        from:
                          uri: platform-http:/home/echo?access=public
                          steps:
                            - setBody:
                                simple: heard ${body}
                    """)
            .routes("rest-home.camel.yaml", """
                    - rest:
                        path: /home/rest
                        get:
                          - path: /state
                            to: direct:home-state
                    - route:
                        id: home-state
                        from:
                          uri: direct:home-state
                          steps:
                            - setBody:
                                constant: '{"home": true}'
                    """);

    @BeforeEach
    void connect() {
        gateway.awaitBus();
    }

    @Test
    void theTokenOfACallerDoesNotReachTheRoute() {
        assertThat(gateway.call("GET", "/home/token").as("speaker").send().body())
                .isEqualTo("token: ");
    }

    @Test
    void knowWhoCalls() {
        assertThat(gateway.call("GET", "/home/caller").as("speaker").send().body())
                .isEqualTo("USER speaker");
    }

    @Test
    void needATokenUnlessTheySayOtherwise() {
        gateway.call("GET", "/home/guarded").anonymous().isRefused(401, "unauthorized");
        gateway.call("GET", "/home/guarded").token("broken").isRefused(401, "unauthorized");
        gateway.call("GET", "/home/guarded")
                .token(gateway.logIn(Gateway.USER).refresh())
                .isRefused(401, "unauthorized");
        gateway.call("GET", "/home/rest/state").anonymous().isRefused(401, "unauthorized");

        assertThat(gateway.call("GET", "/home/guarded").as("speaker").send().body())
                .isEqualTo("guarded");
        gateway.call("GET", "/home/rest/state").as("speaker").answers(200, "{\"home\": true}");
    }

    @Test
    void readNoBodyBeforeTheyKnowWhoCalls() throws Exception {
        assertThat(gateway.raw("POST /home/guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 999000\r\n\r\nx"))
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("Connection: close");
    }

    @Test
    void areForEverybodyWhenTheySaySo() {
        assertThat(gateway.call("GET", "/home/open").anonymous().send().body()).isEqualTo("open");
    }

    @Test
    void needTheScopeThatTheyName() {
        gateway.call("PUT", "/home/announce").anonymous().isRefused(401, "unauthorized");
        gateway.call("GET", "/home/light").as("speaker").isRefused(403, "forbidden");

        gateway.call("PUT", "/home/announce").as("speaker").answers(204);
        await().until(() -> bus.assistant().spoken().contains("dinner is ready"));
        assertThat(gateway.call("GET", "/home/light").send().body()).isEqualTo("light");
    }

    @Test
    void areReachedByTheirMethodsAndPathsOnly() {
        gateway.call("GET", "/home/announce").isRefused(405, "method-not-allowed");
        gateway.call("GET", "/home/guardeds").isRefused(404, "not-found");
        gateway.call("GET", "/home/Guarded").anonymous().isRefused(404, "not-found");
    }

    @Test
    void giveNothingOfTheRequestBack() {
        HttpResponse<String> answer = gateway.call("POST", "/home/echo")
                .anonymous()
                .header("Cache-Control", "max-age=31536000")
                .header("Content-Language", "xx")
                .header("Link", "<http://elsewhere.test/>")
                .header("Location", "http://elsewhere.test/")
                .header("CamelHttpResponseCode", "418")
                .body("text/html; charset=utf-8", "<script>".getBytes(UTF_8))
                .send();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("heard <script>");
        assertThat(answer.headers().map()).doesNotContainKeys("content-language", "link", "location");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    }

    @Test
    void giveBackWhatTheySetThemselves() {
        HttpResponse<String> answer = gateway.call("GET", "/home/page")
                .header("Content-Language", "xx")
                .header("Cache-Control", "no-cache")
                .send();

        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("max-age=60");
        assertThat(answer.headers().firstValue("Content-Language")).contains("de");
        assertThat(answer.headers().map()).doesNotContainKey("x-inside");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/network/ping", "/v1/voice/microphone", "/home/open", "/home/guarded", "/home/rest/state"})
    void answersHeadAsGetWithoutABody(String path) throws Exception {
        String get = raw("GET", path);
        String head = raw("HEAD", path);
        assertThat(get).startsWith("HTTP/1.1 200 ").doesNotEndWith("\r\n\r\n");
        assertThat(head).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
        assertThat(names(head)).isEqualTo(names(get));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/network/ping/",
                "/v1//network/ping",
                "/v1/network/%70ing",
                "/home/open/",
                "/home//open",
                "/home/%6Fpen",
                "/home/./open",
                "/home/rest/state/",
                "/home;a/open",
                "/home/open%2F"
            })
    void takesPathsAsTheyAreSent(String path) throws Exception {
        assertThat(raw("GET", path)).startsWith("HTTP/1.1 404 ").contains("application/problem+json");
        assertThat(raw("OPTIONS", path)).startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/network/ping | GET, HEAD, OPTIONS",
                "/home/announce | PUT, OPTIONS",
                "/home/rest/state | GET, HEAD, OPTIONS"
            })
    void optionsTellsTheMethods(String path, String allow) throws Exception {
        assertThat(raw("OPTIONS", path))
                .startsWith("HTTP/1.1 204 ")
                .containsIgnoringCase("\r\nallow: " + allow + "\r\n");
    }

    private static String raw(String method, String path) throws Exception {
        return gateway.raw("%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                .formatted(method, path, gateway.token(Gateway.USER)));
    }

    private static List<String> names(String answer) {
        return answer.substring(0, answer.indexOf("\r\n\r\n"))
                .lines()
                .skip(1)
                .map(line -> line.replaceFirst(":.*", ""))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-7", "x-unknown", "..", "%00"})
    void refuseACharsetThatNobodyKnows(String charset) {
        gateway.call("POST", "/home/echo")
                .body("text/plain; charset=" + charset, "hello".getBytes(UTF_8))
                .isRefused(415, "unsupported-media-type");
    }

    @Test
    void tellNothingOfTheirInsideWhenTheyFail() throws Exception {
        String answer = gateway.raw("GET /home/broken HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 500 ")
                .contains("application/problem+json")
                .contains("urn:ovos-gateway:internal-error")
                .doesNotContain("hush")
                .doesNotContain("Exception");
    }
}
