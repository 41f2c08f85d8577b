// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.bus.OvosConstants;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How loud each assistant is, and whether it is muted; routes call it as the bean {@code loudspeaker}.
 *
 * <p>The plugin for ALSA tells both. The one for PulseAudio tells level 0 when it is muted, the real level when it is asked,
 * and never that it is muted. What it tells means something only after what it was told.
 */
@Component("loudspeaker")
public class Loudspeaker {

    private static final String TOLD = "mycroft.volume.get.response";
    private static final double NEARLY = 0.005;

    /** The listener sets the level back when its recording is over, at the latest after this. */
    private static final Duration LONGEST_RECORDING = Duration.ofSeconds(60);

    private static final String LISTENER = "dinkum-listener";

    private final LongSupplier nanoTime;
    private final Map<String, Sound> devices = new ConcurrentHashMap<>();

    @Autowired
    Loudspeaker() {
        this(System::nanoTime);
    }

    Loudspeaker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * What is known of a loudspeaker.
     *
     * @param level 0 to 1, as somebody set it; null for unknown
     * @param muted null for unknown
     */
    public record Known(Double level, Boolean muted) {}

    private enum Wish {
        MUTE,
        UNMUTE,
        TOGGLE
    }

    private static final class Sound {

        private Double level;
        private Boolean muted;
        /** What was wanted of a plugin that has not told the outcome yet. */
        private Wish wish;
        /** The level to which the listener lowers it while it records; null when it does not. */
        private Double lowered;

        private long loweredUntil;
        /** The listener lowers it before it begins, and sets it back before it ends. */
        private boolean recording;

        void set(Map<String, Object> context, Object percent, long now) {
            // what was wanted before is over
            wish = wish == Wish.TOGGLE ? null : wish;
            if (!LISTENER.equals(context.get("skill_id")) || !(percent instanceof Number number)) {
                record(false);
            } else if (!recording || lowered != null && near(lowered, number.doubleValue())) {
                lowered = number.doubleValue();
                loweredUntil = now + LONGEST_RECORDING.toNanos();
            } else {
                lowered = null;
            }
        }

        void record(boolean begins) {
            recording = begins;
            lowered = begins ? lowered : null;
        }

        void told(double percent, Object says, long now) {
            boolean silent = percent < NEARLY;
            if (says instanceof Boolean told) {
                muted = told;
                wish = null;
            } else if (wish == Wish.MUTE && silent || wish == Wish.TOGGLE && silent) {
                muted = true;
                wish = null;
                return;
            } else if (wish == Wish.UNMUTE || wish == Wish.TOGGLE && !Boolean.FALSE.equals(muted)) {
                muted = false;
                wish = null;
            }
            if (!isLowered(percent, now)) {
                level = percent;
            }
        }

        boolean isLowered(double percent, long now) {
            return lowered != null && now - loweredUntil <= 0 && near(percent, lowered);
        }

        private static boolean near(double one, double other) {
            return Math.abs(one - other) < NEARLY;
        }
    }

    /** Takes note of a message of the bus; tells what is known now. */
    public Known heard(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        Sound sound = devices.computeIfAbsent(device, first -> new Sound());
        synchronized (sound) {
            long now = nanoTime.getAsLong();
            switch (type) {
                case "mycroft.volume.mute" -> sound.wish = Wish.MUTE;
                case "mycroft.volume.unmute" -> sound.wish = Wish.UNMUTE;
                case "mycroft.volume.mute.toggle" -> sound.wish = Wish.TOGGLE;
                case "mycroft.volume.set" -> sound.set(context, data.get("percent"), now);
                case "recognizer_loop:record_begin" -> sound.record(true);
                case "recognizer_loop:record_end" -> sound.record(false);
                case TOLD -> {
                    if (data.get("percent") instanceof Number percent) {
                        sound.told(Math.max(0, Math.min(1, percent.doubleValue())), data.get("muted"), now);
                    } else {
                        sound.level = null;
                        sound.muted = null;
                    }
                }
                default -> {}
            }
            return new Known(sound.level, sound.muted);
        }
    }

    /** The state of a loudspeaker, with the level as set in place of the one to which the listener has lowered it. */
    public Map<String, Object> asSet(@Header(OvosConstants.DEVICE) String device, @Body Map<String, Object> state) {
        Sound sound = devices.get(device);
        if (sound == null || !(state.get("percent") instanceof Number percent)) {
            return state;
        }
        synchronized (sound) {
            if (sound.level == null || !sound.isLowered(percent.doubleValue(), nanoTime.getAsLong())) {
                return state;
            }
            Map<String, Object> asSet = new LinkedHashMap<>(state);
            asSet.put("percent", sound.level);
            return asSet;
        }
    }

    /** Nothing is known of a device any longer: a plugin that starts again may find another mute. */
    void forget(String device) {
        devices.remove(device);
    }
}
