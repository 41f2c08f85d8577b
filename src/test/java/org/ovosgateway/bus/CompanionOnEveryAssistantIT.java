// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Line;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.OnEveryAssistant.Except;
import org.ovosgateway.testing.RealCompanion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The companion skill in the core of each line: what it tells is so, and what it changes, the skill that is meant goes by.
 */
class CompanionOnEveryAssistantIT {

    private static final String SIMULATED = "it has the skill of another gateway, and answers of its own";

    @OnEveryAssistant(except = @Except(line = Line.SIMULATED, because = SIMULATED))
    void tellsWhatRunsAndHowItIsSet(Assistant assistant, Gateway gateway) {
        JsonNode info = gateway.call("GET", "/v1/system/info").answers(200).path("results");

        assertThat(info.at("/companion/name").asText()).isEqualTo("ovos-skill-gateway-companion");
        assertThat(info.path("core_version").asText()).matches("[0-9]+[.][0-9]+[.].*");
        assertThat(info.path("tts_engine").asText()).isEqualTo("gateway-test");
        assertThat(info.path("name").asText()).isEqualTo("hey_mycroft");

        JsonNode config = gateway.call("GET", "/v1/system/config").answers(200);

        assertThat(config.at("/websocket/port").intValue()).isEqualTo(assistant.busPort());
        assertThat(config.at("/hotwords/hey_mycroft/hz").intValue()).isEqualTo(1000);
    }

    @OnEveryAssistant(except = @Except(line = Line.SIMULATED, because = SIMULATED))
    void aSettingIsWhatTheSkillGoesByAndItsLogHidesTheSecret(Assistant assistant, Gateway gateway) {
        String settings = "/v1/skills/" + assistant.skill() + "/settings";
        gateway.call("PATCH", settings)
                .json("{\"answer\": \"it is midnight\", \"password\": \"canary-of-skill\"}")
                .answers(200);

        JsonNode told = gateway.call("GET", settings).answers(200).path("results");
        assertThat(told.path("answer").asText()).isEqualTo("it is midnight");
        assertThat(told.path("password").asText()).isEqualTo("********");
        assertThat(answer(assistant, gateway)).isEqualTo("it is midnight");
        JsonNode lines = gateway.call("GET", "/v1/system/logs?service=skills&lines=1000")
                .answers(200)
                .path("lines");
        assertThat(lines)
                .extracting(JsonNode::asText)
                .anySatisfy(line -> assertThat(line).contains("answers by", "it is midnight", "********"));
        assertThat(lines.toString()).doesNotContain("canary-of-skill");

        assertThat(gateway.call("PATCH", settings)
                        .json("{\"answer\": 5}")
                        .answers(422)
                        .at("/errors/0/field")
                        .asText())
                .isEqualTo("answer");
        gateway.call("PATCH", settings).json("{\"answer\": \"it is noon\"}").answers(200);
        assertThat(answer(assistant, gateway)).isEqualTo("it is noon");
    }

    @OnEveryAssistant(except = @Except(line = Line.SIMULATED, because = SIMULATED))
    void clearsTheCacheOfTheVoice(Assistant assistant, Gateway gateway) {
        gateway.call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"this is kept\"}")
                .answers(200);
        long kept = assistant.cachedSounds();
        assertThat(kept).isPositive();

        JsonNode answer = gateway.call("DELETE", "/v1/system/cache")
                .json("{\"cache_type\": \"tts\"}")
                .answers(201);

        assertThat(answer.path("files").asLong()).as(answer.toString()).isGreaterThanOrEqualTo(kept);
        assertThat(assistant.cachedSounds()).isZero();
        gateway.call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"this is kept\"}")
                .answers(200);
        assertThat(assistant.cachedSounds()).isPositive();
    }

    private static String answer(Assistant assistant, Gateway gateway) {
        try (BusClient bus = assistant.overhear()) {
            gateway.call("POST", "/v1/voice/utterance")
                    .json("{\"utterance\": \"what time is it\"}")
                    .answers(204);
            return await().atMost(Duration.ofSeconds(30))
                    .until(
                            () -> bus.received().stream()
                                    .flatMap(frame -> Message.parse(frame).stream())
                                    .filter(message ->
                                            Vocabulary.of(message.type()).old().equals("speak"))
                                    .map(message ->
                                            message.data().path("utterance").asText())
                                    .findFirst()
                                    .orElse(""),
                            text -> !text.isEmpty());
        }
    }

    @OnEveryAssistant(
            except =
                    @Except(
                            line = {Line.SIMULATED, Line.TODAY, Line.ALPHA_WITHOUT_TWINS},
                            because = "no packages, or those of CompanionIT or of another line"))
    void passesItsOwnTests(Assistant assistant) throws Exception {
        RealCompanion.runItsTests(assistant.line());
    }
}
