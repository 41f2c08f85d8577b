// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
import static org.assertj.core.api.Assertions.catchThrowableOfType;
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
            .routes("answers.camel.yaml", """
                    - route:
                        id: file
                        from:
                          uri: platform-http:/home/file?httpMethodRestrict=GET
                          steps:
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: file}
                    - route:
                        id: lost
                        from:
                          uri: platform-http:/home/lost
                          steps:
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: lostFile}
                    - route:
                        id: stream
                        from:
                          uri: platform-http:/home/stream
                          steps:
                            - setHeader: {name: Content-Type, constant: audio/wav}
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: stream}
                    - route:
                        id: events
                        from:
                          uri: platform-http:/home/events?access=voice:speak
                          steps:
                            - setHeader: {name: Content-Type, constant: text/event-stream}
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: events}
                    - route:
                        id: lines
                        from:
                          uri: platform-http:/home/lines
                          steps:
                            - setHeader: {name: Content-Type, constant: application/x-ndjson}
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: lines}
                    - route:
                        id: parts
                        from:
                          uri: platform-http:/home/parts
                          steps:
                            - setHeader: {name: Content-Type, constant: multipart/related}
                            - setBody:
                                method: {beanType: org.ovosgateway.api.TestAnswers, method: parts}
                    - route:
                        id: elsewhere
                        from:
                          uri: platform-http:/home/elsewhere
                          steps:
                            - setHeader: {name: CamelHttpResponseCode, constant: 303}
                            - setHeader: {name: Location, constant: /home/open}
                            - setBody: {simple: "${null}"}
                    - route:
                        id: split
                        from:
                          uri: platform-http:/home/split
                          steps:
                            - setHeader: {name: Location, simple: "a${bean:type:org.ovosgateway.api.TestAnswers?method=lineBreak}Set-Cookie: b"}
                            - setBody: {constant: split}
                    - route:
                        id: chat
                        from:
                          uri: vertx-websocket:/home/chat/{room}
                          parameters:
                            access: voice:speak
                            fireWebSocketConnectionEvents: true
                          steps:
                            - choice:
                                when:
                                  - simple: "${body} == 'headers'"
                                    steps:
                                      - setBody:
                                          simple: "headers, lang ${header.lang}, ticket ${header.ticket}"
                            - setBody:
                                simple: "${header.room} ${header.CamelVertxWebsocket.event} ${body}"
                            - to: vertx-websocket:/home/chat/{room}?sendToAll=true
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

    @Test
    void aFileIsSentAsAWholeOrInPart() {
        byte[] content = TestAnswers.CONTENT;
        HttpResponse<String> whole = gateway.call("GET", "/home/file").send();
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(new String(content, UTF_8));
        assertThat(whole.headers().firstValue("Content-Type")).contains("text/plain");
        assertThat(whole.headers().firstValue("Accept-Ranges")).contains("bytes");
        assertThat(whole.headers().firstValue("Content-Length")).contains(Integer.toString(content.length));
        String etag = whole.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> part = gateway.call("GET", "/home/file")
                .header("Range", "bytes=20000-20009")
                .header("If-Range", etag)
                .send();
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(whole.body().substring(20_000, 20_010));
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 20000-20009/" + content.length);
        gateway.call("GET", "/home/file").header("Range", "bytes=99999999-").isRefused(416, "range-not-satisfiable");
        HttpResponse<String> known =
                gateway.call("GET", "/home/file").header("If-None-Match", etag).send();
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        gateway.call("GET", "/home/file").header("If-Match", "\"other\"").isRefused(412, "precondition-failed");
        gateway.call("GET", "/home/lost").isRefused(404, "not-found");
    }

    @Test
    void headOfAFileTellsItsLength() throws Exception {
        assertThat(raw("HEAD", "/home/file"))
                .containsIgnoringCase("\r\ncontent-length: " + TestAnswers.CONTENT.length + "\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void aStreamIsSentWithoutBeingHeldAndClosed() {
        HttpResponse<String> answer = gateway.call("GET", "/home/stream").send();
        assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(answer.headers().firstValue("Transfer-Encoding")).contains("chunked");
        assertThat(answer.body()).hasSize(TestAnswers.LONG);
        await().untilTrue(TestAnswers.streamClosed);
    }

    @Test
    void redirectsAreAnsweredAsTheyAre() throws Exception {
        assertThat(raw("GET", "/home/elsewhere"))
                .startsWith("HTTP/1.1 303 ")
                .containsIgnoringCase("\r\nlocation: /home/open\r\n");
    }

    @Test
    void aHeaderWithALineBreakIsAFailureOfTheRoute() throws Exception {
        assertThat(raw("GET", "/home/split"))
                .startsWith("HTTP/1.1 500 ")
                .doesNotContain("Set-Cookie")
                .contains("internal-error");
    }

    @Test
    void elementsAreLinesOfJson() {
        HttpResponse<String> answer = gateway.call("GET", "/home/lines").send();
        assertThat(answer.body()).isEqualTo("{\"a\":1}\n\"two\"\n3\n");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-ndjson");
    }

    @Test
    void elementsAreParts() {
        HttpResponse<String> answer = gateway.call("GET", "/home/parts").send();
        String type = answer.headers().firstValue("Content-Type").orElseThrow();
        String boundary = type.replaceFirst("multipart/related; boundary=", "");
        assertThat(answer.body()).isEqualTo("""
                --%1$s\r
                Content-Type: application/json\r
                \r
                {"a":1}\r
                --%1$s\r
                Content-Type: audio/wav\r
                Content-ID: <sound>\r
                \r
                RIFF\r
                --%1$s\r
                Content-Type: text/plain\r
                \r
                %2$s\r
                --%1$s--\r
                """.formatted(boundary, new String(TestAnswers.CONTENT, UTF_8)));
    }

    @Test
    void eventsComeAsTheyHappenUntilTheUserMayNotHearThem() throws Exception {
        admitSpeaker();
        HttpResponse<Stream<String>> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/home/events"))
                                .header("Authorization", "Bearer " + gateway.token("speaker"))
                                .header("Last-Event-ID", "41")
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        Iterator<String> lines = answer.body().iterator();
        assertThat(List.of(lines.next(), lines.next(), lines.next(), lines.next()))
                .containsExactly("id: 42", "event: press", "data: {\"button\":\"left\"}", "");
        await().until(() -> TestAnswers.events.offer("one\ntwo"));
        assertThat(List.of(lines.next(), lines.next(), lines.next())).containsExactly("data: one", "data: two", "");
        assertThat(gateway.gauge("ovos.http.streams")).isEqualTo(1);
        gateway.active("speaker", false);
        try {
            assertThat(lines.hasNext()).isFalse();
            await().until(() -> !TestAnswers.events.offer("nobody"));
            await().until(() -> gateway.gauge("ovos.http.streams") == 0);
        } finally {
            admitSpeaker();
        }
    }

    @Test
    void aWebSocketHasTheSameCallers() throws Exception {
        admitSpeaker();
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket =
                webSocket("/home/chat/kitchen", gateway.token("speaker"), heard).get(30, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("bearer");
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("kitchen OPEN ");
        socket.sendText("hel", false).thenCompose(half -> half.sendText("lo", true));
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("kitchen MESSAGE hello");
        gateway.active("speaker", false);
        try {
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("closed 1008");
        } finally {
            admitSpeaker();
        }
    }

    @Test
    void aWebSocketTakesATicketOnceAndKeepsItFromTheRoute() throws Exception {
        admitSpeaker();
        String ticket = gateway.call("POST", "/v1/auth/tickets")
                .as("speaker")
                .json("{\"path\": \"/home/chat/attic\"}")
                .answers(201)
                .path("ticket")
                .asText();
        String path = "/home/chat/attic?lang=de&ticket=" + ticket;
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + path), listener(heard))
                .get(30, TimeUnit.SECONDS);
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("attic OPEN ");
        socket.sendText("headers", true);
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("attic MESSAGE headers, lang de, ticket ");
        assertThat(refusal(HttpClient.newHttpClient().newWebSocketBuilder(), path))
                .isEqualTo(401);
        socket.abort();
    }

    @Test
    void aWebSocketRefusesOthers() throws Exception {
        assertThat(refusal(HttpClient.newHttpClient().newWebSocketBuilder())).isEqualTo(401);
        assertThat(refusal(HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .subprotocols("bearer", gateway.token(Gateway.USER))
                        .header("Origin", "https://evil.example")))
                .isEqualTo(403);
        assertThat(raw("GET", "/home/chat/a")).startsWith("HTTP/1.1 426 ").contains("upgrade-required");
        assertThat(raw("POST", "/home/chat/a")).startsWith("HTTP/1.1 405 ");
    }

    private static int refusal(WebSocket.Builder builder) {
        return refusal(builder, "/home/chat/a");
    }

    private static int refusal(WebSocket.Builder builder, String path) {
        var failure = catchThrowableOfType(
                CompletionException.class,
                () -> builder.buildAsync(
                                URI.create("ws://127.0.0.1:" + gateway.port() + path), new WebSocket.Listener() {})
                        .join());
        return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
    }

    /** A change of the users is known a moment later. */
    private static void admitSpeaker() {
        gateway.active("speaker", true);
        await().until(() ->
                gateway.call("GET", "/home/guarded").as("speaker").send().statusCode() == 200);
    }

    private static CompletableFuture<WebSocket> webSocket(String path, String token, BlockingQueue<String> heard) {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("bearer", token)
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + path), listener(heard));
    }

    private static WebSocket.Listener listener(BlockingQueue<String> heard) {
        return new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                heard.add(text.toString());
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                heard.add("closed " + code);
                return null;
            }
        };
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
