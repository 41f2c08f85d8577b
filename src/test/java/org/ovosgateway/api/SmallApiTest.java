// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** An API is a folder: copied in while the gateway runs it is served, deleted it is gone. No Java is written for it. */
@ExtendWith(OutputCaptureExtension.class)
class SmallApiTest {

    private static final Path SMALL = Path.of("src/test/resources/apis/small");
    private static final String NOTE = "/small/v1/notes/milk";

    @RegisterExtension
    private static final FakeBus BUS = new FakeBus();

    @RegisterExtension
    private static final Gateway GATEWAY = Gateway.on(BUS::port)
            .withRoutesToEdit()
            .with("ovos.apis.small.enabled", true)
            .with("ovos.apis.apart.enabled", true)
            .with("ovos.apis.apart.port", 0)
            .with("ovos.routes.check-interval", "20ms")
            .with("logging.level.org.ovosgateway.live", "info")
            .routes("main.camel.yaml", """
                    - route:
                        id: main
                        from:
                          uri: platform-http:/main
                          parameters: { httpMethodRestrict: PUT }
                          steps: [ setBody: { constant: main } ]
                    """)
            .user("reader", "small:read")
            .user("speaker", "voice:speak");

    private Path folder;

    @BeforeEach
    void copyTheFolderIn() throws IOException {
        folder = GATEWAY.routes().resolve("small");
        FileSystemUtils.copyRecursively(SMALL, folder);
        soon().until(() -> status(NOTE) == 200);
    }

    @AfterEach
    void deleteTheFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
        soon().until(() -> status(NOTE) == 404);
    }

    @Test
    void servesItsOperationsToThoseWhoMayCallThem() {
        GATEWAY.call("GET", NOTE).as("reader").answers(200, "{\"note\": \"milk\"}");
        GATEWAY.call("GET", NOTE).anonymous().isRefused(401, "unauthorized");
        GATEWAY.call("GET", NOTE).as("speaker").isRefused(403, "forbidden");
        GATEWAY.call("GET", "/small/v1/notes/M").isRefused(422, "validation");
        GATEWAY.call("PATCH", NOTE).isRefused(405, "method-not-allowed");
        GATEWAY.call("GET", "/small/v1/note").isRefused(404, "not-found");
        GATEWAY.call("GET", "/v1/network/ping").anonymous().answers(200);
    }

    @Test
    void letsUsersInWithTheirPasswordsToWriteAForm() {
        GATEWAY.call("PUT", NOTE)
                .anonymous()
                .header("Authorization", basic("reader"))
                .body("application/x-www-form-urlencoded", "litres=2".getBytes(StandardCharsets.UTF_8))
                .answers(200, "{\"note\": \"milk\", \"litres\": 2, \"by\": \"reader\"}");
        assertThat(GATEWAY.call("PUT", NOTE)
                        .anonymous()
                        .header("Authorization", basic("reader"))
                        .body("application/x-www-form-urlencoded", "litres=20".getBytes(StandardCharsets.UTF_8))
                        .send()
                        .statusCode())
                .isEqualTo(422);
        assertThat(GATEWAY.call("PUT", NOTE)
                        .anonymous()
                        .header("Authorization", basic("speaker"))
                        .send()
                        .statusCode())
                .isEqualTo(403);
        assertThat(GATEWAY.call("PUT", NOTE).as("reader").send().headers().firstValue("WWW-Authenticate"))
                .contains("Basic realm=\"OVOS gateway\", charset=\"UTF-8\"");
    }

    @Test
    void isRefusedWithASchemeThatNobodyCanCheck(CapturedOutput output) throws IOException {
        edit(folder.resolve("openapi.yaml"), "scheme: basic", "scheme: digest");
        soon().until(() -> output.getAll().contains("The security scheme 'password' cannot be checked"));
        assertThat(output.getAll()).containsPattern("openapi.yaml:\\d+: The security scheme 'password'");

        GATEWAY.call("GET", NOTE).answers(200);
    }

    @Test
    void needsNoSchemasAmongItsComponents() throws IOException {
        Path contract = folder.resolve("openapi.yaml");
        Files.writeString(
                contract,
                Files.readString(contract)
                        .replaceFirst("(?s)  schemas:.*?(?=paths:)", "")
                        .replace("{ $ref: '#/components/schemas/Note' }", "{ type: object }")
                        .replace("Read a note", "Read a note as it is"));
        soon().until(() -> GATEWAY.call("GET", "/small/v1/openapi.yaml")
                .anonymous()
                .send()
                .body()
                .contains("Read a note as it is"));

        assertThat(Files.readString(contract)).doesNotContain("schemas");
        GATEWAY.call("GET", NOTE).as("reader").answers(200, "{\"note\": \"milk\"}");
        GATEWAY.call("GET", "/small/v1/notes/M").isRefused(422, "validation");
    }

    private static String basic(String user) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + Gateway.PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void isGoneWithItsFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);

        soon().until(() -> status(NOTE) == 404);
        assertThat(status("/small/v1/openapi.yaml")).isEqualTo(404);
        GATEWAY.call("GET", "/v1/network/ping").anonymous().answers(200);
    }

    @Test
    void showsItsContractBelowItsOwnPath() throws IOException {
        String yaml =
                GATEWAY.call("GET", "/small/v1/openapi.yaml").anonymous().send().body();
        assertThat(yaml).contains("operationId: getNote").contains("url: ../v1\n");
        String json =
                GATEWAY.call("GET", "/small/v1/openapi.json").anonymous().send().body();
        assertThat(new ObjectMapper().readTree(json).at("/servers/0/url").asText())
                .isEqualTo("../v1");
        assertThat(GATEWAY.call("GET", "/openapi.yaml").anonymous().send().body())
                .contains("operationId: ping")
                .doesNotContain("getNote");
    }

    @Test
    void changesAsAWholeOrNotAtAll(CapturedOutput output) throws IOException {
        Path contract = folder.resolve("openapi.yaml");
        Path routes = folder.resolve("small.camel.yaml");

        edit(contract, "operationId: getNote", "operationId: readNote");
        soon().until(() -> output.getAll().contains("no route would begin with direct:small/readNote"));
        assertThat(output.getAll()).contains(contract + ":");
        GATEWAY.call("GET", NOTE).answers(200);

        edit(routes, "direct:small/getNote", "direct:small/readNote");
        edit(routes, "\"note\"", "\"text\"");
        soon().until(() -> GATEWAY.call("GET", NOTE).send().body().contains("text"));
    }

    @Test
    void isToldApartFromTheOthersInTheMetrics() {
        double before = GATEWAY.timed("ovos.http.requests", "operation", "small/getNote");
        GATEWAY.call("GET", NOTE).answers(200);

        soon().until(() -> GATEWAY.timed("ovos.http.requests", "operation", "small/getNote") >= before + 1);
    }

    @Test
    void letsInTheWebPagesThatItsContractNames() throws IOException {
        assertThat(preflight(NOTE).headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();

        edit(
                folder.resolve("openapi.yaml"),
                "security:\n",
                "x-cors:\n  origins: [ https://panel.example ]\nsecurity:\n");
        soon().until(() -> preflight(NOTE)
                .headers()
                .firstValue("Access-Control-Allow-Origin")
                .isPresent());

        assertThat(preflight(NOTE).headers().firstValue("Access-Control-Allow-Origin"))
                .contains("https://panel.example");
        assertThat(preflight("/redoc").headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    @Test
    void refusesWhatIsNoRuleForWebPages(CapturedOutput output) throws IOException {
        edit(folder.resolve("openapi.yaml"), "security:\n", "x-cors: { origins: [ panel ] }\nsecurity:\n");
        soon().until(() -> output.getAll()
                .contains("openapi.yaml:7: 'x-cors' takes origins, methods, headers and max-age: the origin 'panel'"));
        edit(folder.resolve("openapi.yaml"), "origins: [ panel ]", "orgins: [ https://a ]");
        soon().until(() -> output.getAll().contains("orgins"));

        GATEWAY.call("GET", NOTE).answers(200);
    }

    @Test
    void sendsBackTheSoundThatIsUploaded() {
        String sound = "RIFF".repeat(500_000);
        String form =
                "--b\r\nContent-Disposition: form-data; name=sound; filename=a.wav\r\n\r\n" + sound + "\r\n--b--\r\n";
        HttpResponse<String> answer = GATEWAY.call("POST", "/small/v1/sounds")
                .as("reader")
                .body("multipart/form-data; boundary=b", form.getBytes(StandardCharsets.US_ASCII))
                .send();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(answer.headers().firstValue("Content-Length")).contains(Integer.toString(sound.length()));
        assertThat(answer.body()).isEqualTo(sound);
    }

    @Test
    void tellsEvents() {
        HttpResponse<String> answer = GATEWAY.call("GET", "/small/v1/events")
                .as("reader")
                .header("Last-Event-ID", "7")
                .send();
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        assertThat(answer.body()).isEqualTo("id: 8\nevent: note\ndata: {\"after\":\"7\"}\n\ndata: milk\n\n");
    }

    @Test
    void hasFailuresInAFormatOfItsOwn() throws IOException {
        edit(folder.resolve("openapi.yaml"), "security:\n", """
                x-errors:
                  contentType: application/json
                  template: { error: { message: '${detail}', code: '${status}' } }
                  headers: { '401': { WWW-Authenticate: 'Basic realm="notes"' } }
                security:
                """);
        soon().until(() -> GATEWAY.call("GET", "/small/v1/no").send().body().contains("\"error\""));

        GATEWAY.call("GET", NOTE).as("reader").answers(200, "{\"note\": \"milk\"}");
        HttpResponse<String> stranger = GATEWAY.call("GET", NOTE).anonymous().send();
        assertThat(stranger.headers().firstValue("WWW-Authenticate")).contains("Basic realm=\"notes\"");
        assertThat(stranger.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(stranger.body()).contains("\"code\":401").doesNotContain("urn:");
        for (HttpResponse<String> refused : List.of(
                GATEWAY.call("GET", NOTE).as("speaker").send(),
                GATEWAY.call("PATCH", NOTE).send(),
                GATEWAY.call("GET", "/small/v1/notes/M").send(),
                GATEWAY.call("POST", "/small/v1/sounds")
                        .body("text/plain", new byte[] {1})
                        .send(),
                GATEWAY.call("POST", "/small/v1/sounds")
                        .body("multipart/form-data; boundary=b", new byte[4_000_000])
                        .send())) {
            assertThat(refused.statusCode()).isIn(403, 405, 413, 415, 422);
            assertThat(refused.body())
                    .startsWith("{\"error\":{\"message\":\"")
                    .endsWith("\"code\":" + refused.statusCode() + "}}");
        }
        assertThat(GATEWAY.raw("GET /small/v1//notes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .contains("\"code\":404");
        GATEWAY.call("GET", "/v1/network/ping/").isRefused(404, "not-found");
    }

    @Test
    void hasWebSocketsThatEndWithTheFolder() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + GATEWAY.token("reader"))
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + GATEWAY.port() + "/small/v1/board"), new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onText(WebSocket peer, CharSequence text, boolean last) {
                                heard.add(text.toString());
                                peer.request(1);
                                return null;
                            }

                            @Override
                            public CompletionStage<?> onClose(WebSocket peer, int code, String reason) {
                                heard.add("closed " + code);
                                return null;
                            }
                        })
                .get(30, TimeUnit.SECONDS);
        socket.sendText("buy milk", true);
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("buy milk");

        FileSystemUtils.deleteRecursively(folder);
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("closed 1012");
    }

    @Test
    void isServedAtAnAddressOfItsOwn() throws Exception {
        Path apart = copy("apart", "/");
        try {
            int port = GATEWAY.property("local.apis.apart.port", Integer.class);
            soon().until(() -> at(port, "/notes/milk").statusCode() == 200);

            assertThat(at(port, "/openapi.yaml").body()).contains("operationId: getNote");
            assertThat(at(port, "/v1/network/ping").statusCode()).isEqualTo(404);
            assertThat(at(port, "/docs").statusCode()).isEqualTo(404);
            assertThat(at(port, NOTE).statusCode()).isEqualTo(404);
            assertThat(at(port, "/louder").body()).isEqualTo("louder");
            assertThat(at(port, "/main").statusCode()).isEqualTo(404);
            GATEWAY.call("GET", "/main").isRefused(405, "method-not-allowed");
            assertThat(status("/notes/milk")).isEqualTo(404);
            assertThat(status("/louder")).isEqualTo(404);
        } finally {
            FileSystemUtils.deleteRecursively(apart);
        }
    }

    @Test
    void needsABasePathAtTheAddressOfOthers(CapturedOutput output) throws IOException {
        edit(folder.resolve("openapi.yaml"), "url: /small/v1", "url: /");
        soon().until(() -> output.getAll().contains("ovos.apis.small.port"));
        edit(folder.resolve("openapi.yaml"), "url: /", "url: /v1");
        soon().until(() -> output.getAll().contains("openapi.yaml:5: the path of its 'servers', /v1/, and that of"));
        edit(folder.resolve("openapi.yaml"), "url: /v1", "url: /v1/voice");
        soon().until(() ->
                output.getAll().contains("openapi.yaml:5: the path of its 'servers', /v1/voice/, and that of"));

        GATEWAY.call("GET", NOTE).answers(200);
    }

    @Test
    void isServedOnlyWhereItIsEnabled(CapturedOutput output) throws IOException {
        Path other = copy("other", "/other/v1");
        try {
            soon().until(() -> output.getAll().contains("ovos.apis.other.enabled"));
            assertThat(status("/other/v1/notes/milk")).isEqualTo(404);
        } finally {
            FileSystemUtils.deleteRecursively(other);
        }
    }

    /** The same API in another folder, below another path, and with a path outside of its contract. */
    private static Path copy(String name, String basePath) throws IOException {
        Path draft = GATEWAY.routes().resolve("." + name);
        FileSystemUtils.copyRecursively(SMALL, draft);
        edit(draft.resolve("openapi.yaml"), "url: /small/v1", "url: " + basePath);
        edit(draft.resolve("small.camel.yaml"), "direct:small/", "direct:" + name + "/");
        Files.writeString(draft.resolve("louder.camel.yaml"), """
                - route:
                    id: louder
                    description: A path outside of the contract
                    from:
                      uri: platform-http:/louder
                      parameters: { access: public }
                      steps:
                        - setBody: { constant: louder }
                """);
        return Files.move(draft, GATEWAY.routes().resolve(name));
    }

    private static HttpResponse<String> at(int port, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .header("Authorization", "Bearer " + GATEWAY.token(Gateway.USER))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> preflight(String path) {
        return GATEWAY.call("OPTIONS", path)
                .anonymous()
                .header("Origin", "https://panel.example")
                .header("Access-Control-Request-Method", "GET")
                .send();
    }

    private static int status(String path) {
        return GATEWAY.call("GET", path).send().statusCode();
    }

    private static void edit(Path file, String old, String fresh) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, fresh));
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
    }
}
