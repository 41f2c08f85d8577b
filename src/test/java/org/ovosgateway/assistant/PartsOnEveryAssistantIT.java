// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.OnEveryAssistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Parts of an assistant that hang or die in the middle of their work, and come back. */
class PartsOnEveryAssistantIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String AVAILABILITY = "ovos/default/availability";
    private static final String STATE = "ovos/default/state";

    @OnEveryAssistant
    void areToldToHangUntilTheyGoOn(Assistant assistant, Gateway gateway, MqttProbe probe) {
        probe.await(AVAILABILITY, now -> now.contains("online"));
        awaitParts(probe, Map.of("core", true, "audio", true, "listener", true, "phal", true));
        probe.forget();
        List<AssistantPart> hanging = List.of(AssistantPart.CORE, AssistantPart.AUDIO, AssistantPart.LISTENER);

        hanging.forEach(assistant::freeze);

        awaitParts(probe, Map.of("core", false, "audio", false, "listener", false, "phal", true));
        probe.await(AVAILABILITY, now -> now.contains("offline"));
        assertThat(problem(gateway.call("GET", "/v1/skills"))).contains("ovos-core");
        assertThat(problem(gateway.call("GET", "/v1/voice/microphone"))).contains("listener");
        assertThat(problem(gateway.call("POST", "/v1/voice/synthesis").json("{\"text\": \"nobody says this\"}")))
                .contains("ovos-audio");
        probe.forget();

        hanging.forEach(assistant::thaw);

        awaitParts(probe, Map.of("core", true, "audio", true, "listener", true, "phal", true));
        probe.await(AVAILABILITY, now -> now.contains("online"));
        gateway.call("GET", "/v1/skills").answers(200);
        gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");
        Duration start = assistant.loudspeaker().length();
        gateway.call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"somebody says this\"}")
                .answers(200);
        assistant.loudspeaker().awaitSoundSince(start);
    }

    @OnEveryAssistant
    void aRecordingEndsWithItsListener(Assistant assistant, Gateway gateway, MqttProbe probe) {
        awaitParts(probe, Map.of("listener", true));
        probe.await(STATE, "idle"::equals);
        probe.forget();
        gateway.call("PUT", "/v1/voice/listen").answers(204);
        probe.await(STATE, "listening"::equals);

        assistant.kill(AssistantPart.LISTENER);

        awaitParts(probe, Map.of("listener", false));
        probe.await(STATE, "idle"::equals);
        assertThat(problem(gateway.call("PUT", "/v1/voice/listen"))).contains("listener");
        probe.forget();
        assistant.start(AssistantPart.LISTENER);
        awaitParts(probe, Map.of("listener", true));
        try (BusClient bus = assistant.overhear()) {
            // who is not heard says it again
            await().atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofSeconds(3))
                    .until(() -> {
                        assistant.hear("what time is it");
                        return !bus.received("recognizer_loop:wakeword").isEmpty();
                    });
        }
    }

    private static String problem(Gateway.Call call) {
        return call.answers(504).path("detail").asText();
    }

    private static void awaitParts(MqttProbe probe, Map<String, Boolean> parts) {
        probe.await(
                "ovos/default/parts",
                told -> parts.entrySet().stream()
                        .allMatch(part -> json(told).path(part.getKey()).asBoolean() == part.getValue()));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
