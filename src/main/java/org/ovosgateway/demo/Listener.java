// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;

/**
 * ovos-dinkum-listener in a silent room: the mute of the microphone, sleep, and recordings in which nobody speaks, unless
 * a test does.
 *
 * <p>While it records it lowers the volume ({@code listener.fake_barge_in}), and afterwards sets the one that it
 * remembers, which need not be the one from before.
 */
final class Listener extends OvosService {

    private static final String WAKEWORD = "wakeword";
    private static final String SLEEPING = "sleeping";
    private static final String BEFORE_COMMAND = "before_cmd";
    /** It sleeps, and waits whether its wake word is followed by the one that wakes it up. */
    private static final String CHECK_WAKE_UP = "wake_up";

    private static final String RECORDING = "recording";
    private static final String CONTINUOUS = "continuous";
    private static final Set<String> MODES = Set.of(WAKEWORD, CONTINUOUS, "hybrid", SLEEPING);
    private static final String LISTENING_SOUND = "snd/start_listening.wav";
    private static final String SKILL_ID = "dinkum-listener";
    private static final int BARGE_IN_VOLUME = 30;
    private static final long CHECK_MILLIS = 10_000;

    private final AtomicInteger listened = new AtomicInteger();
    private final Vertx vertx;
    private final long patienceMillis;
    private final Consumer<String> actions;
    private final JsonNode lang;
    private volatile boolean muted;
    private volatile String mode = WAKEWORD;
    private volatile String state = WAKEWORD;
    private int rememberedVolume = Phal.FIRST_VOLUME;
    private long timer = -1;

    /** A listener that waits so long for somebody to speak. */
    Listener(Consumer<Message> bus, Vertx vertx, Duration patience, Consumer<String> actions, JsonNode lang) {
        super(bus);
        this.vertx = vertx;
        this.patienceMillis = patience.toMillis();
        this.actions = actions;
        this.lang = lang;
        reportHealthAs("voice");
        on("mycroft.mic.mute", mute -> setMuted(true));
        on("mycroft.mic.unmute", unmute -> setMuted(false));
        on("mycroft.mic.mute.toggle", toggle -> setMuted(!muted));
        // a stop un-mutes, wanted or not
        on("mycroft.stop", stop -> setMuted(false));
        on(
                "mycroft.mic.get_status",
                asked -> emit(asked.response(Message.object().put("muted", muted))));
        on("mycroft.mic.listen", this::listen);
        on("recognizer_loop:record_stop", stop -> {
            endRecording();
            playSound(stop, "snd/end_listening.wav");
        });
        on("recognizer_loop:state.get", this::tellState);
        on("recognizer_loop:state.set", this::setState);
        on("recognizer_loop:sleep", sleep -> goToSleep());
        on("recognizer_loop:wake_up", this::wakeUp);
        // mycroft.volume.set is not among them
        on("volume.set.percent", set -> remember(set, percent(set, 0)));
        on("mycroft.volume.increase", more -> remember(more, rememberedVolume + percent(more, 0.1)));
        on("mycroft.volume.decrease", less -> remember(less, rememberedVolume - Math.abs(percent(less, 0.1))));
        on("recognizer_loop:b64_transcribe", this::transcribe);
        on("recognizer_loop:b64_audio", this::hearFile);
        on("ovos.languages.stt", asked -> {
            ObjectNode langs = Message.object();
            langs.putArray("langs").add(lang);
            emit(asked.response(langs));
        });
    }

    private void setMuted(boolean mute) {
        if (muted != mute) {
            actions.accept(mute ? "mutes its microphone" : "unmutes its microphone");
        }
        muted = mute;
    }

    boolean isMuted() {
        return muted;
    }

    boolean isAsleep() {
        return SLEEPING.equals(state) || CHECK_WAKE_UP.equals(state);
    }

    int listened() {
        return listened.get();
    }

    private static int percent(Message message, double unlessSaid) {
        return (int) (message.data().path("percent").asDouble(unlessSaid) * 100);
    }

    private void remember(Message change, int percent) {
        if (!SKILL_ID.equals(change.context().path("skill_id").asText())) {
            rememberedVolume = percent;
        }
    }

    private void listen(Message wanted) {
        if (forThisDevice(wanted)) {
            listened.incrementAndGet();
            actions.accept("listens");
            beginRecording(BEFORE_COMMAND);
            playSound(wanted, LISTENING_SOUND);
            if (patienceMillis == 0) {
                heardNothing();
            } else {
                timer = vertx.setTimer(patienceMillis, over -> heardNothing());
            }
        }
    }

    private void beginRecording(String how) {
        vertx.cancelTimer(timer);
        state = how;
        setVolume(BARGE_IN_VOLUME);
        emit(Message.bare("recognizer_loop:record_begin", Message.object()));
    }

    private void endRecording() {
        setVolume(rememberedVolume);
        emit(Message.bare("recognizer_loop:record_end", Message.object()));
        reset();
    }

    private void setVolume(int percent) {
        emit(new Message(
                "mycroft.volume.set",
                Message.object().put("percent", percent / 100.0).put("play_sound", false),
                Message.object().put("skill_id", SKILL_ID)));
    }

    private void playSound(Message cause, String uri) {
        emit(cause.forward("mycroft.audio.play_sound", Message.object().put("uri", uri)));
    }

    private void reset() {
        vertx.cancelTimer(timer);
        state = CONTINUOUS.equals(mode) ? CONTINUOUS : WAKEWORD;
    }

    private void heardNothing() {
        endRecording();
        emit(new Message("recognizer_loop:speech.recognition.unknown", Message.object(), fromTheMicrophone()));
    }

    /**
     * Somebody says the wake word, unless it listens already, and then this; an empty text is silence, as is everything
     * for a muted microphone. A sleeper hears no more than the wake word.
     */
    void hear(String text) {
        boolean listening = BEFORE_COMMAND.equals(state);
        if (muted || text.isEmpty()) {
            if (listening) {
                heardNothing();
            }
            return;
        }
        if (!listening) {
            hearWakeWord();
        }
        if (isAsleep()) {
            return;
        }
        endRecording();
        ObjectNode heard = Message.object();
        heard.putArray("utterances").add(text);
        heard.set("lang", lang);
        emit(new Message("recognizer_loop:utterance", heard, fromTheMicrophone()));
    }

    /** Somebody says the wake word. */
    void wake() {
        if (!muted) {
            hearWakeWord();
        }
    }

    private void hearWakeWord() {
        ObjectNode ours = Message.object().put("source", "audio");
        ours.putArray("destination").add("audio");
        emit(new Message(
                "mycroft.audio.play_sound",
                Message.object().put("uri", LISTENING_SOUND).put("force_unmute", true),
                ours));
        emit(new Message("recognizer_loop:wakeword", wakeWord(), fromTheMicrophone()));
        if (isAsleep()) {
            beginRecording(CHECK_WAKE_UP);
            timer = vertx.setTimer(CHECK_MILLIS, over -> state = SLEEPING);
        } else {
            beginRecording(BEFORE_COMMAND);
        }
    }

    private ObjectNode wakeWord() {
        ObjectNode heard = Message.object()
                .put("engine", "DemoHotWord")
                .put("sound", LISTENING_SOUND)
                .putNull("bus_event")
                .put("utterance", "hey mycroft");
        heard.set("stt_lang", lang);
        return heard.put("listen", true)
                .put("wakeup", false)
                .put("stopword", false)
                .put("sound_duration", 0.35)
                .put("key_phrase", "hey_mycroft")
                .put("module", "demo-ww");
    }

    private static ObjectNode fromTheMicrophone() {
        ObjectNode context = Message.object().put("source", "audio");
        context.putArray("destination").add("skills");
        context.putObject("session").put("session_id", Message.DEFAULT_SESSION);
        return context;
    }

    // nothing answers to what is no sound
    private void transcribe(Message asked) {
        Sound.text(asked.data().path("audio").asText()).ifPresent(text -> {
            ObjectNode told = Message.object();
            told.putArray("transcriptions").addArray().add(text).add(1.0);
            told.set("lang", langOf(asked));
            emit(asked.response(told));
        });
    }

    private void hearFile(Message asked) {
        Sound.text(asked.data().path("audio").asText()).ifPresent(text -> {
            ObjectNode heard = Message.object();
            heard.putArray("utterances").add(text);
            heard.set("lang", langOf(asked));
            emit(asked.forward("recognizer_loop:utterance", heard));
        });
    }

    private JsonNode langOf(Message asked) {
        return asked.data().path("lang").isTextual() ? asked.data().get("lang") : lang;
    }

    private void tellState(Message asked) {
        emit(asked.reply(
                "recognizer_loop:state", Message.object().put("mode", mode).put("state", state)));
    }

    // a recording that ends like this is not told to have ended, and leaves the volume as it is
    private void setState(Message wanted) {
        switch (wanted.data().path("state").asText()) {
            case SLEEPING -> goToSleep();
            case WAKEWORD, CONTINUOUS -> reset();
            case RECORDING -> beginRecording(RECORDING);
            default -> {}
        }
        String wantedMode = wanted.data().path("mode").asText();
        if (MODES.contains(wantedMode)) {
            mode = wantedMode;
        }
        tellState(wanted);
    }

    private void goToSleep() {
        vertx.cancelTimer(timer);
        state = SLEEPING;
        actions.accept("goes to sleep");
    }

    // told even to those who are awake
    private void wakeUp(Message wanted) {
        actions.accept("wakes up");
        reset();
        emit(Message.bare("mycroft.awoken", Message.object()));
    }
}
