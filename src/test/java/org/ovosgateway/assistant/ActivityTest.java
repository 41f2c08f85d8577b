// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ovosgateway.bus.Part;

import static org.assertj.core.api.Assertions.assertThat;

/** What the messages of the bus mean, in the order in which real assistants send them. */
class ActivityTest {

    private long now;
    private final Activity activity = new Activity(() -> now);

    private String heard(String type) {
        return heard(type, Map.of());
    }

    private String heard(String type, Map<String, Object> data) {
        return activity.heard("default", type, Map.of("session", Map.of("session_id", "default")), data);
    }

    private String later(int seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
        return heard("mycroft.audio.is_speaking", Map.of("speaking", false));
    }

    private static Map<String, Object> text(String text) {
        return Map.of("utterance", text);
    }

    private static Map<String, Object> utterance(String text) {
        return Map.of("utterances", List.of(text));
    }

    @Test
    void speaksWhileTheSoundIsMade() {
        assertThat(heard("speak", text("hello"))).isEqualTo("speaking");
        assertThat(later(5)).isEqualTo("speaking");
        assertThat(heard("recognizer_loop:audio_output_start")).isEqualTo("speaking");
        assertThat(heard("recognizer_loop:audio_output_end")).isEqualTo("idle");
    }

    @Test
    void aTextThatNeverBecomesASoundIsNotWaitedForForever() {
        heard("speak", text("hello"));

        assertThat(later(19)).isEqualTo("speaking");
        assertThat(later(2)).isEqualTo("idle");
    }

    @Test
    void anEmptyTextIsNotSaid() {
        assertThat(heard("speak", text(" "))).isEqualTo("idle");
    }

    @Test
    void isIdleAtOnceWhenSpeechWasStopped() {
        heard("speak", text("hello"));
        heard("recognizer_loop:audio_output_start");

        assertThat(heard("mycroft.stop.handled", Map.of("by", "TTS"))).isEqualTo("idle");
        // for two seconds it says that it speaks, until it says that it ended
        assertThat(heard("mycroft.audio.is_speaking", Map.of("speaking", true))).isEqualTo("idle");
        assertThat(heard("recognizer_loop:audio_output_end")).isEqualTo("idle");
        assertThat(heard("mycroft.audio.is_speaking", Map.of("speaking", true))).isEqualTo("idle");
    }

    @Test
    void isIdleWhenASoundHasEndedThoughAnAnswerFromBeforeSaysThatItSpeaks() {
        heard("speak", text("hello"));
        heard("recognizer_loop:audio_output_start");
        heard("recognizer_loop:audio_output_end");

        assertThat(heard("mycroft.audio.is_speaking", Map.of("speaking", true))).isEqualTo("idle");
        now += Duration.ofSeconds(3).toNanos();
        assertThat(heard("mycroft.audio.is_speaking", Map.of("speaking", true))).isEqualTo("speaking");
    }

    @Test
    void whatIsSaidAfterAStopIsNotTakenForItsEnd() {
        heard("speak", text("hello"));
        heard("recognizer_loop:audio_output_start");
        heard("mycroft.stop.handled", Map.of("by", "TTS"));

        assertThat(activity.heard("default", "speak", Map.of("gw_request_id", "2"), text("bye")))
                .isEqualTo("speaking");
        assertThat(heard("recognizer_loop:audio_output_end")).isEqualTo("speaking");
        assertThat(heard("recognizer_loop:audio_output_start")).isEqualTo("speaking");
        assertThat(activity.heard(
                        "default", "recognizer_loop:audio_output_end", Map.of("gw_request_id", "2"), Map.of()))
                .isEqualTo("idle");
    }

    @Test
    void aStopOfAnotherSessionStopsTheDevice() {
        heard("speak", text("hello"));
        Map<String, Object> other = Map.of("session", Map.of("session_id", "somebody"));

        assertThat(activity.heard("default", "mycroft.stop.handled", other, Map.of("by", "OCP")))
                .isEqualTo("speaking");
        assertThat(activity.heard("default", "mycroft.stop.handled", other, Map.of("by", "TTS")))
                .isEqualTo("idle");
        assertThat(activity.heard("default", "speak", other, text("hello"))).isEqualTo("idle");
    }

    @Test
    void isIdleWhenWhoSpokeIsGone() {
        heard("speak", text("hello"));
        heard("recognizer_loop:audio_output_start");

        assertThat(activity.gone("default", Part.PHAL)).isEqualTo("speaking");
        assertThat(activity.gone("default", Part.AUDIO)).isEqualTo("idle");
    }

    @Test
    void isIdleWhenWhoProcessesIsGone() {
        assertThat(heard("recognizer_loop:utterance", utterance("hello"))).isEqualTo("processing");
        assertThat(activity.gone("default", Part.CORE)).isEqualTo("idle");
    }

    @Test
    void anUtteranceWithoutEndIsNotProcessedForever() {
        assertThat(heard("recognizer_loop:utterance", utterance("hello"))).isEqualTo("processing");

        assertThat(later(40)).isEqualTo("processing");
        assertThat(later(40)).isEqualTo("idle");
    }

    @Test
    void anUtteranceWithoutTextIsNotProcessed() {
        assertThat(heard("recognizer_loop:utterance", Map.of("utterances", List.of())))
                .isEqualTo("idle");
        assertThat(heard("recognizer_loop:utterance")).isEqualTo("idle");
    }

    @Test
    void aRecordingThatWasStoppedIsNotProcessed() {
        heard("recognizer_loop:record_begin");

        assertThat(heard("recognizer_loop:record_stop")).isEqualTo("listening");
        assertThat(heard("recognizer_loop:record_end")).isEqualTo("idle");
        // the next one is
        heard("recognizer_loop:record_begin");
        assertThat(heard("recognizer_loop:record_end")).isEqualTo("processing");
    }

    @Test
    void aRecordingThatNothingComesOfIsNotProcessedForLong() {
        heard("recognizer_loop:record_begin");
        assertThat(heard("recognizer_loop:record_end")).isEqualTo("processing");

        assertThat(later(6)).isEqualTo("idle");
    }

    @Test
    void aListenerThatWakesUpProcessesNothing() {
        heard("recognizer_loop:state", Map.of("state", "sleeping"));
        assertThat(heard("recognizer_loop:record_end")).isEqualTo("sleeping");
    }

    @Test
    void aTypedUtteranceDoesNotEndListening() {
        heard("recognizer_loop:record_begin");

        assertThat(heard("recognizer_loop:utterance", utterance("hello"))).isEqualTo("listening");
        assertThat(heard("ovos.utterance.handled")).isEqualTo("listening");
        assertThat(heard("recognizer_loop:record_end")).isEqualTo("processing");
    }

    @Test
    void listensUntilWhatItHeardIsWrittenDown() {
        for (String state : List.of("before_cmd", "in_cmd", "after_cmd", "recording")) {
            assertThat(heard("recognizer_loop:state", Map.of("state", state))).isEqualTo("listening");
        }
        assertThat(heard("recognizer_loop:state", Map.of("state", "wakeword"))).isEqualTo("idle");
    }

    @Test
    void whatIsSaidFirstOfSeveralActivities() {
        assertThat(heard("recognizer_loop:state", Map.of("state", "sleeping"))).isEqualTo("sleeping");
        assertThat(heard("recognizer_loop:utterance", utterance("hello"))).isEqualTo("processing");
        assertThat(heard("recognizer_loop:audio_output_start")).isEqualTo("speaking");
        assertThat(heard("recognizer_loop:record_begin")).isEqualTo("listening");
        assertThat(activity.heard("attic", "ovos.utterance.handled", Map.of(), Map.of()))
                .isEqualTo("idle");
    }

    @Test
    void listensFromWhenItTellsThoughItAnswersForAMomentThatItDoesNot() {
        heard("recognizer_loop:record_begin");

        assertThat(heard("recognizer_loop:state", Map.of("state", "wakeword"))).isEqualTo("listening");
        assertThat(heard("recognizer_loop:state", Map.of("state", "before_cmd")))
                .isEqualTo("listening");
        now += Duration.ofSeconds(3).toNanos();
        assertThat(heard("recognizer_loop:state", Map.of("state", "wakeword"))).isEqualTo("idle");
    }

    @Test
    void listensNoLongerWhenItsStateWasSet() {
        heard("recognizer_loop:record_begin");
        heard("recognizer_loop:state.set", Map.of("state", "wakeword"));

        assertThat(heard("recognizer_loop:state", Map.of("state", "wakeword"))).isEqualTo("idle");
    }

    @Test
    void listensNoLongerWhenItWasWoken() {
        heard("recognizer_loop:record_begin");
        heard("mycroft.awoken");

        assertThat(heard("recognizer_loop:state", Map.of("state", "wakeword"))).isEqualTo("idle");
    }
}
