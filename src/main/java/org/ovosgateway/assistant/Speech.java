// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What one device says, from the wish to say it until its sound has ended or was stopped; by one thread at a time. */
final class Speech {

    /** A slow voice takes seconds to make a sound; some texts never become one. */
    private static final Duration LONGEST_SYNTHESIS = Duration.ofSeconds(20);

    /** For so long after the end of a sound ovos-audio may still report that it speaks. */
    private static final Duration AFTERGLOW = Duration.ofSeconds(2);

    private static final int MOST_TEXTS = 100;

    /** A text whose sound is over. */
    record Ended(Object text, Object lang, Object skill, boolean stopped) {}

    /** A text that is to be said; {@code mark} is what its messages have in common. */
    private static final class Text {

        private final String words;
        private final Map<String, ?> data;
        private final Map<String, ?> mark;
        private boolean begun;
        /** Either thrown away by a stop, or still being made and to be spoken: what is heard next tells. */
        private boolean doubtful;

        Text(String words, Map<String, ?> data, Map<String, ?> mark) {
            this.words = words;
            this.data = data;
            this.mark = mark;
        }

        Ended ended(boolean stopped) {
            Object skill = data.get("meta") instanceof Map<?, ?> meta ? meta.get("skill") : null;
            return new Ended(words, data.get("lang"), skill, stopped || doubtful);
        }
    }

    /** The first is said now, or next. */
    private final Deque<Text> texts = new ArrayDeque<>();

    private boolean sounding;
    /** Stopped, while ovos-audio goes on to say that it speaks: for about two seconds. */
    private boolean stopped;

    /** Somebody has stopped it while it sounded: ovos-audio may report the end before the stop. */
    private boolean stopping;

    /** Id of that stop: a late report of it must not stop another sound. */
    private Object stopId;

    /** The end of the sound came before the report of its stop. */
    private boolean overtaken;

    private long lastSign;
    private Long lastEnd;

    /** Takes note of a message; tells the texts that are over by that. */
    List<Ended> heard(String type, Map<String, ?> data, Map<String, ?> context, long now) {
        switch (type) {
            case "speak" -> add(data, mark(context), now);
            case "recognizer_loop:audio_output_start" -> {
                begins(now);
                first(mark(context)).ifPresent(text -> text.doubtful = false);
            }
            case "recognizer_loop:utterance_start" -> {
                begins(now);
                return over(before(data.get("utterance")), false);
            }
            case "recognizer_loop:audio_output_end" -> {
                return silent(mark(context), now);
            }
            case "mycroft.stop", "mycroft.audio.speech.stop" -> {
                if (sounding) {
                    stopping = true;
                    stopId = id(context);
                }
            }
            case "mycroft.stop.handled" -> {
                if ("TTS".equals(data.get("by"))) {
                    boolean late = overtaken && Objects.equals(stopId, id(context));
                    overtaken = false;
                    return late ? List.of() : stop();
                }
            }
            case "mycroft.audio.is_speaking" -> isSounding(Boolean.TRUE.equals(data.get("speaking")), now);
            default -> {}
        }
        return List.of();
    }

    /** Whether it speaks, or is about to. */
    boolean isUnderWay(long now) {
        if (!sounding && now - lastSign > LONGEST_SYNTHESIS.toNanos()) {
            texts.clear();
        }
        return sounding || texts.stream().anyMatch(text -> !text.doubtful);
    }

    /** Nobody is there to say anything. */
    void isGone() {
        texts.clear();
        sounding = false;
        stopped = false;
        stopping = false;
        overtaken = false;
        lastEnd = null;
    }

    private void add(Map<String, ?> data, Map<String, ?> mark, long now) {
        if (data.get("utterance") instanceof String words && !words.isBlank()) {
            if (texts.size() == MOST_TEXTS) {
                texts.removeFirst();
            }
            texts.add(new Text(words, data, mark));
            lastSign = now;
        }
    }

    /** What sounds is over, and what waits for it was thrown away; but no stop ends what is still being made. */
    private List<Ended> stop() {
        List<Ended> ended = sounding ? over(begun(), true) : List.of();
        texts.forEach(text -> text.doubtful = true);
        stopped = true;
        stopping = false;
        sounding = false;
        return ended;
    }

    /** Number of texts that end with the sound: all where it is unknown which have begun. */
    private int begun() {
        int begun = 0;
        int at = 0;
        for (Text text : texts) {
            at++;
            if (text.begun) {
                begun = at;
            }
        }
        return begun == 0 ? texts.size() : begun;
    }

    private void begins(long now) {
        stopping = false;
        sounds(now);
    }

    private void sounds(long now) {
        sounding = true;
        stopped = false;
        lastSign = now;
        lastEnd = null;
    }

    private Optional<Text> first(Map<String, ?> mark) {
        return texts.stream().filter(text -> text.mark.equals(mark)).findFirst();
    }

    private void isSounding(boolean speaking, long now) {
        if (!speaking) {
            sounding = false;
            stopped = false;
        } else if (!stopped && (lastEnd == null || now - lastEnd > AFTERGLOW.toNanos())) {
            sounds(now);
        }
    }

    /** How many texts are over, since the sound of these words begins: all of a text, or a part of it. */
    private int before(Object words) {
        if (!(words instanceof String begins)) {
            return 0;
        }
        int found = position(begins, true);
        if (found < 0) {
            found = position(begins, false);
        }
        if (found >= 0) {
            Text text = new ArrayList<>(texts).get(found);
            text.begun = true;
            text.doubtful = false;
        }
        return Math.max(0, found);
    }

    private int position(String words, boolean whole) {
        int at = 0;
        for (Text text : texts) {
            // the same words once more are the next text that has them
            if (whole ? text.words.equals(words) && !text.begun : text.words.contains(words)) {
                return at;
            }
            at++;
        }
        return -1;
    }

    /** The sound is over: of the text that has begun, or else of all up to the one whose context the message has. */
    private List<Ended> silent(Map<String, ?> mark, long now) {
        overtaken = stopping;
        List<Ended> ended = new ArrayList<>(stopping ? stop() : List.of());
        sounding = false;
        lastSign = now;
        lastEnd = now;
        int last = 0;
        int at = 0;
        boolean begun = false;
        for (Text text : texts) {
            at++;
            begun |= text.begun;
            if (text.begun || text.doubtful || !begun && text.mark.equals(mark)) {
                last = at;
            }
        }
        ended.addAll(over(last == 0 && !stopped ? texts.size() : last, false));
        stopped = false;
        return ended;
    }

    private List<Ended> over(int number, boolean stop) {
        List<Ended> ended = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            ended.add(texts.removeFirst().ended(stop));
        }
        return ended;
    }

    private static Object id(Map<String, ?> context) {
        return context == null ? null : context.get("gw_request_id");
    }

    /** ovos-audio fills the session in. */
    private static Map<String, ?> mark(Map<String, ?> context) {
        Map<String, Object> mark = new HashMap<>(Objects.requireNonNullElse(context, Map.of()));
        mark.remove("session");
        return mark;
    }
}
