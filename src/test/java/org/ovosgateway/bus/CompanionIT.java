// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.problem.ProblemException;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.RealBus;
import org.ovosgateway.testing.RealCompanion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.bus.TestDevice.get;

/** The companion skill in the real ovos-workshop, on the real bus, behind the gateway; its core is a simulated one. */
class CompanionIT {

    private static final String SKILL = "ovos-skill-count.openvoiceos";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Order(1)
    @RegisterExtension
    static final RealBus bus = new RealBus();

    @Order(2)
    @RegisterExtension
    static final RealCompanion companion = new RealCompanion(bus::port);

    @Order(3)
    @RegisterExtension
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.devices.default.companion-timeout", "10s")
            .user("reader", "skills:read", "system:read");

    private static Vertx vertx;
    private static SimulatedAssistant core;
    private static Devices devices;
    private static ProvenCompanions proven;

    @TempDir
    static Path state;

    @BeforeAll
    static void waitForTheSkill() throws Exception {
        vertx = Vertx.vertx();
        core = SimulatedAssistant.builder()
                .without(AssistantPart.COMPANION)
                .start(vertx, java.net.URI.create("ws://127.0.0.1:%d/core".formatted(bus.port())));
        core.connected().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        proven = new ProvenCompanions(new StateDirectory(state.toString()));
        devices = new Devices(
                vertx,
                new DevicesProperties(Map.of(
                        "default", TestDevice.settings(bus.port(), Gateway.API_KEY, Duration.ofSeconds(20)),
                        "stranger", TestDevice.settings(bus.port(), "another key", Duration.ofSeconds(20)))),
                proven,
                new SimpleMeterRegistry());
        devices.start();
        gateway.awaitBus();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            // as a core that has just started does
            devices.get("default").tell("mycroft.ready", BusMessage.JSON.createObjectNode());
            return gateway.call("GET", "/v1/system/info").send().statusCode() == 200;
        });
    }

    @AfterAll
    static void stop() throws Exception {
        devices.stop();
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static JsonNode raw(String id, String challenge, String body) throws Throwable {
        ObjectNode question = BusMessage.JSON
                .createObjectNode()
                .put("id", id)
                .put("challenge", challenge)
                .put("body", body)
                .put("proof", new KeyProof(Gateway.API_KEY).of(ProvingCompanion.ASK, id, challenge, body));
        BusMessage answer = get(devices.get("default")
                .ask(new Question(
                        ProvingCompanion.ASK,
                        question,
                        ProvingCompanion.ANSWER,
                        Match.ID,
                        PATIENCE,
                        "the skill",
                        Reading.PLAIN)));
        ObjectNode outcome =
                (ObjectNode) BusMessage.JSON.readTree(answer.data().path("body").asText());
        return outcome.put("challenge", answer.data().path("challenge").asText());
    }

    private static String challenge() throws Throwable {
        return raw("unknown-1", "", "{}").path("challenge").asText();
    }

    @Test
    void passesItsOwnTests() throws Exception {
        companion.runItsTests();
    }

    @Test
    void tellsTheInformationOnADefaultConfiguration() {
        JsonNode info = gateway.call("GET", "/v1/system/info").answers(200).path("results");

        assertThat(info.at("/companion/name").asText()).isEqualTo("ovos-skill-gateway-companion");
        assertThat(info.at("/companion/protocol").intValue()).isOne();
        assertThat(info.path("log_level").asText()).isEqualTo("info");
        assertThat(info.path("tts_engine").asText()).isEqualTo("ovos-tts-plugin-test");
        assertThat(info.at("/locales/lang").asText()).isNotEmpty();
    }

    @Test
    void tellsTheConfigurationMaskedAtTheSource() throws Throwable {
        assertThat(gateway.call("GET", "/v1/system/config").answers(200).at("/stt/test/api_key"))
                .hasToString("\"********\"");
        assertThat(raw("config-0001", challenge(), "{\"operation\":\"config\"}")
                        .at("/result/stt/test/api_key")
                        .asText())
                .isEqualTo("********");
    }

    @Test
    void readsAndChangesSettings() throws Exception {
        companion.writeSettings(SKILL, Map.of("colour", "red", "level", 3, "password", "canary-of-skill"));
        String path = "/v1/skills/" + SKILL + "/settings";

        assertThat(gateway.call("GET", path)
                        .answers(200)
                        .at("/results/password")
                        .asText())
                .isEqualTo("********");
        JsonNode changed = gateway.call("PATCH", path)
                .json("{\"colour\": \"blue\", \"password\": \"********\"}")
                .answers(200)
                .path("results");

        assertThat(changed.path("colour").asText()).isEqualTo("blue");
        assertThat(companion.settings(SKILL).path("colour").asText()).isEqualTo("blue");
        assertThat(companion.settings(SKILL).path("password").asText()).isEqualTo("canary-of-skill");
        assertThat(gateway.call("PATCH", path)
                        .json("{\"level\": \"high\"}")
                        .answers(422)
                        .at("/errors/0/field")
                        .asText())
                .isEqualTo("level");
        gateway.call("PATCH", path).as("reader").json("{\"colour\": \"green\"}").answers(403);
        assertThat(companion.settings(SKILL).path("colour").asText()).isEqualTo("blue");
    }

    @Test
    void clearsTheCacheOfTheVoice() throws Exception {
        Path speech = companion.cache("speech.wav");

        assertThat(gateway.call("DELETE", "/v1/system/cache")
                        .json("{\"cache_type\": \"tts\"}")
                        .answers(201)
                        .path("status")
                        .booleanValue())
                .isTrue();
        assertThat(Files.exists(speech)).isFalse();
    }

    @Test
    void tellsTheLinesOfALog() throws Exception {
        companion.writeLog("audio", "first\nsays hello\nuses %s\n".formatted(Gateway.API_KEY));

        JsonNode logs =
                gateway.call("GET", "/v1/system/logs?service=audio&lines=2").answers(200);

        assertThat(logs.path("lines")).extracting(JsonNode::asText).isEqualTo(List.of("says hello", "uses ********"));
        gateway.call("GET", "/v1/system/logs?service=cellar").answers(404);
        gateway.call("GET", "/v1/system/logs").as("reader").answers(403);
    }

    @Test
    void refusesAnotherKeyAndAReplay() throws Throwable {
        assertThatThrownBy(() -> get(devices.get("stranger")
                        .companion()
                        .ask("ovos.api.config", BusMessage.JSON.createObjectNode(), PATIENCE)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().type()).isEqualTo("companion-refused"));
        String challenge = challenge();
        assertThat(raw("replay-0001", challenge, "{\"operation\":\"hello\"}").has("result"))
                .isTrue();
        assertThat(raw("replay-0001", challenge, "{\"operation\":\"hello\"}")
                        .path("error")
                        .asText())
                .isEqualTo("stale");
    }

    @Test
    void getsOverClocksThatDifferByADay() throws Throwable {
        InstantSource yesterday = () -> Instant.now().minus(Duration.ofDays(1));

        JsonNode companion = get(new Companion(devices.get("default"), proven, yesterday)
                        .ask("ovos.api.info", BusMessage.JSON.createObjectNode(), PATIENCE))
                .data()
                .path("companion");

        assertThat(companion.path("clock_skew").longValue()).isBetween(86_300L, 86_500L);
    }

    @Test
    void answersWhatNobodyShouldAsk() throws Throwable {
        for (String odd : List.of("[]", "no json", "{\"operation\":\"nonsense\"}")) {
            assertThat(raw("odd-000001", challenge(), odd).path("error").asText())
                    .as(odd)
                    .isEqualTo("failed");
        }
    }
}
