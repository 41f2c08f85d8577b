// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** ovos-PHAL with its plugins for the state of the network and, if it has one, for the volume. */
final class Phal extends OvosService {

    static final int FIRST_VOLUME = 50;

    private static final double STEP = 0.1;

    private final Consumer<String> actions;
    private volatile double volume = FIRST_VOLUME / 100.0;
    private volatile boolean muted;

    Phal(Consumer<Message> bus, AtomicBoolean internet, boolean hasVolume, Consumer<String> actions) {
        super(bus);
        this.actions = actions;
        reportHealthAs("PHAL");
        on(
                "ovos.PHAL.internet_check",
                asked -> emit(asked.response(Message.object()
                        .put("internet_connected", internet.get())
                        .put("network_connected", true))));
        if (hasVolume) {
            answerForTheVolume();
        }
    }

    private void answerForTheVolume() {
        onVolume("mycroft.volume.get", asked -> emit(asked.response(volume())));
        onVolume(
                "mycroft.volume.set",
                wanted -> change(wanted.data().path("percent").asDouble(volume), false));
        onVolume("mycroft.volume.increase", wanted -> change(volume + step(wanted), false));
        onVolume("mycroft.volume.decrease", wanted -> change(volume - step(wanted), false));
        onVolume("mycroft.volume.mute", wanted -> change(volume, true));
        onVolume("mycroft.volume.unmute", wanted -> change(volume, false));
        onVolume("mycroft.volume.mute.toggle", wanted -> change(volume, !muted));
    }

    double level() {
        return volume;
    }

    boolean isMuted() {
        return muted;
    }

    private void onVolume(String type, Consumer<Message> handler) {
        on(type, message -> {
            if (ofDefaultSession(message)) {
                handler.accept(message);
            }
        });
    }

    private static double step(Message wanted) {
        return wanted.data().path("percent").asDouble(STEP);
    }

    // nothing acknowledges a change, it is only announced
    private void change(double percent, boolean mute) {
        if (muted != mute) {
            actions.accept(mute ? "mutes its loudspeaker" : "unmutes its loudspeaker");
        }
        volume = Math.max(0, Math.min(1, Math.round(percent * 100) / 100.0));
        muted = mute;
        actions.accept("has volume %.0f of 100".formatted(volume * 100));
        emit(Message.bare("mycroft.volume.get.response", volume()));
    }

    private ObjectNode volume() {
        return Message.object().put("percent", volume).put("muted", muted);
    }
}
