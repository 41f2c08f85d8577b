// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.alerts;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * An alert that somebody wants, as the intent that the core makes of such words: it has no need of the core's understanding,
 * nor of its language. It is always asked for in a time from now: a time of day would be read in the time zone of the
 * assistant, which nobody on the bus tells.
 *
 * @param at when it is to ring
 * @param days the weekdays on which it is to be repeated
 * @param intent the data of the intent
 */
record Wish(String kind, Instant at, List<String> days, Map<String, Object> intent) {

    private static final Duration LONGEST = Duration.ofDays(366);
    /** What it may be off: it is asked for in whole seconds, and set when the skill reads that. */
    private static final Duration TOLERANCE = Duration.ofSeconds(10);

    private static final Map<String, String> DAYS = new LinkedHashMap<>();

    static {
        DAYS.put("mon", "monday");
        DAYS.put("tue", "tuesday");
        DAYS.put("wed", "wednesday");
        DAYS.put("thu", "thursday");
        DAYS.put("fri", "friday");
        DAYS.put("sat", "saturday");
        DAYS.put("sun", "sunday");
    }

    static Wish of(Map<String, Object> wanted, Instant now) {
        String kind = String.valueOf(wanted.get("kind"));
        long seconds = seconds(wanted, now);
        Object name = wanted.get("name");
        if (name == null && kind.equals("reminder")) {
            throw invalid("name", "is required for a reminder: what to remind of");
        }
        Map<String, Object> intent = new LinkedHashMap<>();
        List<Map<String, Object>> marks = new ArrayList<>();
        StringBuilder words = new StringBuilder();
        mark("set", words, marks);
        mark(kind, words, marks);
        words.append(" in ").append(seconds).append(" seconds");
        List<String> days = DAYS.keySet().stream()
                .filter(day -> wanted.get("days") instanceof List<?> wished && wished.contains(day))
                .toList();
        if (!days.isEmpty()) {
            if (kind.equals("timer")) {
                throw invalid("days", "are for alarms and reminders");
            }
            mark("every", words, marks);
            intent.put("repeat", "every");
            days.forEach(day -> words.append(' ').append(DAYS.get(day)));
        }
        if (name != null) {
            mark("named", words, marks);
            words.append(' ').append(name);
            // newer ones take it as it is
            intent.put("name", name);
        }
        intent.put("create", "set");
        intent.put(kind, kind);
        intent.put("utterance", words.toString());
        intent.put("lang", "en-US");
        intent.put("__tags__", marks);
        return new Wish(kind, now.plusSeconds(seconds), days, intent);
    }

    /** A word that the skill knows: what stands between two of them is read by itself. */
    private static void mark(String word, StringBuilder words, List<Map<String, Object>> marks) {
        marks.add(Map.of("match", word, "start_token", marks.size()));
        words.append(words.isEmpty() ? "" : " ").append(word);
    }

    /** Whether this is what was wished for. */
    boolean isMetBy(Alert alert) {
        return alert.kind().equals(kind)
                && alert.days().equals(days)
                && missedBy(alert).compareTo(TOLERANCE) <= 0;
    }

    /** How far from the wish its time is. */
    Duration missedBy(Alert alert) {
        return Duration.between(at, alert.time().toInstant()).abs();
    }

    private static long seconds(Map<String, Object> wanted, Instant now) {
        boolean relative = wanted.get("seconds") != null;
        if (relative == (wanted.get("time") != null)) {
            throw invalid("seconds", relative ? "must not be given together with time" : "or time is required");
        }
        String field = relative ? "seconds" : "time";
        long seconds = relative
                ? ((Number) wanted.get(field)).longValue()
                : until(wanted.get(field).toString(), now);
        if (seconds < 1) {
            throw invalid(field, "must be in the future");
        }
        if (seconds > LONGEST.toSeconds()) {
            throw invalid(field, "must be within %d days".formatted(LONGEST.toDays()));
        }
        return seconds;
    }

    private static long until(String time, Instant now) {
        try {
            // never before it: the part of a second that is left counts as one
            return now.until(OffsetDateTime.parse(time).toInstant().plusNanos(999_999_999), ChronoUnit.SECONDS);
        } catch (DateTimeParseException e) {
            throw invalid("time", "must be a time with its zone, such as 2026-11-29T07:30:00+01:00");
        }
    }

    private static ProblemException invalid(String field, String reason) {
        return new ProblemException(Problem.validation(List.of(new FieldError(field, reason))));
    }
}
