// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.awaitility.core.ConditionFactory;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Line;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.Recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is asked for happens: heard at the loudspeaker, said into the microphone, asked of the services. */
class DeedsOnEveryAssistantIT {

    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));
    private static final String QUESTION = "what time is it";
    private static final String LONG =
            "This is a long sentence, so that somebody can stop it long before its end, which"
                    + " is far away, since there are many words in it, and then some more, and then still more of them.";

    @OnEveryAssistant
    void speaksAloud(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();

        speak("Dinner is ready", gateway);

        PATIENTLY.until(() -> loudspeaker.soundSince(start).compareTo(Duration.ofMillis(400)) > 0);
    }

    @OnEveryAssistant
    void isSilentAfterStop(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();
        speak(LONG, gateway);
        loudspeaker.awaitSoundSince(start);

        gateway.call("DELETE", "/v1/voice/speech").answers(204);

        loudspeaker.awaitSilence();
        // all of it takes about nine seconds
        assertThat(loudspeaker.soundSince(start)).isLessThan(Duration.ofSeconds(7));
    }

    @OnEveryAssistant
    void hearsNothingWhileItsMicrophoneIsMuted(Assistant assistant, Gateway gateway) {
        try (BusClient bus = assistant.overhear()) {
            gateway.call("PUT", "/v1/voice/microphone/mute").answers(204);
            gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": true}");
            assistant.hear(QUESTION);

            gateway.call("PUT", "/v1/voice/microphone/unmute").answers(204);
            gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");
            assertThat(recordings(bus)).isZero();

            // who is not heard, since it still listens to something else, says it again
            PATIENTLY.pollInterval(Duration.ofSeconds(3)).until(() -> {
                assistant.hear(QUESTION);
                return recordings(bus) > 0;
            });
        }
    }

    @OnEveryAssistant
    void hearsNoAnswerOfASkillThatIsNotActive(Assistant assistant, Gateway gateway) {
        String skill = "/v1/skills/" + assistant.skill();
        gateway.call("PUT", skill + "/deactivate").answers(204);
        try (BusClient bus = assistant.overhear()) {
            gateway.call("POST", "/v1/voice/utterance")
                    .json("{\"utterance\": \"%s\"}".formatted(QUESTION))
                    .answers(204);
            bus.await("ovos.utterance.handled");
            assertThat(spokenBy(assistant.skill(), bus)).isZero();

            gateway.call("PUT", skill + "/activate").answers(204);
            gateway.call("POST", "/v1/voice/utterance")
                    .json("{\"utterance\": \"%s\"}".formatted(QUESTION))
                    .answers(204);
            PATIENTLY.until(() -> spokenBy(assistant.skill(), bus) == 1);
        }
    }

    @OnEveryAssistant
    void listensWhenItIsTold(Assistant assistant, Gateway gateway) {
        try (BusClient bus = assistant.overhear()) {
            gateway.call("PUT", "/v1/voice/listen").answers(204);

            PATIENTLY.until(() -> recordings(bus) == 1);
        }
    }

    @OnEveryAssistant
    void understandsNothingWhileItSleeps(Assistant assistant, Gateway gateway) {
        try (BusClient bus = assistant.overhear()) {
            gateway.call("POST", "/v1/system/sleep").answers(201);
            gateway.call("GET", "/v1/system/sleep").answers(200, "{\"is_awake\": false}");
            assistant.hear(QUESTION);

            gateway.call("POST", "/v1/system/wakeup").answers(201);
            gateway.call("GET", "/v1/system/sleep").answers(200, "{\"is_awake\": true}");
            assertThat(utterances(bus)).isZero();

            // who is not heard, since it still listens to something else, says it again
            PATIENTLY.pollInterval(Duration.ofSeconds(3)).until(() -> {
                assistant.hear(QUESTION);
                return utterances(bus) > 0;
            });
        }
    }

    @OnEveryAssistant
    void isAsLoudAsBeforeWhenItHearsItsWakeWordAsleep(Assistant assistant, Gateway gateway) {
        gateway.call("PUT", "/v1/voice/volume").json("{\"volume\": 60}").answers(204);
        gateway.call("POST", "/v1/system/sleep").send();

        assistant.hear(QUESTION);

        // who is not heard says it again
        PATIENTLY.until(() -> {
            if (assistant.volume() != 30) {
                assistant.hear(QUESTION);
            }
            return assistant.volume() == 30;
        });
        PATIENTLY.until(() -> assistant.volume() == 60);
    }

    @OnEveryAssistant
    void isAsLoudAsItWasSetBehindTheNextListening(Assistant assistant, Gateway gateway) {
        gateway.call("PUT", "/v1/voice/volume").json("{\"volume\": 40}").answers(204);
        PATIENTLY.until(() -> assistant.volume() == 40);

        try (BusClient bus = assistant.overhear()) {
            gateway.call("PUT", "/v1/voice/listen").answers(204);
            PATIENTLY.until(() -> assistant.volume() == 30);
            assistant.hear(QUESTION);
            PATIENTLY.until(() -> told(bus, "recognizer_loop:record_end", "ovos.listener.record.ended")
                            .size()
                    == 1);
        }

        PATIENTLY.until(() -> assistant.volume() == 40);
        assertThat(gateway.call("GET", "/v1/voice/volume")
                        .answers(200)
                        .path("volume")
                        .asInt())
                .isEqualTo(40);
    }

    @OnEveryAssistant(
            except = @OnEveryAssistant.Except(line = Line.SIMULATED, because = "no text takes its voice longer"))
    void isNotHeardWhenItIsStoppedWhileItsVoiceIsSlow(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();
        speak("Slowly, " + LONG, gateway);

        gateway.call("DELETE", "/v1/voice/speech").answers(204);

        gateway.call("POST", "/v1/voice/speech?done=spoken")
                .json("{\"utterance\": \"and on it goes\"}")
                .answers(200);
        loudspeaker.awaitSilence();
        // all of it takes about nine seconds
        assertThat(loudspeaker.soundSince(start)).isBetween(Duration.ofMillis(300), Duration.ofSeconds(7));
    }

    @OnEveryAssistant
    void answersAloudWhatItIsAsked(Assistant assistant, Gateway gateway) {
        Duration start = assistant.loudspeaker().length();
        try (BusClient bus = assistant.overhear()) {
            gateway.call("POST", "/v1/voice/utterance")
                    .json("{\"utterance\": \"%s\"}".formatted(QUESTION))
                    .answers(204);

            PATIENTLY.until(() -> spokenBy(assistant.skill(), bus) == 1);
        }
        assistant.loudspeaker().awaitSoundSince(start);
    }

    @OnEveryAssistant
    void tellsWhichSkillsAreActive(Assistant assistant, Gateway gateway) {
        assertThat(isActive(assistant.skill(), gateway)).isTrue();

        gateway.call("PUT", "/v1/skills/" + assistant.skill() + "/deactivate").answers(204);
        assertThat(isActive(assistant.skill(), gateway)).isFalse();

        gateway.call("PUT", "/v1/skills/" + assistant.skill() + "/activate").answers(204);
        assertThat(isActive(assistant.skill(), gateway)).isTrue();
    }

    @OnEveryAssistant
    void isSilentWhileItsLoudspeakerIsMuted(Assistant assistant, Gateway gateway) {
        gateway.call("PUT", "/v1/voice/volume/mute").answers(204);
        PATIENTLY.until(assistant::isVolumeMuted);
        Duration start = assistant.loudspeaker().length();
        try (BusClient bus = assistant.overhear()) {
            speak("Nobody hears this", gateway);
            PATIENTLY.until(() -> told(bus, "recognizer_loop:audio_output_end", "ovos.audio.output.ended")
                            .size()
                    == 1);
        }
        assertThat(assistant.loudspeaker().soundSince(start)).isZero();

        gateway.call("PUT", "/v1/voice/volume/unmute").answers(204);
        PATIENTLY.until(() -> !assistant.isVolumeMuted());
        speak("Somebody hears this", gateway);
        assistant.loudspeaker().awaitSoundSince(start);
    }

    @OnEveryAssistant
    void tellsWhetherItReachesTheInternet(Assistant assistant, Gateway gateway) {
        boolean connected = assistant.line() == Line.SIMULATED;

        gateway.call("GET", "/v1/network/internet").answers(200, "{\"connected\": %s}".formatted(connected));
        gateway.call("GET", "/v1/network/websocket").answers(200, "{\"listening\": true}");
    }

    private static void speak(String text, Gateway gateway) {
        gateway.call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"%s\"}".formatted(text))
                .answers(200);
    }

    private static boolean isActive(String skill, Gateway gateway) {
        return gateway.call("GET", "/v1/skills")
                .answers(200)
                .at("/results/" + skill.replace("/", "~1") + "/active")
                .asBoolean();
    }

    private static int recordings(BusClient bus) {
        return told(bus, "recognizer_loop:record_begin", "ovos.listener.record.started")
                .size();
    }

    private static int utterances(BusClient bus) {
        return told(bus, "recognizer_loop:utterance", "ovos.utterance.handle").size();
    }

    private static long spokenBy(String skill, BusClient bus) {
        return told(bus, "speak", "ovos.utterance.speak").stream()
                .filter(speech -> speech.data().at("/meta/skill").asText().equals(skill))
                .count();
    }

    /** Under the old name or the new one; what the alpha line says under both counts once. */
    private static List<Message> told(BusClient bus, String oldName, String newName) {
        return Stream.of(oldName, newName)
                .flatMap(name -> bus.received(name).stream())
                .filter(message ->
                        !message.context().path("_namespace_compat_twin").asBoolean())
                .toList();
    }
}
