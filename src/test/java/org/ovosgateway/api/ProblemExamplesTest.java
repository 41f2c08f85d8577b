// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.EventReader;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Gateway.Call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** The problems that the contract shows as examples, held against what the gateway answers, word by word. */
class ProblemExamplesTest {

    private static final String COMPANION = "skill-rest-api.smartgic";
    private static final String LIMITED_USER = "wallpanel";
    private static final String MANY = "many";
    private static final JsonNode RESPONSES =
            ContractSchema.shipped().document().at("/components/responses");

    /** The only stream that its user may have open. */
    private static EventReader reader;

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.devices.default.answer-timeout", "3s")
            .with("ovos.devices.default.companion-timeout", "3s")
            .with("ovos.auth.attempts.per-user", 1)
            .with("ovos.auth.attempts.window", "30s")
            .user(LIMITED_USER, "voice:speak")
            .user(MANY)
            .with("ovos.http.max-streams-per-caller", 1)
            .with("ovos.conversation.most-per-user", 2)
            .routes("busy.camel.yaml", """
                    - route:
                        id: busy
                        from:
                          uri: platform-http:/busy?access=public
                          steps:
                            - throwException:
                                exceptionType: java.util.concurrent.RejectedExecutionException
                                message: the pool is full
                    """);

    @RegisterExtension
    @Order(3)
    static final Gateway keyless = Gateway.on(bus::port).with("ovos.devices.default.api-key", "");

    /** With the companion skill of this gateway. */
    @RegisterExtension
    @Order(4)
    static final FakeBus ownBus = new FakeBus(SimulatedAssistant.builder()
            .apiKey(Gateway.API_KEY)
            .gatewayCompanion()
            .alerts()
            .oneConnection());

    @RegisterExtension
    @Order(5)
    static final Gateway own = Gateway.on(ownBus::port);

    private static final String ALARM = "2c4f9a36-5d0b-4f6e-9a55-0d1e6a0f6a11";

    @BeforeEach
    void connectAndLogIn() {
        own.awaitBus();
        gateway.awaitBus();
        keyless.awaitBus();
        gateway.token(Gateway.USER);
        gateway.token(LIMITED_USER);
        gateway.token(MANY);
    }

    @AfterEach
    void repair() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
        for (AssistantPart part : AssistantPart.values()) {
            bus.assistant().switchOn(part);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> gateway.gauge("ovos.bus.waits") == 0);
    }

    /** The example, how to bring it about, and the call. */
    static Stream<Arguments> examples() {
        Runnable nothing = () -> {};
        return Stream.of(
                example("Malformed/notJson", nothing, () -> speech("{\"utterance\": }")),
                example("LoginRefused/refused", nothing, () -> login("nobody")),
                example("Unauthorized/expired", nothing, () -> info().token(expired())),
                example(
                        "Forbidden/scope",
                        nothing,
                        () -> call("POST", "/v1/system/sleep").as(LIMITED_USER)),
                example(
                        "LoginNeeded/permatoken",
                        nothing,
                        () -> call("GET", "/v1/auth/permatokens")
                                .token(gateway.permatoken("{\"name\": \"panel\"}")
                                        .path("token")
                                        .asText())),
                example(
                        "UnknownPermatoken/unknown",
                        nothing,
                        () -> call("DELETE", "/v1/auth/permatokens/nothingatall")),
                example("TooManyPermatokens/user", ProblemExamplesTest::makeAllPermatokens, () -> permatoken(MANY)),
                example("UnknownDevice/unknown", nothing, () -> call("GET", "/v1/skills?device=attic")),
                example(
                        "UnknownSkill/unknown",
                        nothing,
                        () -> call("GET", "/v1/skills/ovos-skill-helo-world.openvoiceos/settings")),
                example(
                        "UnknownIntent/unknown",
                        nothing,
                        () -> call("PUT", "/v1/skills/ovos-skill-hello-world.openvoiceos/intents/HelloIntent/disable")),
                example(
                        "SettingsProtected/protected",
                        nothing,
                        () -> own.call("PATCH", "/v1/skills/" + COMPANION + "/settings")
                                .json("{\"api_key\": \"mine\"}")),
                example("NoAlerts/missing", nothing, () -> call("GET", "/v1/alerts")),
                example("UnknownAlert/unknown", nothing, () -> own.call("DELETE", "/v1/alerts/nap")),
                example(
                        "NotRinging/notRinging",
                        ProblemExamplesTest::setAlarm,
                        () -> own.call("PUT", "/v1/alerts/" + ALARM + "/snooze")),
                example("UnknownLog/unknown", nothing, () -> own.call("GET", "/v1/system/logs?service=cellar")),
                example("TooLarge/tooLarge", nothing, () -> speech(" ".repeat(2 << 20))),
                example(
                        "UnsupportedMediaType/text",
                        nothing,
                        () -> call("POST", "/v1/voice/speech").body("text/plain", "hello".getBytes(UTF_8))),
                example("SoundTooLarge/bus", nothing, () -> transcription(Arrays.copyOf(Sounds.wav(""), 20_000_000))),
                example("NoSound/text", nothing, () -> transcription("hello".getBytes(UTF_8))),
                example(
                        "BusMessageRefused/harmful",
                        nothing,
                        () -> call("POST", "/v1/bus/messages").json("{\"type\": \"intent.service.pipelines.reload\"}")),
                example("UnknownRequest/unknown", nothing, () -> call("GET", "/v1/history/none")),
                example(
                        "TooManyStreams/many",
                        () -> reader = new EventReader(gateway, gateway.token(Gateway.USER), "/v1/events"),
                        () -> call("GET", "/v1/events")),
                example("Invalid/fields", nothing, () -> speech("{\"utterance\": \" \"}")),
                example("TooManyAttempts/attempts", () -> login("locked-out").answers(401), () -> login("locked-out")),
                example("CompanionFailed/keyMissing", nothing, () -> keyless.call("GET", "/v1/system/info")),
                example("CompanionFailed/refused", () -> companionSays("both keys don't match", false), () -> info()),
                example("CompanionFailed/missing", () -> companionIs(Map.of()), () -> info()),
                example(
                        "CompanionFailed/inactive",
                        () -> companionIs(Map.of(COMPANION, Map.of("active", false, "id", COMPANION))),
                        () -> info()),
                example("CompanionFailed/failed", () -> companionSays("KeyError", true), () -> info()),
                example(
                        "InvalidAnswer/kind",
                        () -> bus.whenAsked("mycroft.mic.get_status")
                                .reply("mycroft.mic.get_status.response", Map.of("muted", "no")),
                        () -> call("GET", "/v1/voice/microphone")),
                example(
                        "CoreRefused/refused",
                        () -> bus.whenAsked("skillmanager.deactivate")
                                .reply("skillmanager.deactivate.response", Map.of("error", "failed")),
                        () -> call("PUT", "/v1/skills/ovos-skill-count.openvoiceos/deactivate")),
                example(
                        "MqttOff/off",
                        nothing,
                        () -> call("POST", "/v1/mqtt/simulate").json("{\"topic\":\"a\",\"payload\":\"b\"}")),
                example("Busy/busy", nothing, () -> call("GET", "/busy").anonymous()),
                example("BusUnavailable/unreachable", ProblemExamplesTest::killBus, () -> info()),
                example(
                        "NotDone/notDone",
                        () -> bus.whenAsked("mycroft.mic.get_status")
                                .reply("mycroft.mic.get_status.response", Map.of("muted", false)),
                        () -> call("PUT", "/v1/voice/microphone/mute")),
                example(
                        "NotHeard/notHeard",
                        off(AssistantPart.LISTENER),
                        () -> call("PUT", "/v1/voice/microphone/mute")),
                example(
                        "UnknownConversation/conversation",
                        nothing,
                        () -> call("DELETE", "/v1/conversation/6c1f1a34-6a0e-4f0e-9d5c-2f7f0b0c9b1d")),
                example(
                        "UnknownConversation/device",
                        nothing,
                        () -> call("POST", "/v1/conversation?device=attic").json("{\"text\": \"hello\"}")),
                example("ConversationBusy/busy", nothing, ProblemExamplesTest::askTwice),
                example(
                        "TooManyConversations/tooMany",
                        () -> {
                            askForLong(MANY, null);
                            askForLong(MANY, null);
                        },
                        () -> call("POST", "/v1/conversation").as(MANY).json("{\"text\": \"hello\"}")),
                example(
                        "NotAnswered/late",
                        () -> bus.whenAsked("recognizer_loop:utterance")
                                .reply(
                                        "speak",
                                        Map.of(
                                                "utterance",
                                                "Let me think",
                                                "meta",
                                                Map.of("skill", "skill-oracle.example"))),
                        () -> call("POST", "/v1/conversation").json("{\"text\": \"hello\", \"timeout\": 8}")),
                example("NoAnswer/timeout", off(AssistantPart.LISTENER), () -> call("GET", "/v1/system/sleep")),
                example("NoAnswer/coreSilent", off(AssistantPart.CORE, AssistantPart.COMPANION), () -> info()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void saysWhatTheGatewayAnswers(String name, Runnable cause, Supplier<Call> call) throws Exception {
        JsonNode example = shown().get(name);
        cause.run();

        String answer = call.get()
                .header("X-Request-Id", example.path("request_id").asText())
                .send()
                .body();

        assertThat(new ObjectMapper().readTree(stable(answer)))
                .isEqualTo(new ObjectMapper().readTree(stable(example.toString())));
    }

    @Test
    void areAllHeldAgainstAnswers() {
        assertThat(examples().map(example -> example.get()[0]).toList())
                .containsExactlyInAnyOrderElementsOf(shown().keySet());
    }

    private static void setAlarm() {
        String alarm = "{\"alert_type\": 0, \"next_expiration_time\": \"2099-01-01T07:30:00+01:00\"}";
        ownBus.whenAsked("ovos.alerts.get_alerts")
                .answer(asked -> asked.response(
                        asked.data().path("disposition").asText().equals("active")
                                ? Message.object()
                                : Message.object().put(ALARM, alarm)));
    }

    /** Ports, times and ids are those of this test. */
    private static String stable(String problem) {
        return problem.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:0")
                .replaceAll("\\b\\d+ s\\b", "0 s")
                .replaceAll("(\"conversation_id\" ?: ?\")[0-9a-f-]{36}", "$1id");
    }

    private static Map<String, JsonNode> shown() {
        return RESPONSES.properties().stream()
                .flatMap(response ->
                        response.getValue().at("/content/application~1problem+json/examples").properties().stream()
                                .map(example -> Map.entry(
                                        response.getKey() + "/" + example.getKey(),
                                        example.getValue().path("value"))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Arguments example(String name, Runnable cause, Supplier<Call> call) {
        return arguments(name, cause, call);
    }

    private static Call call(String method, String path) {
        return gateway.call(method, path);
    }

    private static Call transcription(byte[] sound) {
        return call("POST", "/v1/voice/transcription").body("audio/wav", sound);
    }

    private static Call info() {
        return call("GET", "/v1/system/info");
    }

    private static Call speech(String json) {
        return call("POST", "/v1/voice/speech").json(json);
    }

    private static Call askTwice() {
        String conversation = gateway.conversation("what time is it");
        askForLong(Gateway.USER, conversation);
        return call("POST", "/v1/conversation?busy=refuse")
                .json("{\"text\": \"hello\", \"conversation_id\": \"%s\"}".formatted(conversation));
    }

    /** Nobody waits for what becomes of it. */
    private static void askForLong(String user, String conversation) {
        int before = bus.frames("recognizer_loop:utterance").size();
        call("POST", "/v1/conversation")
                .as(user)
                .json(
                        conversation == null
                                ? "{\"text\": \"count to 99\"}"
                                : "{\"text\": \"count to 99\", \"conversation_id\": \"%s\"}".formatted(conversation))
                .sendAsync();
        bus.awaitFrames("recognizer_loop:utterance", before + 1);
    }

    private static void makeAllPermatokens() {
        int status;
        do {
            status = permatoken(MANY).send().statusCode();
        } while (status == 201);
    }

    private static Call permatoken(String user) {
        return call("POST", "/v1/auth/permatokens").as(user).json("{\"name\": \"panel\"}");
    }

    private static Call login(String user) {
        return call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"%s\", \"password\": \"wrong\"}".formatted(user));
    }

    private static String expired() {
        Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
        return Jwts.builder()
                .subject(Gateway.USER)
                .issuer("ovos-api")
                .issuedAt(Date.from(hourAgo))
                .expiration(Date.from(hourAgo.plusSeconds(60)))
                .signWith(Keys.hmacShaKeyFor(Gateway.SECRET.getBytes(UTF_8)), Jwts.SIG.HS256)
                .compact();
    }

    private static void companionSays(String error, boolean authenticated) {
        ObjectMapper json = new ObjectMapper();
        bus.whenAsked("ovos.api.info")
                .answer(asked -> new Message(
                        "ovos.api.info.answer",
                        json.valueToTree(Map.of("error", error)),
                        json.valueToTree(Map.of("authenticated", authenticated))));
    }

    private static void companionIs(Map<String, ?> skills) {
        bus.whenAsked("ovos.api.info").staySilent();
        bus.whenAsked("skillmanager.list").replyWithoutContext("mycroft.skills.list", skills);
    }

    private static void killBus() {
        bus.kill();
        gateway.awaitNoBus();
        // first it says how the link was lost, and from the next try on that there is nobody
        await().atMost(Duration.ofSeconds(30))
                .until(() -> info().answers(503).path("detail").asText().contains("Connection refused"));
    }

    private static Runnable off(AssistantPart... parts) {
        return () -> List.of(parts).forEach(bus.assistant()::switchOff);
    }
}
