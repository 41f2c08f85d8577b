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
 * A request for an alert, as the intent that the core would make of the words: so it depends neither on the pipeline of the
 * core nor on its language. The words always have a time from now: the skill would read a time of day in the time zone of the
 * assistant, which no message of the bus has.
 *
 * @param time when it is to ring
 * @param days the weekdays on which it repeats
 * @param intent the data of the intent
 */
record AlertRequest(String kind, Instant time, List<String> days, Map<String, Object> intent) {

    private static final Duration LONGEST = Duration.ofDays(366);
    /** Of the time: the request has whole seconds, and the skill counts them from when it reads them. */
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

    static AlertRequest of(Map<String, Object> members, Instant now) {
        String kind = String.valueOf(members.get("kind"));
        long seconds = seconds(members, now);
        Object name = members.get("name");
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
                .filter(day -> members.get("days") instanceof List<?> names && names.contains(day))
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
            // newer versions of the skill take it as it is
            intent.put("name", name);
        }
        intent.put("create", "set");
        intent.put(kind, kind);
        intent.put("utterance", words.toString());
        intent.put("lang", "en-US");
        intent.put("__tags__", marks);
        return new AlertRequest(kind, now.plusSeconds(seconds), days, intent);
    }

    /** Adds a keyword of the skill; it reads the words between two keywords by itself. */
    private static void mark(String word, StringBuilder words, List<Map<String, Object>> marks) {
        marks.add(Map.of("match", word, "start_token", marks.size()));
        words.append(words.isEmpty() ? "" : " ").append(word);
    }

    /** Whether an alert is the one of this request. */
    boolean matches(Alert alert) {
        return alert.kind().equals(kind)
                && alert.days().equals(days)
                && deviationOf(alert).compareTo(TOLERANCE) <= 0;
    }

    /** The time between the request and an alert. */
    Duration deviationOf(Alert alert) {
        return Duration.between(time, alert.time().toInstant()).abs();
    }

    private static long seconds(Map<String, Object> members, Instant now) {
        boolean relative = members.get("seconds") != null;
        if (relative == (members.get("time") != null)) {
            throw invalid("seconds", relative ? "must not be given together with time" : "or time is required");
        }
        String field = relative ? "seconds" : "time";
        long seconds = relative
                ? ((Number) members.get(field)).longValue()
                : until(members.get(field).toString(), now);
        if (seconds < 1) {
            throw invalid(field, "must be in the future");
        }
        if (seconds > LONGEST.toSeconds()) {
            throw invalid(field, "must be within %d days".formatted(LONGEST.toDays()));
        }
        return seconds;
    }

    private static long until(String text, Instant now) {
        try {
            // rounded up, so that it never rings before
            return now.until(OffsetDateTime.parse(text).toInstant().plusNanos(999_999_999), ChronoUnit.SECONDS);
        } catch (DateTimeParseException e) {
            throw invalid("time", "must be a time with its zone, such as 2026-11-29T07:30:00+01:00");
        }
    }

    private static ProblemException invalid(String field, String reason) {
        return new ProblemException(Problem.validation(List.of(new FieldError(field, reason))));
    }
}
