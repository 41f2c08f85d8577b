// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * What one device has been told to say, from the message to the end of its sound.
 *
 * <p>Between the two its voice is made, which may take seconds. A stop of ours in that time stops nothing, so what was told
 * before it is stopped when it begins to sound.
 */
final class Utterances {

    private static final Set<String> HEARD = Set.of(
            "speak",
            "mycroft.stop",
            "mycroft.audio.speech.stop",
            "mycroft.stop.handled",
            "recognizer_loop:audio_output_start",
            "recognizer_loop:utterance_start",
            "recognizer_loop:audio_output_end");

    private static final int MOST = 100;

    /** Longer takes no voice, and no queue. */
    private static final long OLDEST_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** ovos-audio tells the start a moment before there is a sound that can be stopped. */
    private static final long[] STOPS_MS = {30, 100, 400, 1_000};

    /** So many of them where something else waits to be said: it takes some time to be made into sound. */
    private static final int STOPS_BEFORE_OTHERS = 2;

    /** In the data of a stop that is late, and means nothing but what was told before the one it makes up for. */
    private static final String LATE = "late";

    private final Device device;

    // on the context of the connection only, as is all that is in it
    private final Deque<Utterance> utterances = new ArrayDeque<>();

    Utterances(Device device) {
        this.device = device;
        device.subscribe(name -> HEARD.contains(name.old()), this::heard);
        device.onLink(up -> {
            utterances.forEach(utterance -> utterance.over.tryFail(device.lost()));
            utterances.clear();
        });
    }

    /** A text that the device was told to say. */
    private static final class Utterance {
        final String id;
        final String text;
        final long since = System.nanoTime();
        final Promise<Boolean> over = Promise.promise();
        boolean sounds;
        boolean stopped;

        Utterance(String id, String text) {
            this.id = id;
            this.text = text;
        }
    }

    /**
     * Completed when a text was spoken to its end, true, or was stopped, false.
     *
     * @param echo of the message that told it
     * @return fails with {@link NoAnswerException} when neither is heard in time
     */
    Future<Boolean> spoken(BusMessage echo, Duration timeout) {
        Promise<Boolean> result = Promise.promise();
        Utterance told = first(utterance -> utterance.id.equals(echo.requestId()));
        if (told == null) {
            result.tryComplete(false);
            return result.future();
        }
        long timer = device.vertx()
                .setTimer(Math.max(1, timeout.toMillis()), late -> result.tryFail(NoAnswerException.toSpeech(timeout)));
        told.over.future().onComplete(over -> {
            device.vertx().cancelTimer(timer);
            result.handle(over);
        });
        return result.future();
    }

    private void heard(BusMessage message) {
        switch (message.type()) {
            case "speak" -> told(message);
            case "recognizer_loop:audio_output_start", "recognizer_loop:utterance_start" -> starts(starting(message));
            case "recognizer_loop:audio_output_end" -> ends(ending(message));
            case "mycroft.stop.handled" -> {
                if (message.data().path("by").asText().equals("TTS")) {
                    stopsSounding();
                }
            }
            default -> {
                if (device.sent(message) && !message.data().has(LATE)) {
                    utterances.forEach(utterance -> utterance.stopped = true);
                }
            }
        }
    }

    private void told(BusMessage speak) {
        utterances.removeIf(utterance -> System.nanoTime() - utterance.since > OLDEST_NANOS);
        boolean aloud = speak.context()
                .path("session")
                .path("session_id")
                .asText("default")
                .equals("default");
        if (aloud && speak.data().path("utterance").isTextual()) {
            if (utterances.size() == MOST) {
                utterances
                        .removeFirst()
                        .over
                        .tryFail(new BusUnavailableException(
                                "Too much is waiting to be spoken on '%s'. Try again later.".formatted(device.name())));
            }
            utterances.add(new Utterance(
                    speak.requestId(), speak.data().path("utterance").asText()));
        }
    }

    /** Its mark is that of the message that told it, or of the utterance that a skill answers with several texts. */
    private Utterance starting(BusMessage message) {
        String text = message.data().path("utterance").asText();
        return first(utterance -> !utterance.sounds
                && utterance.id.equals(message.requestId())
                && (text.isEmpty() || utterance.text.equals(text)));
    }

    private Utterance ending(BusMessage message) {
        Utterance last = null;
        for (Utterance utterance : utterances) {
            if (utterance.id.equals(message.requestId()) && (last == null || utterance.sounds)) {
                last = utterance;
            }
        }
        return last;
    }

    private Utterance first(Predicate<Utterance> predicate) {
        return utterances.stream().filter(predicate).findFirst().orElse(null);
    }

    private void starts(Utterance utterance) {
        if (utterance == null) {
            return;
        }
        // ovos-audio says one text after the other: what came before is over, or was thrown away
        while (utterances.peek() != utterance) {
            Utterance before = utterances.remove();
            before.over.tryComplete(before.sounds && !before.stopped);
        }
        boolean late = !utterance.sounds && utterance.stopped;
        utterance.sounds = true;
        if (late && utterances.size() == 1) {
            stop();
        }
        if (late) {
            stopAgain(utterance, 0);
        }
    }

    /** A stop throws away what waits: with others behind it there is none before it can have an effect. */
    private void stopAgain(Utterance utterance, int time) {
        if (time < STOPS_MS.length) {
            device.vertx().setTimer(STOPS_MS[time], timer -> {
                boolean alone = utterances.size() == 1;
                if (utterances.peek() == utterance && (alone || time < STOPS_BEFORE_OTHERS)) {
                    stop();
                    stopAgain(utterance, time + 1);
                }
            });
        }
    }

    private void stop() {
        device.tellAside(
                "mycroft.audio.speech.stop", BusMessage.JSON.createObjectNode().put(LATE, true));
    }

    /** Of several that follow each other only the end of the last is told, and with the context of that one. */
    private void ends(Utterance last) {
        if (last == null) {
            utterances.removeIf(utterance -> {
                if (utterance.sounds) {
                    utterance.over.tryComplete(!utterance.stopped);
                }
                return utterance.sounds;
            });
            return;
        }
        Utterance ended;
        do {
            ended = utterances.remove();
            ended.over.tryComplete(!ended.stopped);
        } while (ended != last);
    }

    /** What sounds ends at once, and what waits for it was thrown away, or will be stopped. */
    private void stopsSounding() {
        List<Utterance> over = new ArrayList<>();
        for (Iterator<Utterance> each = utterances.iterator(); each.hasNext(); ) {
            Utterance utterance = each.next();
            if (utterance.sounds || utterance.stopped) {
                utterance.stopped = true;
                over.add(utterance);
            }
        }
        over.forEach(utterance -> utterance.over.tryComplete(false));
    }
}
