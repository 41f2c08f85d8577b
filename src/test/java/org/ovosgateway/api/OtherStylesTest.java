// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A contract of another style: other credentials than a bearer token, other bodies than JSON. */
@ExtendWith(OutputCaptureExtension.class)
class OtherStylesTest {

    private static final String CONTRACT = """
            openapi: 3.0.3
            info: {title: another style, version: '1'}
            servers: [{url: /other}]
            security: [basic: []]
            paths:
              /who:
                get: &who
                  operationId: otherWho
                  x-scope: voice:speak
                  responses: {'200': {description: yes}}
              /any:
                get:
                  operationId: otherAny
                  security: [basic: [], key: [], ticket: [], access: []]
                  responses: {'200': {description: yes}}
              /link:
                get:
                  operationId: otherLink
                  responses: {'200': {description: yes}}
              /linked:
                get:
                  operationId: otherLinked
                  security: [link: []]
                  x-scope: voice:speak
                  parameters: [{name: n, in: query, schema: {type: integer}}]
                  responses: {'200': {description: yes}}
              /brief:
                get:
                  operationId: otherBrief
                  responses: {'200': {description: yes}}
              /followed:
                get:
                  operationId: otherFollowed
                  security: [link: []]
                  responses: {'200': {description: yes, content: {text/event-stream: {schema: {type: string}}}}}
              /form:
                post:
                  operationId: otherForm
                  requestBody:
                    required: true
                    content:
                      application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Form'}}
                      application/json: {schema: {$ref: '#/components/schemas/Form'}}
                  responses: {'200': {description: yes}}
              /upload:
                post:
                  operationId: otherUpload
                  x-max-body: 3MB
                  requestBody:
                    required: true
                    content:
                      multipart/form-data:
                        schema:
                          type: object
                          required: [file]
                          additionalProperties: false
                          properties:
                            file: {type: string, format: binary}
                            more: {type: array, maxItems: 2, items: {type: string, format: binary}}
                            count: {type: integer, maximum: 9}
                            about: {type: object, required: [a], properties: {a: {type: integer}}}
                  responses: {'200': {description: yes}}
              /raw:
                post:
                  operationId: otherRaw
                  x-max-body: 100KB
                  requestBody:
                    required: true
                    content: {audio/*: {schema: {type: string, format: binary, minLength: 4}}}
                  responses: {'200': {description: yes}}
              /stream:
                post:
                  operationId: otherStream
                  x-max-body: 64MB
                  x-stream: true
                  requestBody: {content: {application/octet-stream: {}}}
                  responses: {'200': {description: yes}}
            components:
              securitySchemes:
                access: {type: http, scheme: bearer}
                basic: {type: http, scheme: basic}
                key: {type: apiKey, in: header, name: X-Key}
                ticket: {type: apiKey, in: query, name: ticket, x-use: ticket}
                link: {type: apiKey, in: query, name: signature, x-use: link}
              schemas:
                Form:
                  type: object
                  additionalProperties: false
                  required: [name]
                  properties:
                    name: {type: string, maxLength: 10}
                    count: {type: integer}
                    tags: {type: array, items: {type: string}}
            """;

    private static final String ROUTES = """
            - route: {id: other-who, from: {uri: 'direct:other/otherWho', steps: [{setBody: {simple: '{"who": "${exchangeProperty.caller.name}"}'}}]}}
            - route: {id: other-any, from: {uri: 'direct:other/otherAny', steps: [{setBody: {simple: '{"who": "${exchangeProperty.caller.name}"}'}}]}}
            - route: {id: other-link, from: {uri: 'direct:other/otherLink', steps: [{bean: {ref: links, method: "sign('/other/linked?n=1', 'PT1M')"}}]}}
            - route: {id: other-linked, from: {uri: 'direct:other/otherLinked', steps: [{setBody: {simple: '{"kind": "${exchangeProperty.caller.kind}", "n": ${header.n}}'}}]}}
            - route: {id: other-brief, from: {uri: 'direct:other/otherBrief', steps: [{bean: {ref: links, method: "sign('/other/followed', 'PT2S')"}}]}}
            - route: {id: other-followed, from: {uri: 'direct:other/otherFollowed', steps: [{setHeader: {name: Content-Type, constant: text/event-stream}}, {setBody: {method: {beanType: org.ovosgateway.api.TestAnswers, method: events}}}]}}
            - route: {id: other-form, from: {uri: 'direct:other/otherForm', steps: [{setProperty: {name: nothing, constant: ''}}]}}
            - route:
                id: other-upload
                from:
                  uri: direct:other/otherUpload
                  steps:
                    - setHeader: {name: CamelFileName, simple: '${body[file].filename}'}
                    - setHeader: {name: Content-Type, simple: '${body[file].contentType}'}
                    - setHeader: {name: Link, simple: '${body[file].size} ${body[file].filename} ${body[count]} ${body[about]} ${body[more]}'}
                    - setBody: {simple: '${body[file].content}'}
            - route: {id: other-raw, from: {uri: 'direct:other/otherRaw', steps: [{setBody: {simple: '{"bytes": ${body.length}, "type": "${exchangeProperty.contentType}"}'}}]}}
            - route:
                id: other-stream
                from:
                  uri: direct:other/otherStream
                  steps:
                    - to: file:{{ovos.routes.folder}}/../streamed?fileName=all
                    - setBody: {constant: '{"done": true}'}
            """;

    /** Without anything in it that OpenAPI does not ask for. */
    private static final String BARE = """
            openapi: 3.0.3
            info: {title: bare, version: '1'}
            servers: [{url: /bare}]
            security: [user: []]
            paths:
              /either:
                post:
                  operationId: either
                  requestBody:
                    required: true
                    content: {application/json: {schema: {oneOf: [{type: integer}, {type: object, required: [name]}]}}}
                  responses: {'200': {description: yes, content: {application/json: {}}}}
              /list:
                post:
                  operationId: list
                  requestBody:
                    required: true
                    content: {application/json: {schema: {type: array, items: {enum: [1, 2]}}}}
                  responses: {'200': {description: yes, content: {application/json: {schema: {type: object}}}}}
            components: {securitySchemes: {user: {type: http, scheme: basic}}}
            """;

    private static final String BARE_ROUTES = """
            - route: {id: either, from: {uri: 'direct:bare/either', steps: [{setProperty: {name: nothing, constant: ''}}]}}
            - route: {id: list, from: {uri: 'direct:bare/list', steps: [{setProperty: {name: nothing, constant: ''}}]}}
            """;

    private static final String PLAIN = """
            - route:
                id: plain-form
                from: {uri: 'platform-http:/plain/form', steps: [{setBody: {simple: '${body[name]} by ${exchangeProperty.caller.name}'}}]}
            - route:
                id: plain-upload
                from: {uri: 'platform-http:/plain/upload?access=voice:speak&maxBody=2MB', steps: [{setBody: {simple: '${body[file].size}'}}]}
            - route:
                id: plain-stream
                from:
                  uri: platform-http:/plain/stream?useStreaming=true&maxBody=64MB
                  steps:
                    - to: file:{{ovos.routes.folder}}/../streamed?fileName=plain
                    - setBody: {constant: done}
            """;

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.http.read-timeout", "3s")
            .with("ovos.http.max-uploads", "5MB")
            .with("ovos.auth.attempts.per-address", 1000)
            .with("logging.level.access", "info")
            .user("speaker", "voice:*")
            .user("guessed", "voice:*")
            .user("reader", "system:read")
            .with("ovos.apis.other.enabled", true)
            .routes("other/openapi.yaml", CONTRACT)
            .routes("other/other.camel.yaml", ROUTES)
            .with("ovos.apis.bare.enabled", true)
            .routes("bare/openapi.yaml", BARE)
            .routes("bare/bare.camel.yaml", BARE_ROUTES)
            .routes("plain.camel.yaml", PLAIN);

    @AfterEach
    void leavesNothing() {
        await().untilAsserted(() -> {
            assertThat(gateway.gauge("ovos.http.bodies")).isZero();
            assertThat(gateway.gauge("ovos.http.uploads")).isZero();
        });
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static Gateway.Call call(String method, String path) {
        return gateway.call(method, path).anonymous();
    }

    private static Gateway.Call asSpeaker(String method, String path) {
        return call(method, path).header("Authorization", basic("speaker", Gateway.PASSWORD));
    }

    @Test
    void letsUsersInWithTheirPasswords() {
        asSpeaker("GET", "/other/who").answers(200, "{\"who\": \"speaker\"}");
        call("GET", "/other/who")
                .header("Authorization", basic("reader", Gateway.PASSWORD))
                .isRefused(403, "forbidden");
        HttpResponse<String> wrong = call("GET", "/other/who")
                .header("Authorization", basic("speaker", "wrong"))
                .send();
        HttpResponse<String> unknown = call("GET", "/other/who")
                .header("Authorization", basic("nobody at all", "wrong"))
                .send();
        HttpResponse<String> nothing = call("GET", "/other/who").send();

        assertThat(List.of(wrong, unknown, nothing)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate"))
                    .contains("Basic realm=\"OVOS gateway\", charset=\"UTF-8\"");
        });
        assertThat(unknown.body().replaceAll("\"request_id\":\"[^\"]*\"", ""))
                .isEqualTo(wrong.body().replaceAll("\"request_id\":\"[^\"]*\"", ""));
        gateway.call("GET", "/other/who").isRefused(401, "unauthorized");
    }

    @Test
    void letsOthersWorkWhilePasswordsAreGuessed() {
        asSpeaker("GET", "/other/who").answers(200);
        List<CompletableFuture<HttpResponse<String>>> guesses = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            guesses.add(call("GET", "/other/who")
                    .header("Authorization", basic("guessed", "guess " + i))
                    .sendAsync());
            if (i % 20 == 0) {
                asSpeaker("GET", "/other/who").answers(200);
                gateway.call("GET", "/v1/network/ping").answers(200);
            }
        }

        assertThat(guesses)
                .extracting(guess -> guess.join().statusCode())
                .allSatisfy(status -> assertThat(status).isIn(401, 429, 503));
        asSpeaker("GET", "/other/who").answers(200);
    }

    @Test
    void keepsABodyWaitingUntilItKnowsWhoCalls() {
        byte[] large = ("{\"name\": \"" + " ".repeat(300_000) + "\"}").getBytes(StandardCharsets.UTF_8);
        gateway.user("late", "voice:speak");
        await().untilAsserted(() -> assertThat(call("POST", "/other/form")
                        .header("Authorization", basic("late", Gateway.PASSWORD))
                        .body("application/json", large)
                        .send()
                        .statusCode())
                .isEqualTo(422));
        call("POST", "/other/form")
                .header("Authorization", basic("late", "wrong"))
                .body("application/json", large)
                .isRefused(401, "invalid-credentials");
    }

    @Test
    void takesATokenInAHeaderAndATicketOnceAndTellsTheLogNothing(CapturedOutput output) {
        String token = gateway.token("speaker");
        call("GET", "/other/any").header("X-Key", token).answers(200, "{\"who\": \"speaker\"}");
        String ticket = gateway.call("POST", "/v1/auth/tickets")
                .as("speaker")
                .json("{\"path\": \"/other/any\"}")
                .answers(201)
                .path("ticket")
                .asText();

        call("GET", "/other/any?ticket=" + ticket).answers(200, "{\"who\": \"speaker\"}");
        call("GET", "/other/any?ticket=" + ticket).isRefused(401, "unauthorized");

        await().untilAsserted(() -> assertThat(output.getAll()).contains("GET /other/any 401"));
        assertThat(output.getAll()).doesNotContain(ticket, token);
    }

    @Test
    void followsALinkThatARouteHasSigned() {
        String link = asSpeaker("GET", "/other/link").send().body();
        assertThat(link).startsWith("/other/linked?n=1&signature=");

        call("GET", link).answers(200, "{\"kind\": \"LINK\", \"n\": 1}");
        call("GET", link.replace("n=1", "n=2")).isRefused(401, "unauthorized");
        call("GET", link.replace("/linked", "/any")).isRefused(401, "unauthorized");
    }

    @Test
    void anEndlessAnswerEndsWithTheLinkThatAskedForIt() {
        // a link may be over before it is followed
        HttpResponse<String> answer = await().atMost(java.time.Duration.ofSeconds(30))
                .until(
                        () -> call(
                                        "GET",
                                        asSpeaker("GET", "/other/brief").send().body())
                                .send(),
                        one -> one.statusCode() == 200);

        assertThat(answer.body()).startsWith("id: 42\nevent: press\n");
    }

    @Test
    void readsAFormAsItReadsJson() {
        asSpeaker("POST", "/other/form")
                .body("application/x-www-form-urlencoded", "name=a+b%26&count=3&tags=x&tags=y".getBytes())
                .answers(200, "{\"name\": \"a b&\", \"count\": 3, \"tags\": [\"x\", \"y\"]}");
        asSpeaker("POST", "/other/form").json("{\"name\": \"a\"}").answers(200, "{\"name\": \"a\"}");
    }

    @Test
    void servesAContractWhoseSchemasHaveNoNamesAndNoTypes() {
        asSpeaker("POST", "/bare/either").json("3").answers(200, "3");
        asSpeaker("POST", "/bare/either").json("{\"name\": \"a\"}").answers(200, "{\"name\": \"a\"}");
        asSpeaker("POST", "/bare/either").json("{}").isRefused(422, "validation");
        asSpeaker("POST", "/bare/list").json("[1, 2]").answers(200, "[1, 2]");
        asSpeaker("POST", "/bare/list").json("[3]").isRefused(422, "validation");
        assertThat(call("GET", "/bare/openapi.json").send().body())
                .contains("oneOf")
                .doesNotContain("schemas");
    }

    @ParameterizedTest
    @CsvSource({
        "count=3, name",
        "name=a&count=many, count",
        "name=a&name=b, name",
        "name=a&other=1, other",
        "name=12345678901, name"
    })
    void refusesAFormThatDoesNotFit(String form, String field) {
        assertThat(asSpeaker("POST", "/other/form")
                        .body("application/x-www-form-urlencoded", form.getBytes())
                        .isRefused(422, "validation")
                        .at("/errors/0/field")
                        .asText())
                .isEqualTo(field);
    }

    @Test
    void refusesAFormOfTooManyFields() {
        asSpeaker("POST", "/other/form")
                .body(
                        "application/x-www-form-urlencoded",
                        "tags=a&".repeat(100_000).getBytes())
                .isRefused(422, "validation");
    }

    @Test
    void namesTheTypesThatItReads() {
        assertThat(asSpeaker("POST", "/other/form")
                        .body("text/plain", "a".getBytes())
                        .isRefused(415, "unsupported-media-type")
                        .path("detail")
                        .asText())
                .contains("application/x-www-form-urlencoded or application/json");
        asSpeaker("POST", "/other/upload")
                .body("multipart/mixed; boundary=b", "--b--".getBytes())
                .isRefused(415, "unsupported-media-type");
        asSpeaker("POST", "/other/form").isRefused(422, "validation");
    }

    @Test
    void readsBytes() {
        asSpeaker("POST", "/other/raw")
                .body("audio/wav", new byte[5_000])
                .answers(200, "{\"bytes\": 5000, \"type\": \"audio/wav\"}");
        asSpeaker("POST", "/other/raw").body("audio/wav", new byte[3]).isRefused(422, "validation");
        asSpeaker("POST", "/other/raw").body("audio/wav", new byte[200_000]).isRefused(413, "content-too-large");
        asSpeaker("POST", "/other/raw").body("image/png", new byte[5]).isRefused(415, "unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 16 << 10, (16 << 10) + 1, 100_000, 2_000_000})
    void givesTheRouteAFileOfEachSize(int size) {
        String content = "x".repeat(size);
        HttpResponse<String> answer = upload(
                part("count", null, null, "7"),
                part("file", "../up/a.txt", "text/x-test", content),
                part("about", null, null, "{\"a\": 1}"),
                part("more", "b", "text/plain", "b"),
                part("more", "c", "text/plain", "c"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(content);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/x-test");
        assertThat(answer.headers().firstValue("Link"))
                .contains(size + " a.txt 7 {a=1} [Upload[1 bytes], Upload[1 bytes]]");
    }

    @Test
    void refusesPartsThatDoNotFit() {
        String file = part("file", "a", "text/plain", "a");
        assertRefused(422, upload(part("count", null, null, "7")), "file");
        assertRefused(422, upload(file, part("count", null, null, "17")), "count");
        assertRefused(422, upload(file, part("count", null, null, "many")), "count");
        assertRefused(422, upload(file, part("about", null, null, "{}")), "a");
        assertRefused(400, upload(file, part("about", null, null, "{")), "JSON");
        assertRefused(422, upload(file, file), "file");
        assertRefused(422, upload(part("file", null, null, "a")), "file");
        assertRefused(422, upload(file, part("other", "a", "text/plain", "a")), "other");
        assertRefused(422, upload(file, part("other", null, null, "a")), "other");
        String more = part("more", "a", "text/plain", "a");
        assertRefused(422, upload(file, more, more, more), "more");
    }

    private static void assertRefused(int status, HttpResponse<String> answer, String word) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(word);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--b",
                "--b\r\n",
                "--b--\r\nand more",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nno end",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n--b",
                "--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; filename=a\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: attachment; name=file; filename=a\r\n\r\na\r\n--b--\r\n",
                "--b\r\n\r\na\r\n--b--\r\n",
                "--b\r\nno header\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=count\r\nContent-Type: text/plain; charset=none\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nContent-Transfer-Encoding: odd\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nContent-Length: -1\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename=a\r\nContent-Type: multipart/mixed\r\n\r\na\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=file; filename*=x''%zz\r\n\r\na\r\n--b--\r\n",
                "preamble",
                "\r\n\r\n\r\n",
                "--c\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\na\r\n--c--\r\n"
            })
    void answersOddFormsCleanly(String body) {
        HttpResponse<String> answer = asSpeaker("POST", "/other/upload")
                .body("multipart/form-data; boundary=b", body.getBytes(StandardCharsets.ISO_8859_1))
                .send();

        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 400, 413, 422);
        assertThat(answer.body()).doesNotContain("Exception", "netty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "; boundary=", "; boundary", "; boundary=\"\"", "; boundary=" + "; charset=odd; boundary=b"})
    void answersOddBoundariesCleanly(String parameters) {
        HttpResponse<String> answer = asSpeaker("POST", "/other/upload")
                .body("multipart/form-data" + parameters, "--b--\r\n".getBytes())
                .send();

        assertThat(answer.statusCode()).as(answer.body()).isIn(400, 415, 422);
    }

    @Test
    void boundsWhatAFormMayBring() {
        assertRefused(413, upload(part("count", null, null, "7").repeat(20_000)), "parts");
        assertRefused(
                413,
                upload(part("file", "a\"\r\nX-Long: \"" + "x".repeat(500_000), "text/plain", "a")),
                "headers of a part");
        assertRefused(413, upload(part("count", null, null, "7".repeat(500_000))), "without a filename");
        assertRefused(413, upload(part("about", "a", "application/json", "7".repeat(500_000))), "about");
        assertRefused(413, upload(part("file", "a", "text/plain", "a".repeat(4_000_000))), "too large");
        assertRefused(413, upload("a".repeat(1_000_000)), "too large");
        assertRefused(
                413, upload(part("file", "a", "text/plain", "a") + "--b--\r\n" + "a".repeat(1_000_000)), "too large");
    }

    @Test
    void keepsFilesOfAllCallersWithinTheirRoom() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            // each sends most of a file, and waits
            for (int i = 0; i < 3; i++) {
                Socket socket = new Socket("127.0.0.1", gateway.port());
                held.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(head("POST", "/other/upload", "multipart/form-data; boundary=b", 2_000_000));
                out.write(
                        ("--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n" + "x".repeat(1_500_000))
                                .getBytes());
                out.flush();
            }
            await().untilAsserted(
                            () -> assertThat(gateway.gauge("ovos.http.uploads")).isGreaterThan(3_500_000));
            asSpeaker("GET", "/other/who").answers(200);

            assertThat(upload(part("file", "a", "text/plain", "x".repeat(2_000_000)))
                            .statusCode())
                    .isEqualTo(503);
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void servesAsManyUploadsAtOnceAsThereIsRoomFor() throws Exception {
        byte[] form = form(part("file", "a", "text/plain", "x".repeat(1_999_000)));
        List<Socket> all = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = new Socket("127.0.0.1", gateway.port());
                socket.setSoTimeout(60_000);
                all.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(head("POST", "/other/upload", "multipart/form-data; boundary=b", form.length));
                out.write(form, 0, 500_000);
                out.flush();
            }
            List<Socket> refused =
                    await().atMost(Duration.ofSeconds(30)).until(() -> answered(all), answered -> answered.size() == 3);
            for (Socket socket : all) {
                if (!refused.contains(socket)) {
                    socket.getOutputStream().write(form, 500_000, form.length - 500_000);
                }
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo(refused.contains(socket) ? "HTTP/1.1 503" : "HTTP/1.1 200");
            }
        } finally {
            for (Socket socket : all) {
                socket.close();
            }
        }
    }

    private static List<Socket> answered(List<Socket> all) throws IOException {
        List<Socket> answered = new ArrayList<>();
        for (Socket socket : all) {
            if (socket.getInputStream().available() > 0) {
                answered.add(socket);
            }
        }
        return answered;
    }

    @Test
    void cutsOffWhoSendsAFormNoFasterThanADrip() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write(head("POST", "/other/upload", "multipart/form-data; boundary=b", 2_000_000));
            out.write("--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n".getBytes());
            out.flush();

            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 408");
        }
    }

    private static byte[] head(String method, String path, String type, long length) {
        return ("%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                        .formatted(method, path, basic("speaker", Gateway.PASSWORD), type, length))
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void streamsABodyToWhereItGoes() throws Exception {
        byte[] large = new byte[20 << 20];
        java.util.Arrays.fill(large, (byte) 'x');

        asSpeaker("POST", "/other/stream")
                .body("application/octet-stream", large)
                .answers(200, "{\"done\": true}");
        assertThat(gateway.folder().resolve("streamed/all")).hasSize(large.length);

        assertThat(gateway.call("POST", "/plain/stream")
                        .body("audio/wav", large)
                        .send()
                        .body())
                .isEqualTo("done");
        assertThat(gateway.folder().resolve("streamed/plain")).hasSize(large.length);
    }

    @Test
    void endsAStreamThatStandsStillAndLeavesWorkersForOthers() throws Exception {
        List<Socket> still = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                Socket socket = new Socket("127.0.0.1", gateway.port());
                socket.setSoTimeout(60_000);
                still.add(socket);
                socket.getOutputStream().write(head("POST", "/other/stream", "application/octet-stream", 1_000_000));
                socket.getOutputStream().write(new byte[100]);
                socket.getOutputStream().flush();
            }
            gateway.call("GET", "/plain/form").send();
            asSpeaker("GET", "/other/who").answers(200);
            for (Socket socket : still) {
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .isIn("HTTP/1.1 408", "HTTP/1.1 503");
            }
        } finally {
            for (Socket socket : still) {
                socket.close();
            }
        }
    }

    @Test
    void readsFormsForRoutesOfTheOwnerToo() {
        assertThat(gateway.call("POST", "/plain/form")
                        .as("speaker")
                        .body("application/x-www-form-urlencoded", "name=ada".getBytes())
                        .send()
                        .body())
                .isEqualTo("ada by speaker");
        assertThat(gateway.call("POST", "/plain/upload")
                        .as("speaker")
                        .body("multipart/form-data; boundary=b", form(part("file", "a", "a/b", "x".repeat(1_500_000))))
                        .send()
                        .body())
                .isEqualTo("1500000");
        gateway.call("POST", "/plain/upload")
                .as("reader")
                .body("multipart/form-data; boundary=b", form(part("file", "a", "a/b", "x")))
                .isRefused(403, "forbidden");
    }

    private static HttpResponse<String> upload(String... parts) {
        return asSpeaker("POST", "/other/upload")
                .body("multipart/form-data; boundary=b", form(parts))
                .send();
    }

    private static byte[] form(String... parts) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (String part : parts) {
            form.writeBytes(part.getBytes(StandardCharsets.UTF_8));
        }
        form.writeBytes("--b--\r\n".getBytes());
        return form.toByteArray();
    }

    private static String part(String name, String filename, String type, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\""
                + (filename == null ? "" : "; filename=\"" + filename + "\"") + "\r\n"
                + (type == null ? "" : "Content-Type: " + type + "\r\n") + "\r\n" + content + "\r\n";
    }
}
