// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** ovos-PHAL with its plugins for the state of the network and, if it has one, for the volume. */
final class Phal extends OvosService {

    /** In percent. */
    static final int FIRST_VOLUME = 50;

    private static final double STEP = 0.1;

    /** Which plugin answers for the volume. */
    enum Mixer {
        /** None: nobody answers. */
        NONE,
        /** Tells whether it is muted; any change of the level ends the mute. */
        ALSA,
        /** Says 0 at a mute, and the level of before to whoever asks; listens to any session. */
        PULSE_AUDIO
    }

    private final Consumer<String> actions;
    private final Mixer mixer;
    private volatile double volume = FIRST_VOLUME / 100.0;
    private volatile boolean muted;

    Phal(Consumer<Message> bus, AtomicBoolean internet, Mixer mixer, Consumer<String> actions) {
        super(bus);
        this.actions = actions;
        this.mixer = mixer;
        reportHealthAs("PHAL");
        on(
                "ovos.PHAL.internet_check",
                asked -> emit(asked.response(Message.object()
                        .put("internet_connected", internet.get())
                        .put("network_connected", true))));
        if (mixer != Mixer.NONE) {
            answerForTheVolume();
        }
    }

    private void answerForTheVolume() {
        onVolume("mycroft.volume.get", asked -> emit(asked.response(told(volume))));
        onVolume("mycroft.volume.set", wanted -> {
            // without a level the plugin fails
            if (wanted.data().path("percent").isNumber()) {
                set(wanted, wanted.data().path("percent").asDouble());
            }
        });
        onVolume("mycroft.volume.increase", wanted -> step(wanted, level -> level + size(wanted)));
        onVolume("mycroft.volume.decrease", wanted -> step(wanted, level -> level - Math.abs(size(wanted))));
        onVolume("mycroft.volume.mute", wanted -> mute(true));
        onVolume("mycroft.volume.unmute", wanted -> mute(false));
        onVolume("mycroft.volume.mute.toggle", wanted -> mute(!muted));
    }

    double level() {
        return volume;
    }

    boolean isMuted() {
        return muted;
    }

    private void onVolume(String type, Consumer<Message> handler) {
        on(type, message -> {
            if (mixer == Mixer.PULSE_AUDIO || ofDefaultSession(message)) {
                handler.accept(message);
            }
        });
    }

    private static double size(Message wanted) {
        return wanted.data().path("percent").asDouble(STEP);
    }

    // a step begins at 0 where it ends a mute
    private void step(Message wanted, DoubleUnaryOperator change) {
        boolean unmutes = mixer == Mixer.ALSA && muted;
        set(wanted, change.applyAsDouble(unmutes ? 0 : volume));
    }

    private void set(Message wanted, double percent) {
        volume = Math.max(0, Math.min(1, Math.round(percent * 100) / 100.0));
        if (mixer == Mixer.ALSA) {
            setMuted(false);
        }
        actions.accept("has volume %.0f of 100".formatted(volume * 100));
        if (wanted.data().path("play_sound").asBoolean(true)) {
            emit(Message.bare("mycroft.audio.play_sound", Message.object().put("uri", "snd/blop-mark-diangelo.wav")));
        }
        announce(volume);
    }

    private void mute(boolean mute) {
        setMuted(mute);
        announce(mute && mixer == Mixer.PULSE_AUDIO ? 0 : volume);
    }

    private void setMuted(boolean mute) {
        if (muted != mute) {
            actions.accept(mute ? "mutes its loudspeaker" : "unmutes its loudspeaker");
        }
        muted = mute;
    }

    // nothing acknowledges a change, it is only announced
    private void announce(double level) {
        emit(Message.bare("mycroft.volume.get.response", told(level)));
    }

    private ObjectNode told(double level) {
        ObjectNode told = Message.object().put("percent", level);
        return mixer == Mixer.ALSA ? told.put("muted", muted) : told;
    }
}
