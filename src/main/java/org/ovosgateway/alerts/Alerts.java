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
    /** By device and id, from the last look at them. */
    private final Map<String, Map<String, Alert>> lastAlerts = new ConcurrentHashMap<>();

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

    /** All alerts that are set or ring, by time. */
    public List<Alert> read(
            @ExchangeProperty("pending") Map<String, Object> pending,
            @ExchangeProperty("active") Map<String, Object> active) {
        Map<String, Alert> all = new LinkedHashMap<>();
        add(all, pending, false);
        // the skill lists one of which it gives notice before its time as both
        add(all, active, true);
        return all.values().stream()
                .sorted(Comparator.comparing(Alert::time).thenComparing(Alert::id))
                .toList();
    }

    private static void add(Map<String, Alert> all, Map<String, Object> alerts, boolean ringing) {
        alerts.forEach((id, json) -> {
            Alert alert = Alert.of(id, String.valueOf(json), ringing);
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
        list.put("results", alerts.stream().map(alert -> alert.toMap(now)).toList());
        return list;
    }

    /** The next alert, or the one that rings, and the number of all; {@code id} and the like are null where there is none. */
    public Map<String, Object> next(@Body List<Alert> alerts) {
        Map<String, Object> next = new LinkedHashMap<>();
        if (alerts.isEmpty()) {
            List.of("id", "kind", "name", "time").forEach(key -> next.put(key, null));
        } else {
            next.putAll(alerts.get(0).summary());
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

    /** Whether an alert of a device rang when its alerts were looked at last. */
    public boolean rings(@Header(OvosConstants.DEVICE) String device) {
        return lastAlerts.getOrDefault(device == null ? Devices.DEFAULT : device, Map.of()).values().stream()
                .anyMatch(Alert::ringing);
    }

    /** The changes on a device since the last call, each with an {@code event}: {@code set}, {@code ringing}, {@code stopped}. */
    public List<Map<String, Object>> changes(@Header(OvosConstants.DEVICE) String device, @Body List<Alert> alerts) {
        Map<String, Alert> now = alerts.stream()
                .collect(Collectors.toMap(Alert::id, Function.identity(), (one, same) -> one, LinkedHashMap::new));
        Map<String, Alert> before = lastAlerts.put(device == null ? Devices.DEFAULT : device, now);
        List<Map<String, Object>> changes = new ArrayList<>();
        if (before == null) {
            return changes;
        }
        before.values().stream()
                .filter(alert -> alert.ringing()
                        && !(now.containsKey(alert.id()) && now.get(alert.id()).ringing()))
                .forEach(alert -> changes.add(change("stopped", alert)));
        now.values().forEach(alert -> {
            Alert old = before.get(alert.id());
            if (old == null) {
                changes.add(change("set", alert));
            }
            if (alert.ringing() && (old == null || !old.ringing())) {
                changes.add(change("ringing", alert));
            }
        });
        return changes;
    }

    private static Map<String, Object> change(String type, Alert alert) {
        Map<String, Object> change = alert.summary();
        change.put("event", type);
        return change;
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
     * The alert that was put off, which now has another id.
     *
     * @throws ProblemException 502 when there is none
     */
    public Map<String, Object> snoozed(@Body List<Alert> alerts, @Header("alert_id") String id) {
        String newId = id.startsWith("snoozed") ? id : "snoozed_" + id;
        return alerts.stream()
                .filter(alert -> alert.id().equals(newId) && !alert.ringing())
                .findFirst()
                .map(alert -> alert.toMap(clock.instant()))
                .orElseThrow(
                        () -> notDone("'%s' was not put off. Look into the log of the skill %s.".formatted(id, SKILL)));
    }

    /**
     * The intent for the skill.
     *
     * @param members {@code kind}, {@code name}, {@code seconds} or {@code time}, {@code days}
     */
    public AlertRequest request(@Body Map<String, Object> members) {
        return AlertRequest.of(members, clock.instant());
    }

    /**
     * The alert that the skill has set.
     *
     * @param before the alerts before
     * @param answer of the skill
     * @throws ProblemException 502 when there is none, or it is not the one of the request
     */
    public Map<String, Object> created(
            @Body List<Alert> alerts,
            @ExchangeProperty("request") AlertRequest request,
            @ExchangeProperty("before") List<Alert> before,
            @ExchangeProperty("answer") String answer) {
        List<String> idsBefore = before.stream().map(Alert::id).toList();
        Alert created = alerts.stream()
                .filter(alert -> !idsBefore.contains(alert.id()))
                .min(Comparator.comparing(request::matches).reversed().thenComparing(request::deviationOf))
                .orElseThrow(() -> notDone(
                        "The skill %s made no %s of it, and answered: '%s'.".formatted(SKILL, request.kind(), answer)));
        if (!request.matches(created)) {
            throw notDone("The skill %s made something else of it; DELETE /v1/alerts/%s takes that back."
                    .formatted(SKILL, created.id()));
        }
        Map<String, Object> result = created.toMap(clock.instant());
        result.put("answer", answer);
        return result;
    }

    private static ProblemException notDone(String detail) {
        return new ProblemException(new Problem("not-done", "The assistant did not do that", 502, detail));
    }
}
