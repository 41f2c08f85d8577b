// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Gateway.Call;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static java.time.Duration.ZERO;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Everything that can go wrong, and what the caller is told: one shape, the right status, a stable type, and nothing of
 * the inside. {@link Gateway} checks the shape of every answer; here is which of them it is.
 */
@ExtendWith(OutputCaptureExtension.class)
class ProblemsTest {

    private static final String COMPANION = "skill-rest-api.smartgic";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            // long enough for the parts that do answer, also on a busy machine
            .with("ovos.devices.default.answer-timeout", "3s")
            .with("ovos.devices.default.companion-timeout", "3s")
            .with("ovos.auth.attempts.per-user", 3)
            .user("reader", "system:read")
            .user("locked-out");

    @BeforeEach
    void connectAndLogIn() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
        gateway.token("reader");
    }

    @AfterEach
    void repair() {
        for (AssistantPart part : AssistantPart.values()) {
            bus.assistant().switchOn(part);
        }
        await().atMost(30, SECONDS).pollDelay(ZERO).until(() -> gateway.gauge("ovos.bus.waits") == 0);
    }

    /** How to bring it about, the call, and what it is told. */
    static Stream<Arguments> failures() {
        Runnable nothing = () -> {};
        return Stream.of(
                failure("no JSON", nothing, () -> speech("{"), 400, "malformed"),
                failure(
                        "no token",
                        nothing,
                        () -> call("GET", "/v1/system/info").anonymous(),
                        401,
                        "unauthorized"),
                failure(
                        "bad token",
                        nothing,
                        () -> call("GET", "/v1/system/info").token("a.b.c"),
                        401,
                        "unauthorized"),
                failure("wrong password", nothing, () -> login(Gateway.USER, "wrong"), 401, "invalid-credentials"),
                failure("unknown user", nothing, () -> login("nobody", Gateway.PASSWORD), 401, "invalid-credentials"),
                failure("scope", nothing, () -> call("PUT", "/v1/voice/listen").as("reader"), 403, "forbidden"),
                failure("no path", nothing, () -> call("GET", "/v1/nothing"), 404, "not-found"),
                failure("no such skill", nothing, () -> settings("no-skill.test"), 404, "unknown-skill"),
                failure("method", nothing, () -> call("PATCH", "/v1/voice/speech"), 405, "method-not-allowed"),
                failure("too large", nothing, () -> speech(" ".repeat(2 << 20)), 413, "content-too-large"),
                failure(
                        "no JSON type",
                        nothing,
                        () -> call("POST", "/v1/voice/speech").body("text/plain", new byte[] {'x'}),
                        415,
                        "unsupported-media-type"),
                failure("no fit", nothing, () -> speech("{\"utterance\": \"\"}"), 422, "validation"),
                failure("bad query", nothing, () -> call("GET", "/v1/skills?sort=maybe"), 422, "validation"),
                failure("password too long", nothing, () -> login("x", "p".repeat(73)), 422, "validation"),
                failure(
                        "too many logins",
                        ProblemsTest::lockOut,
                        () -> login("locked-out", "x"),
                        429,
                        "too-many-attempts"),
                failure("key refused", ProblemsTest::refuseKey, ProblemsTest::info, 502, "companion-refused"),
                failure("key missing there", ProblemsTest::noKeyThere, ProblemsTest::info, 502, "companion-refused"),
                failure("companion failed", ProblemsTest::failCompanion, ProblemsTest::info, 502, "companion-failed"),
                failure("companion missing", ProblemsTest::noCompanion, ProblemsTest::info, 502, "companion-missing"),
                failure("companion inactive", ProblemsTest::inactive, ProblemsTest::info, 502, "companion-inactive"),
                failure(
                        "core refuses",
                        ProblemsTest::failDeactivation,
                        () -> call("PUT", "/v1/skills/ovos-skill-count.openvoiceos/deactivate"),
                        502,
                        "skill-refused"),
                failure("no bus", bus::kill, ProblemsTest::info, 503, "bus-unavailable"),
                failure("no bus to speak", bus::kill, () -> speech("{\"utterance\": \"a\"}"), 503, "bus-unavailable"),
                failure("companion off", off(AssistantPart.COMPANION), ProblemsTest::info, 502, "companion-missing"),
                failure("companion silent", ProblemsTest::silence, ProblemsTest::info, 504, "companion-silent"),
                failure(
                        "core silent",
                        off(AssistantPart.CORE, AssistantPart.COMPANION),
                        ProblemsTest::info,
                        504,
                        "core-silent"),
                failure("no core", off(AssistantPart.CORE), () -> call("GET", "/v1/skills"), 504, "bus-timeout"),
                failure(
                        "no listener",
                        off(AssistantPart.LISTENER),
                        () -> call("GET", "/v1/system/sleep"),
                        504,
                        "bus-timeout"),
                failure(
                        "no PHAL",
                        off(AssistantPart.PHAL),
                        () -> call("GET", "/v1/network/internet"),
                        504,
                        "bus-timeout"));
    }

    @ParameterizedTest(name = "{0}: {3} {4}")
    @MethodSource("failures")
    void areToldInOneShape(
            String what, Runnable cause, Supplier<Call> call, int status, String type, CapturedOutput output)
            throws Exception {
        cause.run();
        if (status == 503) {
            gateway.awaitNoBus();
        }

        HttpResponse<String> answer =
                call.get().header("X-Request-Id", "request-of-the-test").send();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("request-of-the-test");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        JsonNode problem = new ObjectMapper().readTree(answer.body());
        assertThat(problem.path("type").asText()).isEqualTo("urn:ovos-gateway:" + type);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").isTextual()).isTrue();
        assertThat(problem.path("detail").asText()).matches(Gateway.sentence(problem));
        assertThat(problem.path("request_id").asText()).isEqualTo("request-of-the-test");
        assertThat(problem.has("errors")).isEqualTo(status == 422);
        assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent())
                .isEqualTo(status == 401 || status == 403);
        assertThat(answer.headers().firstValue("Allow").isPresent()).isEqualTo(status == 405);
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 429 || status == 503);
        // what callers do wrong is no trace in the log, and secrets never are
        assertThat(output.getAll())
                .doesNotContain("\tat ")
                .doesNotContain(SimulatedAssistant.SECRET_MARK)
                .doesNotContain(Gateway.PASSWORD)
                .doesNotContain(gateway.token(Gateway.USER));
    }

    @Test
    void tellHowLongToWaitForTheBus() {
        bus.kill();
        gateway.awaitNoBus();

        ContractSchema contract = ContractSchema.shipped();
        for (ContractSchema.Operation operation : contract.operationsWithoutMqtt()) {
            HttpResponse<String> answer = gateway.example(operation).send();
            boolean reachesAnAssistant = contract.document()
                    .at(operation.at())
                    .path("parameters")
                    .toString()
                    .contains("\"#/components/parameters/Device\"");
            if (operation.id().equals("getWebsocket")) {
                assertThat(answer.body()).isEqualTo("{\"listening\": false}");
            } else if (List.of("getVoiceState", "converseBatch").contains(operation.id())) {
                assertThat(answer.statusCode()).isEqualTo(200);
            } else if (reachesAnAssistant) {
                assertThat(answer.statusCode()).as(operation.id()).isEqualTo(503);
                assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                        .isPositive();
            } else {
                assertThat(answer.statusCode()).as(operation.id()).isLessThan(500);
            }
        }

        bus.restart();
        gateway.awaitBus();
        gateway.call("GET", "/v1/network/websocket").answers(200);
    }

    @Test
    void areNoneWhereTheCoreIsSilentAndOnlyThatWasAsked() {
        bus.assistant().switchOff(AssistantPart.CORE);

        gateway.call("GET", "/v1/network/websocket").answers(200, "{\"listening\": false}");
    }

    @ParameterizedTest
    @EnumSource(AssistantPart.class)
    void concernOnlyTheOperationsThatNeedThePart(AssistantPart missing) {
        bus.assistant().switchOff(missing);
        List<String> needed = switch (missing) {
            case CORE ->
                List.of(
                        "listSkills",
                        "getSkillSettings",
                        "changeSkillSettings",
                        "activateSkill",
                        "deactivateSkill",
                        "listIntents",
                        "listSkillIntents",
                        "enableIntent",
                        "disableIntent",
                        "ask");
            case COMPANION ->
                List.of("getInfo", "getConfig", "getLogs", "clearCache", "getSkillSettings", "changeSkillSettings");
            case LISTENER ->
                List.of(
                        "getSleep",
                        "sleep",
                        "wakeUp",
                        "getMicrophone",
                        "muteMicrophone",
                        "unmuteMicrophone",
                        "listen",
                        "stopListening",
                        "transcribe",
                        "converseByAudio");
            case PHAL -> List.of("getInternet", "getVolume", "setVolume", "muteVolume", "unmuteVolume");
            case AUDIO -> List.of("speak", "stopSpeech", "synthesize", "playSound");
        };

        Map<String, CompletableFuture<HttpResponse<String>>> waiting = new HashMap<>();
        for (ContractSchema.Operation operation : ContractSchema.shipped().operationsWithoutMqtt()) {
            if (missing == AssistantPart.CORE && operation.path().startsWith("/conversation")) {
                // waits as long as a skill may take
                continue;
            }
            if (needed.contains(operation.id())) {
                waiting.put(operation.id(), gateway.example(operation).sendAsync());
            } else if (List.of("getLogs", "changeSkillSettings").contains(operation.id())) {
                assertThat(gateway.example(operation).send().statusCode())
                        .as("what skill-rest-api cannot do")
                        .isEqualTo(502);
            } else if (operation.id().equals("getHistory")) {
                // the request of the example is none
                assertThat(gateway.example(operation).send().statusCode()).isEqualTo(404);
            } else {
                assertThat(gateway.example(operation).send().statusCode())
                        .as(operation.id())
                        .isBetween(200, 299);
            }
        }
        waiting.forEach((id, answer) -> assertThat(answer.join().statusCode())
                .as(id)
                .isEqualTo(missing == AssistantPart.COMPANION ? 502 : 504));
    }

    @Test
    void areSurvivedWhenTheKeyIsRefusedAndTheDataFollowAllTheSame() {
        bus.whenAsked("ovos.api.info")
                .answer(asked -> message("ovos.api.info.answer", Map.of("error", "both keys don't match"), false))
                .answer(asked -> message("ovos.api.info.answer", Map.of("name", "hey_test"), true));

        // the key is wrong: what the skill says after that is no answer to us
        info().isRefused(502, "companion-refused");
    }

    @Test
    void areSurvivedWhenAnotherAsksTheSameWithAnotherKey() {
        bus.whenAsked("ovos.api.info")
                .answer(asked -> message("ovos.api.info.answer", Map.of("name", "hey_test"), true));

        assertThat(info().answers(200).at("/results/name").asText()).isEqualTo("hey_test");
    }

    private static Call call(String method, String path) {
        return gateway.call(method, path);
    }

    private static Call info() {
        return call("GET", "/v1/system/info");
    }

    private static Call settings(String skill) {
        return call("GET", "/v1/skills/" + skill + "/settings");
    }

    private static Call speech(String json) {
        return call("POST", "/v1/voice/speech").json(json);
    }

    private static Call login(String user, String password) {
        return call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"%s\", \"password\": \"%s\"}".formatted(user, password));
    }

    private static void lockOut() {
        for (int i = 0; i < 3; i++) {
            login("locked-out", "wrong").answers(401);
        }
    }

    private static void refuseKey() {
        bus.whenAsked("ovos.api.info")
                .answer(asked -> message("ovos.api.info.answer", Map.of("error", "both keys don't match"), false));
    }

    private static void noKeyThere() {
        bus.whenAsked("ovos.api.info")
                .answer(asked -> message(
                        "ovos.api.info.answer", Map.of("error", "no api key detected from home.mycroft.ai"), false));
    }

    private static void failCompanion() {
        bus.whenAsked("ovos.api.info")
                .answer(asked -> message("ovos.api.info.answer", Map.of("error", "KeyError: 'hush-key'"), true));
    }

    private static void silence() {
        bus.whenAsked("ovos.api.info").staySilent();
    }

    private static void noCompanion() {
        bus.whenAsked("ovos.api.info").staySilent();
        bus.whenAsked("skillmanager.list").replyWithoutContext("mycroft.skills.list", Map.of());
    }

    private static void inactive() {
        bus.whenAsked("ovos.api.info").staySilent();
        bus.whenAsked("skillmanager.list")
                .replyWithoutContext(
                        "mycroft.skills.list", Map.of(COMPANION, Map.of("active", false, "id", COMPANION)));
    }

    private static void failDeactivation() {
        bus.whenAsked("skillmanager.deactivate")
                .reply("skillmanager.deactivate.response", Map.of("error", "hush-failed in /opt/ovos"));
    }

    private static Runnable off(AssistantPart... parts) {
        return () -> List.of(parts).forEach(bus.assistant()::switchOff);
    }

    private static Message message(String type, Map<String, ?> data, boolean authenticated) {
        ObjectMapper mapper = new ObjectMapper();
        return new Message(type, mapper.valueToTree(data), mapper.valueToTree(Map.of("authenticated", authenticated)));
    }

    private static Arguments failure(String what, Runnable cause, Supplier<Call> call, int status, String type) {
        return arguments(what, cause, call, status, type);
    }
}
