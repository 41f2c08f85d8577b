// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.node.TextNode;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is told while a text is made, played, stopped, and over. */
class AudioTest {

    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(20);

    private final Vertx vertx = Vertx.vertx();
    private final List<Message> told = new ArrayList<>();

    @AfterEach
    void end() {
        vertx.close();
    }

    @Test
    void isSilentWhileItMakesTheSound() {
        Audio audio = audio(new Audio.Voice(NEVER, SOON, SOON));
        audio.handle(speak("one", "1"));
        audio.handle(Message.bare("mycroft.stop", Message.object()));

        assertThat(told).isEmpty();
        assertThat(audio.isSpeaking()).isFalse();
    }

    @Test
    void noStopKeepsWhatIsBeingMadeFromBeingSpoken() {
        Audio audio = audio(new Audio.Voice(SOON, Duration.ZERO, Duration.ZERO));
        run(() -> {
            audio.handle(speak("one", "1"));
            audio.handle(Message.bare("mycroft.audio.speech.stop", Message.object()));
        });

        await().atMost(Duration.ofSeconds(30)).until(() -> audio.spoken().equals(List.of("one")));
    }

    @Test
    void speaksUntilTheEndIsNoticed() {
        Audio audio = audio(new Audio.Voice(Duration.ZERO, Duration.ZERO, NEVER));
        audio.handle(speak("one", "1"));

        assertThat(types()).containsExactly("recognizer_loop:audio_output_start", "recognizer_loop:utterance_start");
        assertThat(audio.isSpeaking()).isTrue();
    }

    @Test
    void tellsTheStopAtOnceInItsContextAndTheEndLater() {
        Audio audio = audio(new Audio.Voice(Duration.ZERO, NEVER, NEVER));
        audio.handle(speak("one", "1"));
        audio.handle(
                new Message("mycroft.stop", Message.object(), Message.object().put("gw_request_id", "2")));

        assertThat(types())
                .containsExactly(
                        "recognizer_loop:audio_output_start",
                        "recognizer_loop:utterance_start",
                        "mycroft.stop.handled");
        assertThat(told.get(2).context().path("gw_request_id").asText()).isEqualTo("2");
        assertThat(audio.isSpeaking()).isTrue();
    }

    @Test
    void listensOnlyAfterTheLastText() {
        Audio audio = audio(new Audio.Voice(Duration.ZERO, SOON, Duration.ZERO));
        Message question = speak("one?", "1");
        question.data().put("expect_response", true);
        run(() -> {
            audio.handle(question);
            audio.handle(speak("two", "2"));
        });

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(types()).endsWith("recognizer_loop:audio_output_end"));
        assertThat(types()).doesNotContain("mycroft.mic.listen");
    }

    private Audio audio(Audio.Voice voice) {
        return new Audio(
                message -> {
                    synchronized (told) {
                        told.add(message);
                    }
                },
                vertx,
                voice,
                line -> {},
                TextNode.valueOf("en-US"));
    }

    // the service lives on one event loop
    private void run(Runnable action) {
        vertx.getOrCreateContext().runOnContext(nothing -> action.run());
    }

    private List<String> types() {
        synchronized (told) {
            return told.stream().map(Message::type).toList();
        }
    }

    private static Message speak(String text, String id) {
        return new Message(
                "speak",
                Message.object().put("utterance", text),
                Message.object().put("gw_request_id", id));
    }
}
