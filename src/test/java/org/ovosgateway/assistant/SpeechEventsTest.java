// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Which texts are over, in the orders in which the lines of ovos-audio tell it. */
class SpeechEventsTest {

    private final SpeechEvents speech = new SpeechEvents();

    private List<String> heard(String type, String id, Map<String, Object> data) {
        return speech
                .ended("default", type, id == null ? Map.of() : Map.of("gw_request_id", id, "session", Map.of()), data)
                .stream()
                .map(ended -> ended.get("text") + (ended.get("stopped").equals(true) ? " (stopped)" : ""))
                .toList();
    }

    private List<String> heard(String type, String id) {
        return heard(type, id, Map.of());
    }

    private void speak(String id, String text) {
        assertThat(heard("speak", id, Map.of("utterance", text))).isEmpty();
    }

    private List<String> begins(String id, String text) {
        return heard("recognizer_loop:utterance_start", id, Map.of("utterance", text));
    }

    @Test
    void eachOfSeveralTextsIsSpoken() {
        speak("1", "first");
        speak("2", "second");
        speak("3", "second");

        assertThat(heard("recognizer_loop:audio_output_start", "1")).isEmpty();
        assertThat(begins("1", "first")).isEmpty();
        assertThat(begins("2", "second")).containsExactly("first");
        assertThat(begins("3", "second")).containsExactly("second");
        assertThat(heard("recognizer_loop:audio_output_end", "3")).containsExactly("second");
        assertThat(heard("recognizer_loop:audio_output_end", "3")).isEmpty();
    }

    @Test
    void aTextIsSpokenOnceThoughItsSoundIsInPieces() {
        speak("1", "One piece. Another piece.");

        assertThat(begins("1", "One piece.")).isEmpty();
        assertThat(begins("1", "Another piece.")).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "1")).containsExactly("One piece. Another piece.");
    }

    @Test
    void whereNoBeginIsToldTheEndSaysHowFarItIs() {
        speak("1", "first");
        speak("2", "second");
        speak("3", "third");

        assertThat(heard("recognizer_loop:audio_output_start", "1")).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "2")).containsExactly("first", "second");
        assertThat(heard("recognizer_loop:audio_output_start", "3")).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "3")).containsExactly("third");
    }

    @Test
    void anEndThatIsOfNoTextEndsAll() {
        speak("1", "first");
        speak("2", "second");

        assertThat(heard("recognizer_loop:audio_output_end", "7")).containsExactly("first", "second");
    }

    @Test
    void whatWasStoppedIsNotSpoken() {
        speak("1", "first");
        heard("recognizer_loop:audio_output_start", "1");
        begins("1", "first");
        speak("2", "second");

        assertThat(heard("mycroft.stop.handled", "9", Map.of("by", "TTS"))).containsExactly("first (stopped)");
        speak("3", "third");
        assertThat(heard("recognizer_loop:audio_output_end", "1")).containsExactly("second (stopped)");
        assertThat(begins("3", "third")).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "3")).containsExactly("third");
    }

    @Test
    void whatWasBeingMadeWhenAnotherWasStoppedIsSpoken() {
        speak("1", "first");
        begins("1", "first");
        speak("2", "thrown away");
        speak("3", "being made");

        assertThat(heard("mycroft.stop.handled", "9", Map.of("by", "TTS"))).containsExactly("first (stopped)");
        assertThat(begins("3", "being made")).containsExactly("thrown away (stopped)");
        assertThat(heard("recognizer_loop:audio_output_end", "3")).containsExactly("being made");
    }

    /** ovos-audio tells both at once, in two threads. */
    @Test
    void whatWasStoppedIsNotSpokenThoughItsEndIsToldFirst() {
        speak("1", "first");
        heard("recognizer_loop:audio_output_start", "1");
        begins("1", "first");
        heard("mycroft.stop", "9");

        assertThat(heard("recognizer_loop:audio_output_end", "1")).containsExactly("first (stopped)");
        speak("2", "second");
        heard("recognizer_loop:audio_output_start", "2");
        begins("2", "second");
        assertThat(heard("mycroft.stop.handled", "9", Map.of("by", "TTS"))).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "2")).containsExactly("second");
    }

    @Test
    void whatWasThrownAwayIsNotSpokenThoughTheEndIsToldFirst() {
        speak("1", "first");
        speak("2", "second");
        heard("recognizer_loop:audio_output_start", "1");
        heard("mycroft.audio.speech.stop", "9");

        assertThat(heard("recognizer_loop:audio_output_end", "1"))
                .containsExactly("first (stopped)", "second (stopped)");
    }

    @Test
    void aStopThatStoppedNothingChangesNothing() {
        speak("1", "first");
        heard("mycroft.stop", "9");
        heard("recognizer_loop:audio_output_start", "1");
        begins("1", "first");

        assertThat(heard("recognizer_loop:audio_output_end", "1")).containsExactly("first");
    }

    @Test
    void aSecondStopDoesNotEndWhatIsBeingMade() {
        speak("1", "first");
        heard("recognizer_loop:audio_output_start", "1");
        heard("mycroft.stop", "8");
        heard("mycroft.stop", "9");

        assertThat(heard("mycroft.stop.handled", "8", Map.of("by", "TTS"))).containsExactly("first (stopped)");
        speak("2", "second");
        assertThat(heard("mycroft.stop.handled", "9", Map.of("by", "TTS"))).isEmpty();
        heard("recognizer_loop:audio_output_start", "2");
        assertThat(heard("recognizer_loop:audio_output_end", "2")).containsExactly("second");
    }

    @Test
    void aSoundThatIsNoTextIsNotSpoken() {
        assertThat(heard("recognizer_loop:audio_output_start", "1")).isEmpty();
        assertThat(heard("recognizer_loop:audio_output_end", "1")).isEmpty();
        assertThat(heard("mycroft.stop.handled", "1", Map.of("by", "OCP"))).isEmpty();
    }
}
