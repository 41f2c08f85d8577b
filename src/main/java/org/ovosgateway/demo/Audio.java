// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;

/**
 * ovos-audio: speaks one text after the other.
 *
 * <p>The release lines differ in what they speak aloud: one asks for the default session, the other for no foreign
 * destination. This one asks for both, so that what it speaks is spoken everywhere.
 */
final class Audio extends OvosService {

    private static final int REMEMBERED = 10_000;

    private final Vertx vertx;
    private final long speechMillis;
    private final Consumer<String> actions;
    private final Deque<Message> queue = new ArrayDeque<>();
    private final Deque<String> spoken = new ConcurrentLinkedDeque<>();

    private volatile Message speaking;
    private long timer;

    Audio(Consumer<Message> bus, Vertx vertx, Duration speech, Consumer<String> actions, JsonNode lang) {
        super(bus);
        this.vertx = vertx;
        this.speechMillis = speech.toMillis();
        this.actions = actions;
        reportHealthAs("audio");
        on("speak", this::speak);
        on("mycroft.audio.speech.stop", stop -> stop());
        on("mycroft.stop", stop -> stop());
        on(
                "mycroft.audio.speak.status",
                asked -> emit(asked.reply(
                        "mycroft.audio.is_speaking", Message.object().put("speaking", isSpeaking()))));
        on("ovos.languages.tts", asked -> {
            ObjectNode langs = Message.object();
            langs.putArray("langs").add(lang);
            emit(asked.response(langs));
        });
    }

    boolean isSpeaking() {
        return speaking != null;
    }

    /** The latest texts spoken, the oldest first. */
    List<String> spoken() {
        return List.copyOf(spoken);
    }

    private void speak(Message message) {
        if (!message.data().path("utterance").isTextual() || !ofDefaultSession(message) || !forThisDevice(message)) {
            return;
        }
        if (isSpeaking()) {
            queue.add(message);
        } else {
            emit(message.forward("recognizer_loop:audio_output_start", Message.object()));
            say(message);
        }
    }

    private void say(Message message) {
        speaking = message;
        String text = message.data().get("utterance").textValue();
        emit(message.forward("recognizer_loop:utterance_start", Message.object().put("utterance", text)));
        spoken.add(text);
        if (spoken.size() > REMEMBERED) {
            spoken.removeFirst();
        }
        actions.accept("says: \"" + text + "\"");
        if (speechMillis == 0) {
            said();
        } else {
            timer = vertx.setTimer(speechMillis, over -> said());
        }
    }

    private void said() {
        Message last = speaking;
        Message next = queue.poll();
        if (next == null) {
            speaking = null;
            emit(last.forward("recognizer_loop:audio_output_end", Message.object()));
        }
        if (last.data().path("expect_response").asBoolean()) {
            emit(last.forward("mycroft.mic.listen", Message.object()));
        }
        if (next != null) {
            say(next);
        }
    }

    private void stop() {
        if (isSpeaking()) {
            actions.accept("stops speaking");
            vertx.cancelTimer(timer);
            queue.clear();
            Message last = speaking;
            speaking = null;
            emit(Message.bare("mycroft.stop.handled", Message.object().put("by", "TTS")));
            emit(last.forward("recognizer_loop:audio_output_end", Message.object()));
        }
    }
}
