// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * ovos-dinkum-listener in a silent room: the mute of the microphone, sleep, and recordings in which
 * nobody speaks, unless a test does.
 */
final class Listener extends OvosService {

    private static final String WAKEWORD = "wakeword";
    private static final String SLEEPING = "sleeping";

    private final AtomicInteger listened = new AtomicInteger();
    private final Consumer<String> actions;
    private final JsonNode lang;
    private volatile boolean muted;
    private volatile String mode = WAKEWORD;
    private volatile String state = WAKEWORD;

    Listener(Consumer<Message> bus, Consumer<String> actions, JsonNode lang) {
        super(bus);
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
        on("recognizer_loop:state.get", this::tellState);
        on("recognizer_loop:state.set", this::setState);
        on("recognizer_loop:sleep", sleep -> {
            mode = SLEEPING;
            state = SLEEPING;
            actions.accept("goes to sleep");
        });
        on("recognizer_loop:wake_up", this::wakeUp);
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
        return SLEEPING.equals(state);
    }

    int listened() {
        return listened.get();
    }

    private void listen(Message wanted) {
        if (forThisDevice(wanted)) {
            listened.incrementAndGet();
            actions.accept("listens");
            emit(wanted.forward("recognizer_loop:record_begin", Message.object()));
            emit(wanted.forward("recognizer_loop:record_end", Message.object()));
            emit(wanted.forward("recognizer_loop:speech.recognition.unknown", Message.object()));
        }
    }

    /** Somebody says the wake word, and then this; nothing is heard through a muted microphone, or asleep. */
    void hear(String text) {
        if (muted || isAsleep()) {
            return;
        }
        ObjectNode context = Message.object().put("source", "audio");
        context.putArray("destination").add("skills");
        context.putObject("session").put("session_id", Message.DEFAULT_SESSION);
        ObjectNode heard = Message.object();
        heard.putArray("utterances").add(text);
        heard.set("lang", lang);
        emit(new Message("recognizer_loop:wakeword", Message.object().put("utterance", "hey_mycroft"), context));
        emit(new Message("recognizer_loop:record_begin", Message.object(), context));
        emit(new Message("recognizer_loop:record_end", Message.object(), context));
        emit(new Message("recognizer_loop:utterance", heard, context));
    }

    private void tellState(Message asked) {
        emit(asked.reply(
                "recognizer_loop:state", Message.object().put("mode", mode).put("state", state)));
    }

    private void setState(Message wanted) {
        state = wanted.data().path("state").asText(state);
        mode = wanted.data().path("mode").asText(mode);
        tellState(wanted);
    }

    // told even to those who are awake
    private void wakeUp(Message wanted) {
        actions.accept("wakes up");
        mode = WAKEWORD;
        state = WAKEWORD;
        emit(Message.bare("mycroft.awoken", Message.object()));
    }
}
