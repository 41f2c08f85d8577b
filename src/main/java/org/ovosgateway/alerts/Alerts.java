// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.alerts;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Reads the timers, alarms and reminders of ovos-skill-alerts, and asks it for new ones; routes call it as the bean
 * {@code alerts}.
 */
@Component("alerts")
public class Alerts {

    static final String SKILL = "ovos-skill-alerts.openvoiceos";

    private final Clock clock = Clock.systemUTC();
    /** By device, and by their ids, as they were when they were looked at last. */
    private final Map<String, Map<String, Alert>> known = new ConcurrentHashMap<>();

    /**
     * Requires the skill.
     *
     * @param skills the core's list
     * @throws ProblemException 501 when it is not there
     */
    public void require(@Body Map<String, Object> skills) {
        Object skill = skills.get(SKILL);
        if (skill == null) {
            throw missing("The assistant has no skill '%s'. Install it there: pip install ovos-skill-alerts, in the"
                    + " environment of ovos-core, and restart ovos-core.");
        }
        if (skill instanceof Map<?, ?> map && Boolean.FALSE.equals(map.get("active"))) {
            throw missing("The skill '%1$s' is not active: PUT /v1/skills/%1$s/activate.");
        }
    }

    private static ProblemException missing(String detail) {
        return new ProblemException(
                new Problem("no-alerts", "The assistant keeps no alerts", 501, detail.formatted(SKILL)));
    }

    /** All that are set or ring, the next one first. */
    public List<Alert> read(
            @ExchangeProperty("pending") Map<String, Object> pending,
            @ExchangeProperty("active") Map<String, Object> active) {
        Map<String, Alert> all = new LinkedHashMap<>();
        add(all, pending, false);
        // one of which its skill gives notice before its time is among both
        add(all, active, true);
        return all.values().stream()
                .sorted(Comparator.comparing(Alert::time).thenComparing(Alert::id))
                .toList();
    }

    private static void add(Map<String, Alert> all, Map<String, Object> written, boolean ringing) {
        written.forEach((id, text) -> {
            Alert alert = Alert.of(id, String.valueOf(text), ringing);
            if (alert != null) {
                all.put(id, alert);
            }
        });
    }

    /** As callers read them. */
    public Map<String, Object> list(@Body List<Alert> alerts) {
        Instant now = clock.instant();
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("count", alerts.size());
        list.put("results", alerts.stream().map(alert -> alert.told(now)).toList());
        return list;
    }

    /** The one that comes next or rings, and how many there are; each null where there is none. */
    public Map<String, Object> next(@Body List<Alert> alerts) {
        Map<String, Object> next = new LinkedHashMap<>();
        if (alerts.isEmpty()) {
            List.of("id", "kind", "name", "time").forEach(key -> next.put(key, null));
        } else {
            next.putAll(alerts.get(0).what());
        }
        next.put("ringing", isRinging(alerts));
        next.put("count", alerts.size());
        return next;
    }

    /** Whether one of them rings. */
    public boolean isRinging(@Body List<Alert> alerts) {
        return alerts.stream().anyMatch(Alert::ringing);
    }

    /** The ids of those that ring. */
    public List<String> ringing(@Body List<Alert> alerts) {
        return alerts.stream().filter(Alert::ringing).map(Alert::id).toList();
    }

    /** Whether one was heard to ring on a device, and not to stop. */
    public boolean rings(@Header(OvosConstants.DEVICE) String device) {
        return known.getOrDefault(device == null ? Devices.DEFAULT : device, Map.of()).values().stream()
                .anyMatch(Alert::ringing);
    }

    /** What has happened on a device since this was asked last: {@code event} names it. */
    public List<Map<String, Object>> happened(@Header(OvosConstants.DEVICE) String device, @Body List<Alert> alerts) {
        Map<String, Alert> now = alerts.stream()
                .collect(Collectors.toMap(Alert::id, Function.identity(), (one, same) -> one, LinkedHashMap::new));
        Map<String, Alert> before = known.put(device == null ? Devices.DEFAULT : device, now);
        List<Map<String, Object>> happened = new ArrayList<>();
        if (before == null) {
            return happened;
        }
        before.values().stream()
                .filter(alert -> alert.ringing()
                        && !(now.containsKey(alert.id()) && now.get(alert.id()).ringing()))
                .forEach(alert -> happened.add(event("stopped", alert)));
        now.values().forEach(alert -> {
            Alert old = before.get(alert.id());
            if (old == null) {
                happened.add(event("set", alert));
            }
            if (alert.ringing() && (old == null || !old.ringing())) {
                happened.add(event("ringing", alert));
            }
        });
        return happened;
    }

    private static Map<String, Object> event(String type, Alert alert) {
        Map<String, Object> event = alert.what();
        event.put("event", type);
        return event;
    }

    /**
     * Requires an alert.
     *
     * @throws ProblemException 404 when there is none with this id
     */
    public void requireAlert(@Body List<Alert> alerts, @Header("alert_id") String id) {
        find(alerts, id);
    }

    /**
     * Requires one that rings.
     *
     * @throws ProblemException 404 when there is none with this id, 409 when it does not ring
     */
    public void requireRinging(@Body List<Alert> alerts, @Header("alert_id") String id) {
        if (!find(alerts, id).ringing()) {
            throw new ProblemException(new Problem(
                    "not-ringing",
                    "The alert does not ring",
                    409,
                    "'%s' does not ring, and only what rings can be put off: GET /v1/alerts tells it.".formatted(id)));
        }
    }

    private static Alert find(List<Alert> alerts, String id) {
        return alerts.stream()
                .filter(alert -> alert.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new ProblemException(new Problem(
                        "unknown-alert",
                        "There is no such alert",
                        404,
                        "The assistant has no alert '%s'. GET /v1/alerts lists those it has.".formatted(id))));
    }

    /**
     * Requires that an alert is gone.
     *
     * @throws ProblemException 502 when it is still there
     */
    public void requireGone(@Body List<Alert> alerts, @Header("alert_id") String id) {
        if (alerts.stream().anyMatch(alert -> alert.id().equals(id))) {
            throw notDone("'%s' is still there. Look into the log of the skill %s.".formatted(id, SKILL));
        }
    }

    /**
     * What became of the one that was put off: the skill gives it another id.
     *
     * @throws ProblemException 502 when nothing became of it
     */
    public Map<String, Object> snoozed(@Body List<Alert> alerts, @Header("alert_id") String id) {
        String snoozed = id.startsWith("snoozed") ? id : "snoozed_" + id;
        return alerts.stream()
                .filter(alert -> alert.id().equals(snoozed) && !alert.ringing())
                .findFirst()
                .map(alert -> alert.told(clock.instant()))
                .orElseThrow(
                        () -> notDone("'%s' was not put off. Look into the log of the skill %s.".formatted(id, SKILL)));
    }

    /**
     * What has to be told to the skill.
     *
     * @param wanted {@code kind}, {@code name}, {@code seconds} or {@code time}, {@code days}
     */
    public Wish wish(@Body Map<String, Object> wanted) {
        return Wish.of(wanted, clock.instant());
    }

    /**
     * What became of the wish.
     *
     * @param before those that were there before
     * @param answer what the skill said
     * @throws ProblemException 502 when it is not there, or not at that time
     */
    public Map<String, Object> made(
            @Body List<Alert> alerts,
            @ExchangeProperty("wish") Wish wish,
            @ExchangeProperty("before") List<Alert> before,
            @ExchangeProperty("answer") String answer) {
        List<String> known = before.stream().map(Alert::id).toList();
        Alert made = alerts.stream()
                .filter(alert -> !known.contains(alert.id()))
                .min(Comparator.comparing(wish::isMetBy).reversed().thenComparing(wish::missedBy))
                .orElseThrow(() -> notDone(
                        "The skill %s made no %s of it, and answered: '%s'.".formatted(SKILL, wish.kind(), answer)));
        if (!wish.isMetBy(made)) {
            throw notDone("The skill %s made something else of it; DELETE /v1/alerts/%s takes that back."
                    .formatted(SKILL, made.id()));
        }
        Map<String, Object> result = made.told(clock.instant());
        result.put("answer", answer);
        return result;
    }

    private static ProblemException notDone(String detail) {
        return new ProblemException(new Problem("not-done", "The assistant did not do that", 502, detail));
    }
}
