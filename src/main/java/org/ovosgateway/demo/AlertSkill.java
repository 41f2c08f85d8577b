// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;

/**
 * ovos-skill-alerts 0.1.28: handles its intents, lists its alerts, and ends them or puts them off. A due timer or reminder
 * speaks; a due alarm plays its sound without ovos-audio. Only the messages of the scheduler report either.
 */
final class AlertSkill extends OvosService {

    static final String ID = "ovos-skill-alerts.openvoiceos";

    private static final List<String> KINDS = List.of("alarm", "timer", "reminder");
    private static final List<String> DAYS =
            List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
    private static final Pattern SECONDS = Pattern.compile(" in (\\d+) seconds");
    private static final Pattern NAMED = Pattern.compile(" named (.*)", Pattern.DOTALL);
    private static final int SNOOZE_SECONDS = 15 * 60;

    private final Vertx vertx;
    private final InstalledSkills skills;
    private final Consumer<String> actions;
    private final Map<String, Alert> pending = new LinkedHashMap<>();
    private final Map<String, Alert> active = new LinkedHashMap<>();

    private record Alert(ObjectNode written, long timer) {

        String kind() {
            return KINDS.get(written.path("alert_type").asInt());
        }

        String name() {
            return written.path("alert_name").asText();
        }
    }

    AlertSkill(Consumer<Message> bus, Vertx vertx, InstalledSkills skills, Consumer<String> actions) {
        super(bus);
        this.vertx = vertx;
        this.skills = skills;
        this.actions = actions;
        when("ovos.alerts.get_alerts", this::list);
        when(
                "ovos.alerts.cancel_alarm",
                command -> dismiss(command, command.data().path("alarmIndex").asText()));
        when("ovos.alerts.snooze_alarm", this::snooze);
        when(ID + ":CreateTimer", intent -> create(intent, "timer"));
        when(ID + ":CreateAlarm", intent -> create(intent, "alarm"));
        when(ID + ":CreateReminder", intent -> create(intent, "reminder"));
        when("mycroft.stop", stop -> List.copyOf(active.keySet()).forEach(id -> dismiss(stop, id)));
    }

    private void when(String type, Consumer<Message> handler) {
        on(type, message -> {
            if (skills.isActive(ID)) {
                handler.accept(message);
            }
        });
    }

    private void list(Message question) {
        String disposition = question.data().path("disposition").asText("pending");
        ObjectNode alerts = Message.object();
        if (disposition.equals("pending") || disposition.equals("active") || disposition.equals("missed")) {
            Map<String, Alert> which = switch (disposition) {
                case "pending" -> pending;
                case "active" -> active;
                default -> Map.of();
            };
            which.forEach((id, alert) -> alerts.put(id, alert.written().toString()));
        } else {
            alerts.put("error", "Invalid disposition");
        }
        emit(question.response(alerts));
    }

    private void create(Message intent, String kind) {
        String words = intent.data().path("utterance").asText();
        Matcher seconds = SECONDS.matcher(words);
        if (!seconds.find()) {
            say(intent, "Sorry, I didn't hear a time.", "error_no_time");
            return;
        }
        OffsetDateTime time = OffsetDateTime.now()
                .plusSeconds(Long.parseLong(seconds.group(1)))
                .withNano(0);
        Matcher named = NAMED.matcher(words);
        List<Integer> days = new ArrayList<>();
        if (intent.data().has("repeat")) {
            String before = NAMED.matcher(words).replaceAll("");
            DAYS.stream().filter(before::contains).forEach(day -> days.add(DAYS.indexOf(day)));
        }
        ObjectNode written = Message.object()
                .put("next_expiration_time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time))
                .put("alert_type", KINDS.indexOf(kind))
                .putNull("repeat_frequency")
                .put(
                        "alert_name",
                        named.find()
                                ? named.group(1).toLowerCase(Locale.ROOT)
                                : time.format(DateTimeFormatter.ofPattern("h:mm a", Locale.US)) + " " + kind);
        if (days.isEmpty()) {
            written.putNull("repeat_days");
        } else {
            days.forEach(written.putArray("repeat_days")::add);
        }
        written.putObject("context")
                .put("user", "local")
                .put("ident", UUID.randomUUID().toString());
        add(written, time);
        say(
                intent,
                "Your %s is set.".formatted(kind),
                kind.equals("timer") ? "confirm_timer_started" : "confirm_alert_set");
    }

    private void add(ObjectNode written, OffsetDateTime time) {
        String id = written.path("context").path("ident").asText();
        ObjectNode event = Message.object()
                .put("time", time.toInstant().toEpochMilli() / 1000.0)
                .put("event", ID + ":expiration:" + id)
                .putNull("repeat");
        event.set("data", written.deepCopy());
        long left = OffsetDateTime.now().until(time, ChronoUnit.MILLIS);
        pending.put(id, new Alert(written, vertx.setTimer(Math.max(1, left), due -> ring(id))));
        actions.accept("sets " + written.path("alert_name").asText());
        emit(new Message("mycroft.scheduler.schedule_event", event, itself()));
    }

    private void ring(String id) {
        Alert alert = pending.remove(id);
        active.put(id, alert);
        if (alert.written().path("repeat_days").isArray()) {
            ObjectNode next = alert.written().deepCopy();
            OffsetDateTime time =
                    OffsetDateTime.parse(next.path("next_expiration_time").asText());
            do {
                time = time.plusDays(1);
            } while (!contains(next, time.getDayOfWeek().getValue() - 1));
            next.put("next_expiration_time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
            ((ObjectNode) next.path("context")).put("ident", UUID.randomUUID().toString());
            alert.written().putNull("repeat_days");
            add(next, time);
        }
        actions.accept("rings: " + alert.name());
        emit(new Message(ID + ":expiration:" + id, alert.written().deepCopy(), itself()));
        switch (alert.kind()) {
            case "timer" ->
                say(
                        Message.bare("", Message.object()),
                        "Your %s timer is up.".formatted(alert.name()),
                        "expired_timer");
            case "reminder" ->
                say(Message.bare("", Message.object()), "This is your reminder: " + alert.name(), "expired_reminder");
            default -> {
                // its sound is its own
            }
        }
    }

    private static boolean contains(ObjectNode written, int day) {
        for (var one : written.path("repeat_days")) {
            if (one.asInt() == day) {
                return true;
            }
        }
        return false;
    }

    // silent about an unknown alert
    private void dismiss(Message command, String id) {
        Alert alert = active.containsKey(id) ? active.remove(id) : pending.remove(id);
        if (alert != null) {
            if (vertx.cancelTimer(alert.timer())) {
                emit(command.forward(
                        "mycroft.scheduler.remove_event", Message.object().put("event", ID + ":expiration:" + id)));
            }
            forget(alert);
            actions.accept("ends " + alert.name());
            say(command, alert.kind() + " dismissed.", "confirm_dismiss_alert");
        }
    }

    private void snooze(Message command) {
        String id = command.data().path("alarmIndex").asText();
        Alert alert = active.remove(id);
        if (alert == null) {
            say(command, "An error occurred while processing a request in Alert Skill", null);
            return;
        }
        forget(alert);
        OffsetDateTime time = OffsetDateTime.now().plusSeconds(SNOOZE_SECONDS);
        ObjectNode written =
                alert.written().put("next_expiration_time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
        ((ObjectNode) written.path("context")).put("ident", id.startsWith("snoozed") ? id : "snoozed_" + id);
        add(written, time);
        say(command, "Be back in fifteen minutes.", "confirm_snooze_alert");
    }

    private void forget(Alert alert) {
        ObjectNode data = Message.object();
        data.putObject("notification").put("sender", ID).put("text", alert.kind() + ": " + alert.name());
        emit(Message.bare("ovos.notification.api.storage.clear.item", data));
    }

    private void say(Message cause, String text, String dialog) {
        ObjectNode data = Message.object().put("utterance", text).put("expect_response", false);
        ObjectNode meta = data.putObject("meta").put("skill", ID);
        if (dialog != null) {
            meta.put("dialog", dialog).putObject("data");
        }
        emit(cause.forward("speak", data.put("lang", "en-US")));
    }

    private static ObjectNode itself() {
        return Message.object().put("skill_id", ID);
    }
}
