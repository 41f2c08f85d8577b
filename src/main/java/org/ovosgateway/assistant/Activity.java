// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * What each assistant is busy with, of which several may be at once; routes call it as the bean {@code activity}, and get
 * the one word for it: listening, else speaking, processing, sleeping, or idle.
 */
@Component("activity")
public class Activity {

    /** Not every utterance is told to have been handled. */
    private static final Duration LONGEST_PROCESSING = Duration.ofSeconds(60);

    /** The listener has written down what it heard before it says that its recording is over. */
    private static final Duration LONGEST_WAIT_FOR_UTTERANCE = Duration.ofSeconds(5);

    /** The listener tells that it records before it does: until then it answers that it does not. */
    private static final Duration LONGEST_BEGINNING = Duration.ofSeconds(2);

    /** States of the listener in which it records, or writes down what it has recorded. */
    private static final Set<String> RECORDING =
            Set.of("recording", "confirmation", "before_cmd", "in_cmd", "after_cmd");

    /** What is said of the device, whoever asked for it, and whoever stopped it. */
    private static final Set<String> OF_ANY_SESSION = Set.of(
            "mycroft.stop",
            "mycroft.audio.speech.stop",
            "mycroft.stop.handled",
            "mycroft.audio.is_speaking",
            "recognizer_loop:state.set",
            "recognizer_loop:state");

    private final LongSupplier nanoTime;
    private final Map<String, Busy> devices = new ConcurrentHashMap<>();

    @Autowired
    Activity() {
        this(System::nanoTime);
    }

    Activity(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private static final class Busy {

        private final Speech speech = new Speech();
        private boolean listening;
        private boolean beginning;
        private long beginningUntil;
        /** Whoever ends a recording wants nothing done with it. */
        private boolean discarded;

        private boolean sleeping;
        private boolean processing;
        private long processingUntil;

        void process(Duration atMost, long now) {
            processing = true;
            processingUntil = now + atMost.toNanos();
        }

        void record(long now) {
            listening = true;
            discarded = false;
            beginning = true;
            beginningUntil = now + LONGEST_BEGINNING.toNanos();
        }

        void records(boolean recording, long now) {
            beginning &= beginningUntil - now > 0;
            listening = recording || listening && beginning;
        }

        void recorded(long now) {
            beginning = false;
            // a listener that is woken up says it as well
            if (listening && !discarded) {
                process(LONGEST_WAIT_FOR_UTTERANCE, now);
            }
            listening = false;
            discarded = false;
        }

        String word(long now) {
            boolean speaking = speech.isUnderWay(now);
            processing &= processingUntil - now > 0;
            return listening
                    ? "listening"
                    : speaking ? "speaking" : processing ? "processing" : sleeping ? "sleeping" : "idle";
        }
    }

    /**
     * Takes note of a message of the bus.
     *
     * @return what the device does now
     */
    public String heard(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        Busy busy = devices.computeIfAbsent(device, first -> new Busy());
        synchronized (busy) {
            long now = nanoTime.getAsLong();
            if (BusMessage.isOfDevice(context) || OF_ANY_SESSION.contains(type)) {
                note(busy, type, context, data, now);
            }
            return busy.word(now);
        }
    }

    private static void note(Busy busy, String type, Map<String, Object> context, Map<String, Object> data, long now) {
        switch (type) {
            case "recognizer_loop:record_begin" -> busy.record(now);
            case "recognizer_loop:state.set", "mycroft.awoken" -> busy.beginning = false;
            case "recognizer_loop:record_stop" -> busy.discarded = true;
            case "recognizer_loop:record_end" -> busy.recorded(now);
            // a text that somebody typed ends no recording
            case "recognizer_loop:utterance" -> {
                if (data.get("utterances") instanceof List<?> texts && !texts.isEmpty()) {
                    busy.process(LONGEST_PROCESSING, now);
                }
            }
            case "recognizer_loop:state" -> {
                String state = String.valueOf(data.get("state"));
                busy.records(RECORDING.contains(state), now);
                busy.sleeping = state.equals("sleeping") || state.equals("wake_up");
            }
            case "speak",
                    "recognizer_loop:utterance_start",
                    "recognizer_loop:audio_output_start",
                    "recognizer_loop:audio_output_end",
                    "mycroft.stop",
                    "mycroft.audio.speech.stop",
                    "mycroft.stop.handled",
                    "mycroft.audio.is_speaking" -> busy.speech.heard(type, data, context, now);
            default -> busy.processing = false;
        }
    }

    /**
     * A part of a device is no longer there, so it does not do what that part did.
     *
     * @return what the device does now
     */
    String gone(String device, Part part) {
        Busy busy = devices.computeIfAbsent(device, first -> new Busy());
        synchronized (busy) {
            long now = nanoTime.getAsLong();
            switch (part) {
                case CORE -> busy.processing = false;
                case AUDIO -> busy.speech.isGone();
                case LISTENER -> {
                    busy.listening = false;
                    busy.sleeping = false;
                }
                default -> {}
            }
            return busy.word(now);
        }
    }

    /** Nothing is known of a device any longer. */
    void forget(String device) {
        devices.remove(device);
    }
}
