// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.OnEveryAssistant;

import static org.assertj.core.api.Assertions.assertThat;

/** What is told of an assistant is so: compared with what its services do, and whether they run. */
class StatesOnEveryAssistantIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATE = "ovos/default/state";
    private static final String PARTS = "ovos/default/parts";
    private static final String VOLUME = "ovos/default/volume";
    private static final String AVAILABILITY = "ovos/default/availability";
    private static final String EVENT = "ovos/default/event/voice";
    private static final String LONG =
            "This is a long sentence, so that somebody can stop it long before its end, which"
                    + " is far away, since there are many words in it, and then some more, and then still more of them.";

    private static void speak(Gateway gateway, String text) {
        gateway.call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"%s\"}".formatted(text))
                .answers(200);
    }

    private static List<String> texts(MqttProbe probe, String type) throws Exception {
        return probe.texts(EVENT).stream()
                .map(StatesOnEveryAssistantIT::json)
                .filter(event -> event.path("event_type").asText().equals(type))
                .map(event -> event.path("text").asText())
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void awaitEvent(MqttProbe probe, String type, String text) {
        probe.await(EVENT, event -> {
            JsonNode told = json(event);
            return told.path("event_type").asText().equals(type)
                    && told.path("text").asText().equals(text);
        });
    }

    private static void awaitPart(MqttProbe probe, String part, boolean runs) {
        probe.await(PARTS, parts -> json(parts).path(part).asBoolean() == runs);
    }

    @OnEveryAssistant
    void tellsEachTextThatIsSpoken(Assistant assistant, Gateway gateway, MqttProbe probe) throws Exception {
        probe.await(STATE, "idle"::equals);
        probe.forget();

        speak(gateway, "the first thing");
        speak(gateway, "the second thing");

        awaitEvent(probe, "spoken", "the second thing");
        probe.await(STATE, "idle"::equals);
        assertThat(texts(probe, "spoken")).containsExactly("the first thing", "the second thing");
        assertThat(probe.texts(STATE)).containsExactly("speaking", "idle");
    }

    @OnEveryAssistant
    void tellsAStop(Assistant assistant, Gateway gateway, MqttProbe probe) throws Exception {
        probe.await(STATE, "idle"::equals);
        probe.forget();
        speak(gateway, LONG);
        probe.await(STATE, "speaking"::equals);
        assistant.loudspeaker().awaitSoundSince(assistant.loudspeaker().length());

        gateway.call("DELETE", "/v1/voice/speech").answers(204);

        awaitEvent(probe, "speech_stopped", LONG);
        probe.await(STATE, "idle"::equals);
        probe.forget();
        speak(gateway, "and on it goes");
        awaitEvent(probe, "spoken", "and on it goes");
        assertThat(texts(probe, "spoken")).containsExactly("and on it goes");
    }

    @OnEveryAssistant
    void tellsOnceThatNothingWasUnderstood(Assistant assistant, Gateway gateway, MqttProbe probe) throws Exception {
        probe.await(STATE, "idle"::equals);
        probe.forget();

        gateway.call("POST", "/v1/voice/utterance")
                .json("{\"utterance\": \"colourless green ideas\"}")
                .answers(204);

        awaitEvent(probe, "intent_failed", "colourless green ideas");
        probe.await(STATE, "idle"::equals);
        speak(gateway, "and on it goes");
        awaitEvent(probe, "spoken", "and on it goes");
        assertThat(texts(probe, "intent_failed")).containsExactly("colourless green ideas");
    }

    /** Whichever names the line has for it, and however often it says it. */
    @OnEveryAssistant
    void tellsAnIntentOnceAndByOneName(Assistant assistant, Gateway gateway, MqttProbe probe) throws Exception {
        probe.await(STATE, "idle"::equals);
        probe.forget();

        gateway.call("POST", "/v1/voice/utterance")
                .json("{\"utterance\": \"what time is it\"}")
                .answers(204);

        probe.await(EVENT, event -> json(event).path("event_type").asText().equals("spoken"));
        assertThat(probe.texts(EVENT).stream()
                        .map(StatesOnEveryAssistantIT::json)
                        .filter(event -> event.path("event_type").asText().equals("intent")))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.path("intent").asText()).isNotBlank().doesNotEndWith(".intent"));
    }

    @OnEveryAssistant
    void aSpeechEndsWithWhoSpeaks(Assistant assistant, Gateway gateway, MqttProbe probe) {
        awaitPart(probe, "audio", true);
        probe.await(STATE, "idle"::equals);
        probe.forget();
        speak(gateway, LONG);
        probe.await(STATE, "speaking"::equals);

        assistant.kill(AssistantPart.AUDIO);

        awaitPart(probe, "audio", false);
        probe.await(STATE, "idle"::equals);
        assertThat(probe.texts(AVAILABILITY)).isEmpty();
        assistant.start(AssistantPart.AUDIO);
        awaitPart(probe, "audio", true);
    }

    @OnEveryAssistant
    void whatAPartToldGoesAndComesWithIt(Assistant assistant, Gateway gateway, MqttProbe probe) {
        awaitPart(probe, "phal", true);
        // what it was set to before this test: else that comes later
        probe.await(VOLUME, "50"::equals);
        probe.forget();

        assistant.kill(AssistantPart.PHAL);
        awaitPart(probe, "phal", false);
        probe.await(VOLUME, String::isEmpty);
        assistant.start(AssistantPart.PHAL);

        awaitPart(probe, "phal", true);
        probe.await(VOLUME, volume -> !volume.isEmpty());
        // not known, unknown, and known again
        assertThat(probe.texts(VOLUME)).hasSize(2);
    }

    @OnEveryAssistant
    void isThereWhenItsCoreHasLoadedItsSkills(Assistant assistant, Gateway gateway, MqttProbe probe) {
        probe.await(AVAILABILITY, now -> now.contains("online"));
        probe.forget();

        assistant.kill(AssistantPart.CORE);
        awaitPart(probe, "core", false);
        probe.await(AVAILABILITY, now -> now.contains("offline"));
        assistant.start(AssistantPart.CORE);

        probe.await(AVAILABILITY, now -> now.contains("online"));
        assertThat(probe.texts(AVAILABILITY)).hasSize(2);
    }
}
