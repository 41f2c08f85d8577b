// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * What one device has been told to say, from the message to the end of its sound.
 *
 * <p>Between the two its voice is made, which may take seconds. A stop in that time stops nothing, so what was told before
 * it is stopped when it begins to sound. That late stop throws away what is ready by then, so what is told by us after the
 * first one waits until it is over.
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

    /** Stops everything, whoever sends it: a button, or a voice that says "stop". */
    private static final String STOP_ALL = "mycroft.stop";

    private static final int MOST = 100;

    /** A text that has not begun so long after the last sound was thrown away. */
    static final Duration LONGEST_SYNTHESIS = Duration.ofSeconds(20);

    /** Longer takes no voice, and no queue. */
    private static final long OLDEST_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** ovos-audio tells the start a moment before there is a sound that can be stopped. */
    private static final long[] STOPS_MS = {30, 100, 400, 1_000};

    /** So many of them where something else waits to be said: it takes some time to be made into sound. */
    private static final int STOPS_BEFORE_OTHERS = 2;

    /** In the data of a stop that is late, and means nothing but what was told before the one it makes up for. */
    private static final String LATE = "late";

    private final Device device;
    private final Duration longestSynthesis;

    // on the context of the connection only, as is all that is in it
    private final Deque<Utterance> utterances = new ArrayDeque<>();
    private final Deque<Promise<Boolean>> turns = new ArrayDeque<>();

    /** A text that was stopped has yet to begin, and is stopped then. */
    private boolean stopIsLate;

    /** Id of the stop of the present sound; null when ovos-audio has reported it. */
    private String stopId;

    /** Id of a stop that ovos-audio reports only after the end of its sound: the report stops no other sound. */
    private String overtaken;

    private long lateTimer = -1;
    private long giveUpTimer = -1;

    Utterances(Device device, Duration longestSynthesis) {
        this.device = device;
        this.longestSynthesis = longestSynthesis;
        device.subscribe(name -> HEARD.contains(name.old()), this::heard);
        device.onLink(up -> {
            utterances.forEach(utterance -> utterance.over.tryFail(device.lost()));
            utterances.clear();
            turns.forEach(turn -> turn.tryFail(device.lost()));
            turns.clear();
            stopIsLate = false;
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
        /** Either thrown away by a stop, or still being made. */
        boolean doubtful;

        Utterance(String id, String text) {
            this.id = id;
            this.text = text;
        }

        /** @return true, for {@code removeIf} */
        boolean end(boolean toItsEnd) {
            over.tryComplete(toItsEnd);
            return true;
        }
    }

    /**
     * Runs an action that sends a text, when no late stop can throw the text away; on the event loop of the connection.
     *
     * @param action called with true, or with false when a stop came while it waited
     * @return of the action; fails as well when too much waits, or the bus is lost
     */
    <T> Future<T> inTurn(Function<Boolean, Future<T>> action) {
        Promise<T> done = Promise.promise();
        device.onContext(() -> turn().compose(action).onComplete(done));
        return done.future();
    }

    private Future<Boolean> turn() {
        if (!stopIsLate) {
            return Future.succeededFuture(true);
        }
        if (turns.size() == MOST) {
            return Future.failedFuture(tooMuch());
        }
        Promise<Boolean> turn = Promise.promise();
        turns.add(turn);
        return turn.future();
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
        // speech of another session does not sound here
        if (message.type().startsWith("recognizer_loop:audio_output_") && !message.isOfDevice()) {
            return;
        }
        switch (message.type()) {
            case "speak" -> told(message);
            case "recognizer_loop:audio_output_start", "recognizer_loop:utterance_start" -> starts(starting(message));
            case "recognizer_loop:audio_output_end" -> {
                overtaken = stopId;
                stopId = null;
                if (overtaken != null) {
                    stopsSounding();
                }
                ends(ending(message));
                silent();
            }
            case "mycroft.stop.handled" -> {
                boolean late = message.requestId().equals(overtaken);
                if (message.data().path("by").asText().equals("TTS")) {
                    stopId = null;
                    overtaken = null;
                    if (!late) {
                        stopsSounding();
                    }
                }
            }
            default -> {
                if (first(utterance -> utterance.sounds) != null) {
                    stopId = message.requestId();
                }
                if ((device.sent(message) || message.type().equals(STOP_ALL))
                        && !message.data().has(LATE)) {
                    stopped();
                }
            }
        }
    }

    private void stopped() {
        turns.forEach(turn -> turn.complete(false));
        turns.clear();
        utterances.forEach(utterance -> utterance.stopped = true);
        if (first(utterance -> !utterance.sounds && !utterance.doubtful) != null) {
            stopIsLate = true;
            device.vertx().cancelTimer(lateTimer);
            lateTimer = device.vertx().setTimer(longestSynthesis.toMillis(), timer -> stopIsOver());
        }
    }

    private void stopIsOver() {
        stopIsLate = false;
        device.vertx().cancelTimer(lateTimer);
        turns.forEach(turn -> turn.complete(true));
        turns.clear();
    }

    private void told(BusMessage speak) {
        utterances.removeIf(utterance -> System.nanoTime() - utterance.since > OLDEST_NANOS);
        if (speak.isOfDevice() && speak.data().path("utterance").isTextual()) {
            if (utterances.size() == MOST) {
                utterances.removeFirst().over.tryFail(tooMuch());
            }
            utterances.add(new Utterance(
                    speak.requestId(), speak.data().path("utterance").asText()));
        }
    }

    private BusUnavailableException tooMuch() {
        return new BusUnavailableException(
                "Too much is waiting to be spoken on '%s'. Try again later.".formatted(device.name()));
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
        if (!utterance.stopped) {
            stopIsOver();
        }
        boolean late = !utterance.sounds && utterance.stopped;
        utterance.sounds = true;
        utterance.doubtful = false;
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
            utterances.removeIf(utterance -> utterance.sounds && utterance.end(!utterance.stopped));
            return;
        }
        Utterance ended;
        do {
            ended = utterances.remove();
            ended.over.tryComplete(!ended.stopped);
        } while (ended != last);
    }

    /** Nothing sounds. Texts that are left were being made when a stop came, or the stop has thrown them away. */
    private void silent() {
        if (first(utterance -> utterance.stopped && !utterance.doubtful) == null) {
            stopIsOver();
        }
        device.vertx().cancelTimer(giveUpTimer);
        if (first(utterance -> utterance.doubtful) != null) {
            giveUpTimer = device.vertx().setTimer(longestSynthesis.toMillis(), timer -> {
                if (first(utterance -> utterance.sounds) == null) {
                    utterances.removeIf(utterance -> utterance.doubtful && utterance.end(false));
                }
            });
        }
    }

    /** What sounds ends at once, and what waits for it was thrown away, or will be stopped. */
    private void stopsSounding() {
        List<Utterance> over = new ArrayList<>();
        for (Utterance utterance : utterances) {
            utterance.doubtful = !utterance.sounds;
            if (utterance.sounds || utterance.stopped) {
                utterance.stopped = true;
                over.add(utterance);
            }
        }
        over.forEach(utterance -> utterance.over.tryComplete(false));
    }
}
