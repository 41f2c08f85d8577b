// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Json;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/** Kalliope's API as its clients call it, with the simulated assistant. */
class KalliopeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speech(Duration.ofMillis(100)));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .withRoutesToEdit()
            .with("ovos.apis.kalliope.enabled", true)
            .with("ovos.apis.kalliope.port", 0)
            .with("ovos.routes.check-interval", "20ms")
            .user("ada", "conversation:ask")
            .user("bob", "conversation:ask")
            .user("eve", "voice:ask")
            .user("kid", "conversation:ask")
            .skills("kid", "deny", "skill-other.ovosgateway");

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    private static int port() {
        return gateway.property("local.apis.kalliope.port", Integer.class);
    }

    private static HttpRequest.Builder request(String user, String path) {
        String pair = user + ":" + Gateway.PASSWORD;
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(PATIENCE)
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    private static HttpResponse<String> get(String user, String path) {
        return send(request(user, path));
    }

    private static HttpResponse<String> post(String user, String path, String json) {
        return send(
                request(user, path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    private static JsonNode json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        try {
            return Json.PLAIN.readTree(answer.body());
        } catch (Exception e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    private static JsonNode order(String user, String text) {
        return json(post(user, "/synapses/start/order", Json.write(Map.of("order", text, "no_voice", true))), 201);
    }

    @Test
    void tellsItsVersionToUsersOnly() {
        assertThat(json(get("eve", "/"), 200).path("Kalliope version").asText()).isNotEmpty();

        HttpResponse<String> refused = send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/")));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Basic realm=\"Login Required\"");
        assertThat(refused.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(refused.body())
                .isEqualTo("Could not verify your access level for that URL.\n"
                        + "You have to login with proper credentials");
    }

    @Test
    void answersAnOrderWithWhatTheAssistantSays() {
        JsonNode outcome = order("ada", "say it twice");

        assertThat(outcome.path("user_order").asText()).isEqualTo("say it twice");
        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(outcome.at("/matched_synapses/0/synapse_name").asText()).isEqualTo("skill-ask-name.ovosgateway");
        assertThat(outcome.at("/matched_synapses/0/matched_order").asText()).isEqualTo("say it twice");
        assertThat(outcome.at("/matched_synapses/0/neuron_module_list/1").toString())
                .isEqualTo("{\"neuron_name\":\"Say\",\"generated_message\":\"second thing\"}");
    }

    @Test
    void tellsThatNobodyHasUnderstoodAsOlderReleasesDo() {
        assertThat(order("ada", "xyzzy").toString())
                .isEqualTo("{\"user_order\":\"xyzzy\",\"status\":null,\"matched_synapses\":[]}");
    }

    @Test
    void takesTheNextOrderOfTheSameUserForTheAnswer() {
        JsonNode question = order("ada", "ask my name");
        assertThat(question.path("status").asText()).isEqualTo("waiting_for_answer");

        assertThat(order("bob", "say it twice").path("status").asText()).isEqualTo("complete");
        JsonNode answer = order("ada", "Ada");
        assertThat(answer.path("status").asText()).isEqualTo("complete");
        assertThat(message(answer)).contains("Ada");
        assertThat(order("ada", "Ada").path("status").isNull()).isTrue();
    }

    @Test
    void takesTheAnswerForANewOrderWhereTheConversationIsOver() {
        int before = bus.frames("recognizer_loop:utterance").size();
        assertThat(order("bob", "ask my name").path("status").asText()).isEqualTo("waiting_for_answer");
        String conversation = bus.frames("recognizer_loop:utterance")
                .get(before)
                .context()
                .at("/session/session_id")
                .asText();
        gateway.call("DELETE", "/v1/conversation/" + conversation).as("bob").answers(204);

        assertThat(message(order("bob", "say it twice"))).isEqualTo("first thing");
    }

    @Test
    void forgetsAQuestionWithItsConversation() {
        Caller user = new Caller(Caller.Kind.USER, "ada", Set.of(), null);
        OpenQuestions kept = new OpenQuestions(Duration.ofHours(1));
        kept.put(user, new OpenQuestions.Question(null, "id"));
        assertThat(kept.take(user)).isNotNull();
        assertThat(kept.take(user)).isNull();

        OpenQuestions over = new OpenQuestions(Duration.ZERO);
        over.put(user, new OpenQuestions.Question(null, "id"));
        assertThat(over.take(user)).isNull();
    }

    private static String message(JsonNode outcome) {
        return outcome.at("/matched_synapses/0/neuron_module_list/0/generated_message")
                .asText();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/synapses/start/order/ | {\"order\": \"say it twice\", \"mute\": \"true\"} | application/json",
                "/order/ | {\"order\": \"say it twice\", \"mute\": 1} | application/json; charset=utf-8",
                "/order | {\"order\": \"say it twice\", \"no_voice\": \"True\"} | application/json",
                "/synapses/start/id/gateway-hello | {\"mute\": true} | text/plain",
                "/synapses/start/id/gateway-hello/ | {\"no_voice\": true} | application/x-www-form-urlencoded",
                "/synapses/gateway-hello/ | {\"no_voice\": true} | application/json"
            })
    void isCalledInEachFormOfItsReleases(String path, String body, String type) {
        JsonNode outcome =
                json(send(request("ada", path).header("Content-Type", type).POST(BodyPublishers.ofString(body))), 201);
        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(bus.frames("speak").stream()
                        .filter(frame -> frame.data().path("utterance").asText().matches("Hello|Good day")))
                .isEmpty();
    }

    @Test
    void isSpokenAloudUnlessTheOrderOrTheSettingIsMute() {
        assertThat(post("ada", "/synapses/start/id/gateway-hello", "").statusCode())
                .isEqualTo(403);
        String repeat = "{\"order\": \"please repeat one and one\"}";
        JsonNode outcome = json(post(Gateway.USER, "/synapses/start/order", repeat), 201);
        assertThat(message(outcome)).isEqualTo("one and one");
        await().atMost(PATIENCE).until(() -> spoken("one and one") == 1);

        assertThat(json(post(Gateway.USER, "/settings/mute", "{\"mute\": \"True\"}"), 200)
                        .toString())
                .isEqualTo("{\"mute\":true}");
        json(post(Gateway.USER, "/synapses/start/order", repeat), 201);
        assertThat(json(get(Gateway.USER, "/settings/mute/"), 200).toString()).isEqualTo("{\"mute\":true}");
        json(post(Gateway.USER, "/settings/mute", "{\"mute\": false}"), 200);
        assertThat(spoken("one and one")).isEqualTo(1);
    }

    private static long spoken(String text) {
        return bus.frames("speak").stream()
                .filter(frame -> frame.data().path("utterance").asText().equals(text))
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET | /synapses/none | | | 404 | {\"error\":{\"synapse name not found\":\"none\"}}",
                "DELETE | /synapses/none | | | 404 | {\"error\":{\"synapse name not found\":\"none\"}}",
                "POST | /synapses/start/id/none | | | 404 | {\"error\":{\"synapse name not found\":\"none\"}}",
                "POST | /synapses/start/order | {} | application/json | 400 | 'order' not set",
                "POST | /synapses/start/order | {\"order\": \"hi\"} | | 400 | 'order' not set",
                "POST | /synapses/start/order | order=hi | application/x-www-form-urlencoded | 400 | 'order' not set",
                "POST | /synapses/start/order | {\"order\": 1} | application/json | 400 | 'order' not set",
                "POST | /synapses/start/order | [1] | application/json | 400 | 'order' not set",
                "POST | /synapses/start/order | | application/json | 400 | 'order' not set",
                "POST | /synapses/start/order | {\"order\": | application/json | 400 | not valid JSON",
                "POST | /synapses/start/audio | | | 400 | {\"error\":{\"error\":\"No file provided\"}}",
                "POST | /synapses | {\"signals\": []} | application/json | 400 | 'name' not set",
                "POST | /synapses | {\"name\": \"a b\"} | application/json | 400 | Error with synapse name",
                "POST | /synapses | {\"name\": \"good\", \"signals\": [], \"neurons\": [\"say\"]} | application/json | 400 | say needs message",
                "POST | /synapses | {\"name\": \"good\", \"signals\": [{\"order\": \"x\"}], \"neurons\": [{\"shell\": \"ls\"}]} | application/json | 400 | runs no programs",
                "POST | /synapses | {\"name\": \"good\", \"signals\": [{\"order\": \"x\"}], \"neurons\": [{\"uri\": {\"url\": \"http://a/\"}}]} | application/json | 400 | only the owner",
                "POST | /synapses | {\"name\": \"gateway-hello\", \"signals\": [{\"order\": \"x\"}], \"neurons\": [{\"say\": {\"message\": \"a\"}}]} | application/json | 400 | is in synapses.yaml",
                "DELETE | /synapses/gateway-hello | | | 400 | is in synapses.yaml",
                "POST | /mute | {\"deaf\": true} | application/json | 400 | 'mute' not set",
                "POST | /settings/deaf | {\"mute\": true} | application/json | 400 | 'deaf' not set",
                "POST | /settings/hooks | {} | application/json | 400 | No Parameters",
                "POST | /settings/hooks | {\"on_stop\": \"x\"} | application/json | 400 | no hook",
                "POST | /settings/hooks | {\"on_mute\": {\"a\": 1}} | application/json | 400 | name of a synapse",
                "POST | /settings/hooks | {\"on_mute\": [\"good\", 1]} | application/json | 400 | name of a synapse",
                "POST | /settings/recognizer_multiplier | {\"recognizer_multiplier\": \"x\"} | application/json | 400 | a number",
                "GET | /settings/default_tts | | | 400 | configuration of OVOS",
                "GET | /settings/other | | | 404 | no such setting",
                "POST | /neurons/install | {} | application/json | 403 | none can be installed",
                "POST | /shutdown/ | | | 403 | cannot shut",
                "GET | /nothing | | | 404 | Error",
                "PUT | /synapses | | | 405 | Error"
            })
    void refusesInKalliopesForm(String method, String path, String body, String type, int status, String said) {
        HttpRequest.Builder request = request(Gateway.USER, path)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        JsonNode refusal = json(send(request), status);
        assertThat(refusal.has("error")).isTrue();
        assertThat(refusal.toString()).contains(said);
    }

    @Test
    void isNotCalledByWebPages() {
        HttpResponse<String> refused = send(request("ada", "/synapses/start/id/gateway-hello")
                .header("Origin", "https://evil.example")
                .POST(BodyPublishers.ofString("{\"mute\": true}")));
        assertThat(json(refused, 403).at("/error/Error").asText()).contains("Origin");
    }

    @Test
    void isForUsersWithTheScopesOfAConversation() {
        assertThat(post("eve", "/synapses/start/order", "{\"order\": \"hi\"}").statusCode())
                .isEqualTo(403);
        assertThat(post("ada", "/settings/mute", "{\"mute\": true}").statusCode())
                .isEqualTo(403);
        assertThat(get("ada", "/settings").statusCode()).isEqualTo(403);
        assertThat(get("ada", "/mute").statusCode()).isEqualTo(403);
        assertThat(get("nobody", "/").statusCode()).isEqualTo(401);
    }

    @Test
    void listsTheSynapsesAndForThoseWhoMaySeeThemTheSkills() {
        JsonNode some = json(get("ada", "/synapses/"), 200).path("synapses");
        assertThat(some.toString())
                .contains("{\"name\":\"gateway-hello\",\"enabled\":true,\"signals\":[{\"name\":\"order\","
                        + "\"parameters\":\"hello gateway\"}],")
                .doesNotContain("ovos-skill-");
        JsonNode all = json(get(Gateway.USER, "/synapses"), 200).path("synapses");
        assertThat(all.size()).isGreaterThan(some.size());
        String skill = all.get(all.size() - 1).path("name").asText();
        assertThat(json(get(Gateway.USER, "/synapses/" + skill), 200)
                        .at("/synapses/name")
                        .asText())
                .isEqualTo(skill);
        assertThat(get("ada", "/synapses/" + skill).statusCode()).isEqualTo(404);
    }

    @Test
    void keepsASynapseUntilItIsDeleted() {
        String synapse = """
                {"name": "Say-hello", "signals": [{"order": "my name is {{ name }}"}],
                 "neurons": [{"say": {"message": "hello {{ name }}"}}, "kalliope"]}""";
        assertThat(post(Gateway.USER, "/synapses", synapse).statusCode()).isEqualTo(400);
        JsonNode kept = json(post(Gateway.USER, "/synapses", synapse.replace(", \"kalliope\"", "")), 201);
        assertThat(kept.at("/neurons/0").toString())
                .isEqualTo("{\"name\":\"say\",\"parameters\":{\"message\":\"hello {{ name }}\"}}");
        gateway.restart();
        gateway.awaitBus();
        assertThat(message(order("ada", "My name is Ada"))).isEqualTo("hello Ada");
        JsonNode named = json(
                post("ada", "/synapses/start/id/Say-hello", "{\"mute\": true, \"parameters\": {\"name\": \"you\"}}"),
                201);
        assertThat(message(named)).isEqualTo("hello you");
        assertThat(named.path("user_order").isNull()).isTrue();

        HttpResponse<String> deleted =
                send(request(Gateway.USER, "/synapses/Say-hello").DELETE());
        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(get("ada", "/synapses/Say-hello").statusCode()).isEqualTo(404);
    }

    @Test
    void readsAFileThatIsEditedAndKeepsTheVersionBeforeWhereItIsWrong() throws IOException {
        Path own = gateway.folder().resolve("routes.d/kalliope/synapses.yaml");
        Files.createDirectories(own.getParent());
        Files.writeString(own, """
                - name: turn-around
                  signals: [ order: { text: turn around, matching-type: strict } ]
                  neurons:
                    - say: { message: round }
                    - sleep: { seconds: 0.05 }
                    - neurotransmitter: { direct_link: turn-again }
                    - command: { name: volume, payload: 30 }
                    - ovos: { type: our.own.message, data: { to: "{{ who }}" } }
                - name: turn-again
                  signals: [ order: never said ]
                  neurons: [ { utterance: { text: say it twice } } ]
                - name: ask-colour
                  signals: [ order: a colour ]
                  neurons:
                    - say: { message: which }
                    - neurotransmitter:
                        from_answer_link: [ { synapse: colour-red, answers: [ "red {{ thing }}" ] } ]
                        default: colour-none
                - { name: colour-red, signals: [ order: never said ], neurons: [ { say: { message: "a red {{ thing }}" } } ] }
                - { name: colour-none, signals: [ order: never said ], neurons: [ { say: { message: none } } ] }
                """);
        await().atMost(PATIENCE).until(() -> get("ada", "/synapses/colour-none").statusCode() == 200);

        String order = "{\"order\": \"Turn around\", \"mute\": true, \"parameters\": {\"who\": \"us\"}}";
        JsonNode outcome = json(post(Gateway.USER, "/synapses/start/order", order), 201);
        assertThat(outcome.at("/matched_synapses").toString())
                .isEqualTo(
                        "[{\"synapse_name\":\"turn-around\",\"matched_order\":\"turn around\",\"neuron_module_list\":["
                                + "{\"neuron_name\":\"Say\",\"generated_message\":\"round\"},"
                                + "{\"neuron_name\":\"Sleep\",\"generated_message\":null},"
                                + "{\"neuron_name\":\"Neurotransmitter\",\"generated_message\":null},"
                                + "{\"neuron_name\":\"Command\",\"generated_message\":null},"
                                + "{\"neuron_name\":\"Ovos\",\"generated_message\":null}]},"
                                + "{\"synapse_name\":\"turn-again\",\"matched_order\":null,\"neuron_module_list\":["
                                + "{\"neuron_name\":\"Utterance\",\"generated_message\":\"first thing second thing third thing\"}]}]");
        assertThat(bus.frames("our.own.message")).hasSize(1);
        assertThat(post("ada", "/synapses/start/order", order).statusCode())
                .as("a command needs its scope")
                .isEqualTo(403);

        assertThat(order("ada", "a colour").path("status").asText()).isEqualTo("waiting_for_answer");
        JsonNode answered = order("ada", "Red balloon");
        assertThat(answered.path("status").asText()).isEqualTo("complete");
        assertThat(answered.path("user_order").isNull()).isTrue();
        assertThat(answered.at("/matched_synapses/0/neuron_module_list/1/neuron_name")
                        .asText())
                .isEqualTo("Neurotransmitter");
        assertThat(answered.at("/matched_synapses/1/neuron_module_list/0/generated_message")
                        .asText())
                .isEqualTo("a red balloon");

        Files.writeString(own, "- name: turn-around\n  signals: [ order: x ]\n  neurons: [ script: ls ]\n");
        Files.writeString(gateway.routes().resolve("kalliope/synapses.yaml"), """
                - { name: just-this, signals: [ order: x ], neurons: [ { say: { message: none } } ] }
                """);
        await().atMost(PATIENCE).until(() -> get("ada", "/synapses/just-this").statusCode() == 200);
        assertThat(get("ada", "/synapses/turn-around").statusCode()).isEqualTo(200);
        Files.delete(own);
        Files.copy(
                Path.of("routes/kalliope/synapses.yaml"),
                gateway.routes().resolve("kalliope/synapses.yaml"),
                StandardCopyOption.REPLACE_EXISTING);
        await().atMost(PATIENCE)
                .until(() -> get("ada", "/synapses/turn-around").statusCode() == 404
                        && get("ada", "/synapses/gateway-hello").statusCode() == 200);
    }

    @Test
    void mutesTheMicrophoneByItsOldAndItsNewName() {
        assertThat(json(post(Gateway.USER, "/mute", "{\"mute\": \"True\"}"), 200)
                        .toString())
                .isEqualTo("{\"mute\":true}");
        assertThat(json(get(Gateway.USER, "/settings/deaf"), 200).toString()).isEqualTo("{\"deaf\":true}");
        assertThat(json(get(Gateway.USER, "/settings"), 200)
                        .at("/settings/options/deaf")
                        .asBoolean())
                .isTrue();
        assertThat(json(post(Gateway.USER, "/settings/deaf/", "{\"deaf\": \"no\"}"), 200)
                        .toString())
                .isEqualTo("{\"deaf\":false}");
        assertThat(json(get(Gateway.USER, "/mute/"), 200).toString()).isEqualTo("{\"mute\":false}");
    }

    @Test
    void runsTheHookOfAnOrderThatNobodyUnderstands() {
        assertThat(json(post(Gateway.USER, "/settings/variables", "{\"words\": \"sorry\"}"), 200)
                        .toString())
                .isEqualTo("{\"variables\":{\"words\":\"sorry\"}}");
        json(post(Gateway.USER, "/settings/hooks", "{\"on_order_not_found\": \"gateway-repeat\"}"), 200);
        JsonNode outcome = order("ada", "xyzzy");
        json(post(Gateway.USER, "/settings/hooks", "{\"on_order_not_found\": null}"), 200);

        assertThat(message(outcome)).isEqualTo("sorry");
        assertThat(outcome.path("status").asText()).isEqualTo("complete");
    }

    @Test
    void takesASoundForAnOrder() throws IOException {
        byte[] wav = Sounds.wav("say it twice");
        var form = new ByteArrayOutputStream();
        form.writeBytes("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"order.wav\"\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(wav);
        form.writeBytes("\r\n--x\r\nContent-Disposition: form-data; name=\"mute\"\r\n\r\ntrue\r\n--x--\r\n"
                .getBytes(StandardCharsets.UTF_8));
        JsonNode outcome = json(
                send(request("ada", "/synapses/start/audio")
                        .header("Content-Type", "multipart/form-data; boundary=x")
                        .POST(BodyPublishers.ofByteArray(form.toByteArray()))),
                201);
        assertThat(outcome.path("user_order").asText()).isEqualTo("say it twice");
        assertThat(message(outcome)).isEqualTo("first thing");
    }

    @Test
    void callsAUrlOfItsOwnerAndFollowsNothing() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        List<String> asked = new CopyOnWriteArrayList<>();
        server.createContext("/", call -> {
            String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(call.getRequestMethod() + " " + call.getRequestURI() + " " + body);
            byte[] answer = new byte[call.getRequestURI().getPath().equals("/large") ? 100 << 10 : 2];
            Arrays.fill(answer, (byte) 'a');
            call.getResponseHeaders().add("Location", "/elsewhere");
            call.sendResponseHeaders(call.getRequestURI().getPath().equals("/moved") ? 302 : 200, answer.length);
            try (var out = call.getResponseBody()) {
                out.write(answer);
            }
        });
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        Path own = gateway.folder().resolve("routes.d/kalliope/synapses.yaml");
        Files.createDirectories(own.getParent());
        Files.writeString(own, """
                - name: call-out
                  signals: [ order: call out ]
                  neurons:
                    - uri: { url: "%1$s/a/{{ where }}?q={{ where }}", method: PUT, data: { w: "{{ where }}" }, say_template: "{{ status_code }} {{ content }}" }
                    - uri: { url: "%1$s/moved", say_template: "{{ status_code }}" }
                    - uri: { url: "%1$s/large", say_template: "{{ content }}" }
                    - uri: { url: "http://127.0.0.1:1/", user: ada, password: hush, headers: { X-Hidden: hush } }
                - name: call-dots
                  signals: [ order: call dots ]
                  neurons: [ { uri: { url: "%1$s/{{ where }}{{ where }}/a", say_template: hush } } ]
                - name: call-never
                  signals: [ order: never said ]
                  neurons: [ { command: { name: speak, payload: { token: hush } } } ]
                """.formatted(base));
        try {
            await().atMost(PATIENCE)
                    .until(() -> get("ada", "/synapses/call-out").statusCode() == 200);
            assertThat(get(Gateway.USER, "/synapses").body()).doesNotContain("hush", base);
            assertThat(get(Gateway.USER, "/synapses/call-out").body()).doesNotContain("hush", base);
            assertThat(json(post("kid", "/synapses/start/id/call-out", "{\"mute\": true}"), 403)
                            .toString())
                    .contains("neuron 'uri'");
            JsonNode outcome = json(
                    post(
                            "ada",
                            "/synapses/start/id/call-out",
                            "{\"mute\": true, \"parameters\": {\"where\": \"../b@c/?d\\\"\"}}"),
                    201);

            JsonNode dots = json(
                    post("ada", "/synapses/start/id/call-dots", "{\"mute\": true, \"parameters\": {\"where\": \".\"}}"),
                    201);
            assertThat(dots.at("/matched_synapses/0/neuron_module_list")).isEmpty();

            assertThat(outcome.at("/matched_synapses/0/neuron_module_list").toString())
                    .isEqualTo("[{\"neuron_name\":\"Uri\",\"generated_message\":\"200 aa\"},"
                            + "{\"neuron_name\":\"Uri\",\"generated_message\":\"302\"}]");
            assertThat(asked)
                    .containsExactly(
                            "PUT /a/..%2Fb%40c%2F%3Fd%22?q=..%2Fb%40c%2F%3Fd%22 {\"w\":\"../b@c/?d\\\"\"}",
                            "GET /moved ", "GET /large ");
        } finally {
            Files.delete(own);
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://{{ host }}/",
                "http://a{{ b }}/",
                "http://user@{{ host }}/",
                "file:///etc/passwd",
                "ftp://a/",
                "//a/"
            })
    void takesNoUrlWhoseHostACallerCouldChoose(String url) {
        Map<String, Object> synapse = Map.of(
                "name",
                "call",
                "signals",
                List.of(Map.of("order", "x")),
                "neurons",
                List.of(Map.of("uri", Map.of("url", url))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SynapseReader(true).read(synapse))
                .withMessageContaining("url of uri");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ { name: call, signals: [ order: x ], neurons: [ uri: { url: \"http://ada:hush@host/\" } ] } ]",
                "- name: call\n  password: hush\n  signals: [ order: x\n",
                "- name: call\n  password: 'hush"
            })
    void quotesNoSecretOfAFileThatIsWrong(String yaml) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SynapseReader(true).readFile(yaml))
                .satisfies(refusal ->
                        assertThat(refusal).hasMessageNotContaining("hush").hasNoCause());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"direct_link: [ a, b ]", "from_answer_link: [ { synapse: 1, answers: [ a ] } ], default: call"})
    void takesForTheNameOfASynapseTextsOnly(String link) {
        String yaml =
                "[ { name: call, signals: [ order: x ], neurons: [ neurotransmitter: { %s } ] } ]".formatted(link);
        assertThatIllegalArgumentException().isThrownBy(() -> new SynapseReader(true).readFile(yaml));
    }

    @ParameterizedTest
    @ValueSource(strings = {"speak", "ovos.utterance.speak", "recognizer_loop:utterance"})
    void sendsNoMessageThatHasANeuronOfItsOwn(String type) {
        String yaml = "[ { name: call, signals: [ order: x ], neurons: [ ovos: { type: '%s' } ] } ]".formatted(type);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SynapseReader(true).readFile(yaml))
                .withMessageContaining("take the neuron");
    }

    static List<Arguments> hostileBodies() {
        byte[] half = {'{', '"', 'o', 'r', 'd', 'e', 'r', '"', ':', '"', (byte) 0xc3, '"', '}'};
        String form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n%s\r\n--x--\r\n";
        return List.of(
                Arguments.of("/synapses/start/order", "application/json", "[".repeat(10_000)),
                Arguments.of("/synapses/start/order", "application/json", "{\"order\": [[[[]]]]}"),
                Arguments.of("/synapses/start/order", "application/json", "{\"order\": {\"order\": 1e999}}"),
                Arguments.of("/synapses/start/order", "application/json", "{\"a\":0,".repeat(30_000)),
                Arguments.of("/synapses/start/order", "application/json", "[" + "[],".repeat(30_000) + "[]]"),
                Arguments.of("/synapses/start/order", "application/json", "{\"order\": \"" + "a".repeat(5_000) + "\"}"),
                Arguments.of("/synapses/start/order", "application/json", "a".repeat(2 << 20)),
                Arguments.of(
                        "/synapses/start/order", "application/json", new String(half, StandardCharsets.ISO_8859_1)),
                Arguments.of("/synapses/start/order", "json\"", "{}"),
                Arguments.of("/synapses/start/order", "application/json", "{\"order\": \"\\ud800\"}"),
                Arguments.of("/synapses", "application/json", "{\"name\": {\"a\": 1}, \"signals\": 1, \"neurons\": 2}"),
                Arguments.of(
                        "/synapses", "application/json", "{\"name\": \"good\", \"signals\": [[]], \"neurons\": [{}]}"),
                Arguments.of(
                        "/synapses",
                        "application/json",
                        "{\"name\": \"good\", \"signals\": [{\"order\": {\"text\": [1]}}], \"neurons\": [null]}"),
                Arguments.of("/synapses/start/id/" + "a".repeat(200), "application/json", "{}"),
                Arguments.of("/synapses/start/id/%E2%82%AC%22", "application/json", "{"),
                Arguments.of("/synapses/start/id/none", "application/json", "{\"parameters\": [1]}"),
                Arguments.of("/synapses/start/audio", "multipart/form-data", "x"),
                Arguments.of("/synapses/start/audio", "multipart/form-data; boundary=x", form.formatted("a.wav", "")),
                Arguments.of("/synapses/start/audio", "multipart/form-data; boundary=x", form.formatted("", "RIFF")),
                Arguments.of(
                        "/synapses/start/audio", "multipart/form-data; boundary=x", form.formatted("a.wav", "RIFF")),
                Arguments.of(
                        "/synapses/start/audio", "multipart/form-data; boundary=x", form.formatted("a", "no sound")),
                Arguments.of("/synapses/start/audio", "multipart/form-data; boundary=x", "--x\r\n\r\n".repeat(500)),
                Arguments.of("/synapses/start/audio", "audio/wav", "RIFF"),
                Arguments.of("/settings/variables", "application/json", "{\"a b\": 1}"),
                Arguments.of(
                        "/settings/variables",
                        "application/json",
                        IntStream.range(0, 300)
                                .mapToObj(i -> "\"v" + i + "\": 1")
                                .collect(Collectors.joining(",", "{", "}"))),
                Arguments.of(
                        "/settings/hooks",
                        "application/json",
                        "{\"on_order_not_found\": [\"gateway-hello\"" + ",\"gateway-hello\"".repeat(3_000) + "]}"),
                Arguments.of(
                        "/synapses/start/id/gateway-hello",
                        "application/json",
                        IntStream.range(0, 300)
                                .mapToObj(i -> "\"v" + i + "\": 1")
                                .collect(Collectors.joining(",", "{\"parameters\": {", "}}"))),
                Arguments.of("/settings/variables", "application/json", "{\"a\": \"" + "a".repeat(600 << 10) + "\"}"),
                Arguments.of(
                        "/settings/recognizer_multiplier", "application/json", "{\"recognizer_multiplier\": 1e400}"),
                Arguments.of("/settings/mute", "application/json", "{\"mute\": null}"));
    }

    @ParameterizedTest
    @MethodSource("hostileBodies")
    void refusesWhatIsHostile(String path, String type, String body) {
        HttpResponse<String> refused = send(request(Gateway.USER, path)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1)));
        assertThat(refused.statusCode()).as(refused.body()).isBetween(400, 499);
        assertThat(refused.body()).startsWith("{\"error\":");
        assertThat(get("ada", "/").statusCode()).isEqualTo(200);
    }

    @Test
    void isGoneWithItsFolder() throws IOException {
        Path folder = gateway.routes().resolve("kalliope");
        FileSystemUtils.deleteRecursively(folder);
        await().atMost(PATIENCE).until(() -> get("ada", "/").statusCode() == 404);
        FileSystemUtils.copyRecursively(Path.of("routes/kalliope"), folder);
        await().atMost(PATIENCE)
                .until(() -> get("ada", "/").statusCode() == 200
                        && get("ada", "/synapses/gateway-hello").statusCode() == 200);
    }
}
