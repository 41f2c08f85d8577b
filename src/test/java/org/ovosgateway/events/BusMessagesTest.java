// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** What callers may send to the bus as it is, and what never gets there. */
class BusMessagesTest {

    private static final String MESSAGES = "/v1/bus/messages";

    @RegisterExtension
    @Order(1)
    static final FakeBus BUS = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway OPEN = Gateway.on(BUS::port)
            .with("ovos.bus-messages.allow", "*")
            .user("reader", "events:read")
            .user("guest")
            .skills("guest", "deny", "skill-lock.example", "skill-shop.example:buy");

    @RegisterExtension
    @Order(3)
    static final Gateway SOME = Gateway.on(BUS::port)
            .with("ovos.devices.default.answer-timeout", "30s")
            .with("ovos.bus-messages.allow", "test.*,mycroft.mic.get_status,ovos.mic.listen");

    @RegisterExtension
    @Order(4)
    static final Gateway OFF = Gateway.on(BUS::port).with("ovos.bus-messages.allow", "");

    @BeforeEach
    void connect() {
        List.of(OPEN, SOME, OFF).forEach(Gateway::awaitBus);
        BUS.clear();
    }

    private static Gateway.Call send(Gateway gateway, String query, String json) {
        return gateway.call("POST", MESSAGES + query).json(json);
    }

    @Test
    void sendsWhatIsAllowedInAFrameOfItsOwn() throws Exception {
        send(
                        SOME,
                        "",
                        "{\"type\": \"test.ping\", \"data\": {\"context\": 7, \"session\": [], \"deep\": {\"a\": [1, null]}}}")
                .answers(202, "{\"type\": \"test.ping\"}");

        JsonNode frame = new ObjectMapper()
                .readTree(BUS.rawFrames().stream()
                        .filter(raw -> raw.contains("test.ping"))
                        .findFirst()
                        .orElseThrow());
        assertThat(frame.path("type").asText()).isEqualTo("test.ping");
        assertThat(frame.at("/data/deep/a/0").asInt()).isEqualTo(1);
        assertThat(frame.path("context").isObject()).isTrue();
        assertThat(frame.at("/context/session/session_id").asText()).isEqualTo("default");
    }

    @Test
    void waitsForTheReply() {
        send(SOME, "?reply=mycroft.mic.get_status.response", "{\"type\": \"mycroft.mic.get_status\"}")
                .answers(202, "{\"type\": \"mycroft.mic.get_status.response\", \"data\": {\"muted\": false}}");
    }

    @Test
    void missesNoReplyHoweverSoonItComes() {
        List<CompletableFuture<HttpResponse<String>>> answers = Stream.generate(() -> send(
                                SOME,
                                "?reply=mycroft.mic.get_status.response",
                                "{\"type\": \"mycroft.mic.get_status\"}")
                        .sendAsync())
                .limit(50)
                .toList();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(202));
    }

    @Test
    void masksSecretsInTheReply() {
        BUS.whenAsked("test.secrets").reply("test.answer", Map.of("password", "p", "colour", "red"));

        send(SOME, "?reply=test.answer", "{\"type\": \"test.secrets\"}")
                .answers(
                        202,
                        "{\"type\": \"test.answer\", \"data\": {\"password\": \"********\", \"colour\": \"red\"}}");
    }

    @Test
    void saysThatNobodyReplied() {
        send(OPEN, "?reply=test.never", "{\"type\": \"test.silence\"}").isRefused(504, "bus-timeout");
    }

    @Test
    void isOffUntilTypesAreAllowed() {
        JsonNode problem = send(OFF, "", "{\"type\": \"test.ping\"}").isRefused(403, "bus-messages-off");

        assertThat(problem.path("detail").asText()).contains("ovos.bus-messages.allow");
        assertThat(BUS.frames("test.ping")).isEmpty();
    }

    @Test
    void sendsNothingElse() {
        send(SOME, "", "{\"type\": \"mycroft.stop\"}").isRefused(403, "bus-message-refused");
        OPEN.call("POST", MESSAGES)
                .as("reader")
                .json("{\"type\": \"test.ping\"}")
                .isRefused(403, "forbidden");

        assertThat(BUS.frames("mycroft.stop")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recognizer_loop:utterance",
                "ovos.utterance.handle",
                "skill-lock.example:open",
                "skill-shop.example:buy.intent"
            })
    void sendsNothingToASkillThatTheUserMayNotAsk(String type) {
        OPEN.call("POST", MESSAGES)
                .as("guest")
                .json("{\"type\": \"%s\", \"data\": {\"utterances\": [\"open the door\"]}}".formatted(type))
                .isRefused(403, "forbidden");

        assertThat(BUS.frames(type)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"skill-shop.example:look", "recognizer_loop:record_stop", "test.ping"})
    void sendsAllElseOfALimitedUser(String type) {
        OPEN.call("POST", MESSAGES)
                .as("guest")
                .json("{\"type\": \"%s\"}".formatted(type))
                .answers(202);
    }

    @Test
    void knowsBothNamesOfAType() {
        send(SOME, "", "{\"type\": \"mycroft.mic.listen\"}").answers(202);
        BUS.awaitFrame("mycroft.mic.listen");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "intent.service.pipelines.reload",
                "intent.service.pipelines.reload.intent",
                "error",
                "open",
                "close",
                "message",
                "reconnecting",
                "connected",
                "new_listener"
            })
    void neverSendsWhatHarmsTheAssistant(String type) {
        send(OPEN, "", "{\"type\": \"%s\"}".formatted(type)).isRefused(403, "bus-message-refused");

        assertThat(BUS.frames(type)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"\"}",
                "{\"type\": \" error\"}",
                "{\"type\": null}",
                "{\"type\": 7}",
                "{\"data\": {}}",
                "{\"type\": \"test.ping\", \"data\": []}",
                "{\"type\": \"test.ping\", \"data\": \"text\"}",
                "{\"type\": \"test.ping\", \"context\": {}}",
                "[]",
                "{\"type\": \"test.ping\", \"type\": \"error\"}",
                "{\"type\": \"test.ping\", \"data\": {\"a\": NaN}}",
            })
    void refusesWhatIsNoMessage(String body) {
        assertThat(send(OPEN, "", body).send().statusCode()).isIn(400, 422);
        assertThat(BUS.frames("test.ping")).isEmpty();
    }

    @Test
    void refusesANumberThatPythonDoesNotRead() {
        String number = "9".repeat(5_000);
        assertThat(send(OPEN, "", "{\"type\": \"test.ping\", \"data\": {\"a\": " + number + "}}")
                        .send()
                        .statusCode())
                .isIn(400, 422);
        assertThat(BUS.frames("test.ping")).isEmpty();
    }
}
