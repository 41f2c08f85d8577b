// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;

/**
 * ovos-audio: makes the sound of each text, and plays one after the other.
 *
 * <p>What is being made is not spoken yet, and no stop keeps it from being spoken. The release lines differ in what they
 * speak aloud: one asks for the default session, the other for no foreign destination. This one asks for both, so that
 * what it speaks is spoken everywhere.
 */
final class Audio extends OvosService {

    private static final int REMEMBERED = 10_000;
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Voice voice;
    private final Consumer<String> actions;
    private final Deque<Message> texts = new ArrayDeque<>();
    private final Deque<Message> sounds = new ArrayDeque<>();
    private final Deque<String> spoken = new ConcurrentLinkedDeque<>();

    private volatile Message playing;
    private volatile int soundsPlaying;
    private boolean begun;
    private long timer = -1;

    /**
     * How long it takes to speak.
     *
     * @param synthesis to make the sound of a text
     * @param speech to play it
     * @param tail from the end of the sound until the end is noticed
     */
    record Voice(Duration synthesis, Function<String, Duration> speech, Duration tail) {

        Voice(Duration synthesis, Duration speech, Duration tail) {
            this(synthesis, text -> speech, tail);
        }
    }

    Audio(Consumer<Message> bus, Vertx vertx, Voice voice, Consumer<String> actions, JsonNode lang) {
        super(bus);
        this.vertx = vertx;
        this.voice = voice;
        this.actions = actions;
        reportHealthAs("audio");
        on("speak", this::speak);
        on("mycroft.audio.speech.stop", this::stop);
        on("mycroft.stop", this::stop);
        on(
                "mycroft.audio.speak.status",
                asked -> emit(asked.reply(
                        "mycroft.audio.is_speaking", Message.object().put("speaking", isSpeaking()))));
        on("speak:b64_audio", this::makeFile);
        on("mycroft.audio.play_sound", this::playSound);
        on("mycroft.audio.queue", this::queueSound);
        on("ovos.languages.tts", asked -> {
            ObjectNode langs = Message.object();
            langs.putArray("langs").add(lang);
            emit(asked.response(langs));
        });
    }

    boolean isSpeaking() {
        return playing != null;
    }

    /** Whether it plays a sound, beside its speech. */
    boolean isSounding() {
        return soundsPlaying > 0;
    }

    /** The latest texts spoken, the oldest first. */
    List<String> spoken() {
        return List.copyOf(spoken);
    }

    private void speak(Message message) {
        if (message.data().path("utterance").isTextual() && ofDefaultSession(message) && forThisDevice(message)) {
            texts.add(message);
            if (texts.size() == 1) {
                after(voice.synthesis(), this::made);
            }
        }
    }

    // of any session; nothing is played, and nothing answers where the text is missing
    private void makeFile(Message asked) {
        JsonNode text = asked.data().path("utterance");
        if (text.isTextual()) {
            actions.accept("makes a sound of: \"" + text.textValue() + "\"");
            emit(asked.response(Message.object()
                    .put("audio", Sound.of(text.textValue()))
                    .put("listen", asked.data().path("listen").asBoolean())
                    .put("tts_id", "demo-tts")
                    .put("utterance", text.textValue())));
        }
    }

    // a sound without a file, such as one of its own, only leaves a line in its log
    private static boolean isSound(Message message) {
        String hex = message.data().path("binary_data").asText();
        return !hex.isEmpty() && hex.length() % 2 == 0 && hex.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    // answered when it is over
    private void playSound(Message command) {
        if (isSound(command) && ofDefaultSession(command) && forThisDevice(command)) {
            soundsPlaying++;
            actions.accept("plays a sound");
            after(voice.speech().apply(""), () -> {
                soundsPlaying--;
                emit(command.response(Message.object()));
            });
        }
    }

    private void queueSound(Message command) {
        if (isSound(command) && ofDefaultSession(command) && forThisDevice(command)) {
            sounds.add(command);
            if (!isSpeaking()) {
                play();
            }
        }
    }

    private void made() {
        sounds.add(texts.remove());
        if (!texts.isEmpty()) {
            after(voice.synthesis(), this::made);
        }
        if (!isSpeaking()) {
            play();
        }
    }

    private void play() {
        Message message = sounds.remove();
        playing = message;
        if (!begun) {
            begun = true;
            emit(message.forward("recognizer_loop:audio_output_start", Message.object()));
        }
        emit(message.forward("recognizer_loop:utterance_start", message.data().deepCopy()));
        if (message.data().has("utterance")) {
            remember(message.data().get("utterance").textValue());
        } else {
            actions.accept("plays a sound that waited");
        }
        String text = message.data().path("utterance").asText();
        playback(voice.speech().apply(text).plus(voice.tail()));
    }

    private void remember(String text) {
        spoken.add(text);
        if (spoken.size() > REMEMBERED) {
            spoken.removeFirst();
        }
        actions.accept("says: \"" + text + "\"");
    }

    private void playback(Duration time) {
        timer = after(time, this::played);
    }

    private void played() {
        if (!sounds.isEmpty()) {
            play();
            return;
        }
        Message last = playing;
        playing = null;
        begun = false;
        emit(last.forward("recognizer_loop:audio_output_end", Message.object()));
        if (last.data().path("expect_response").asBoolean()) {
            emit(last.forward("mycroft.mic.listen", Message.object()));
        }
    }

    private void stop(Message stop) {
        if (isSpeaking()) {
            actions.accept("stops speaking");
            vertx.cancelTimer(timer);
            sounds.clear();
            emit(stop.forward("mycroft.stop.handled", Message.object().put("by", "TTS")));
            playback(voice.tail());
        }
    }

    /** The id of the timer; of none when it is done at once. */
    private long after(Duration time, Runnable action) {
        if (time.isZero()) {
            action.run();
            return NO_TIMER;
        }
        return vertx.setTimer(time.toMillis(), due -> action.run());
    }
}
