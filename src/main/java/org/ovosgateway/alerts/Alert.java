// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.alerts;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Json;
import org.ovosgateway.bus.InvalidAnswerException;

/**
 * A timer, alarm, reminder or event, as ovos-skill-alerts keeps it.
 *
 * @param days the weekdays on which it repeats; empty where it does not
 * @param every seconds after which it repeats; 0 where it does not
 */
record Alert(String id, String kind, String name, OffsetDateTime time, List<String> days, long every, boolean ringing) {

    /** By their number in the skill, which also has lists of things to do. */
    private static final List<String> KINDS = List.of("alarm", "timer", "reminder", "event");

    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    /**
     * Reads an alert from the JSON of the skill.
     *
     * @return null for a list or a stopwatch, which have no time
     * @throws InvalidAnswerException when it is none of these
     */
    static Alert of(String id, String json, boolean ringing) {
        try {
            JsonNode alert = Json.PLAIN.readTree(json);
            int kind = alert.path("alert_type").asInt(-1);
            String time = alert.path("next_expiration_time").asText("");
            if (kind < 0
                    || kind >= KINDS.size()
                    || time.isEmpty()
                    || time.equals("null")
                    || alert.path("context").path("stopwatch_mode").asBoolean()) {
                return null;
            }
            List<String> days = new ArrayList<>();
            alert.path("repeat_days").forEach(day -> days.add(DAYS.get(day.asInt())));
            return new Alert(
                    id,
                    KINDS.get(kind),
                    alert.path("alert_name").asText(""),
                    OffsetDateTime.parse(time),
                    days,
                    Math.round(alert.path("repeat_frequency").asDouble()),
                    ringing);
        } catch (JsonProcessingException | DateTimeException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new InvalidAnswerException("'%s' of the skill %s is no alert as it writes them: look into its log."
                    .formatted(id, Alerts.SKILL));
        }
    }

    /** As callers read it. */
    Map<String, Object> toMap(Instant now) {
        Map<String, Object> map = summary();
        map.put("seconds_left", Math.max(0, Duration.between(now, time).toSeconds()));
        Map<String, Object> repeats = new LinkedHashMap<>();
        if (!days.isEmpty()) {
            repeats.put("days", days);
        }
        if (every > 0) {
            repeats.put("seconds", every);
        }
        map.put("repeats", repeats.isEmpty() ? null : repeats);
        map.put("ringing", ringing);
        return map;
    }

    /** The members that do not depend on the present time. */
    Map<String, Object> summary() {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("id", id);
        summary.put("kind", kind);
        summary.put("name", name);
        summary.put("time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
        return summary;
    }
}
