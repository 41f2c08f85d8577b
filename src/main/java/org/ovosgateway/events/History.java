// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.Json;
import org.ovosgateway.answer.Masks;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.conversation.ConversationEvent;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The last things that were told to the devices, or said at them, and what came of each: what was understood, what was said,
 * and why it failed. Routes call it as the bean {@code history}.
 *
 * <p>What a route tells a device is noted where all of that passes; what the bus says with the id of the message joins it.
 */
@Component("history")
public class History {

    /** May see what others have done, and what was said at the devices. */
    static final String ALL = "history:all";

    private static final String REQUEST_ID = "gw_request_id";
    private static final String UTTERANCE = "recognizer_loop:utterance";
    private static final String NOT_UNDERSTOOD = "not_understood";

    /** An id that is longer is none of a gateway. */
    private static final int LONGEST_ID = 100;

    private static final int LONGEST_DATA = 2_000;

    /** What a device says later than this is of something else. */
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    private final Masks masks;
    private final HistoryProperties properties;
    /** By the ids of their messages on the bus, the oldest first. */
    private final Map<String, HistoryEntry> entries = new LinkedHashMap<>();
    /** What is going on at each device, of itself. */
    private final Map<String, String> turns = new HashMap<>();

    private long size;
    private long voices;
    private long unsent;

    History(Devices devices, Masks masks, HistoryProperties properties, MeterRegistry registry) {
        this.masks = masks;
        this.properties = properties;
        devices.onDeed(this::told);
        Gauge.builder("ovos.history.entries", this, History::count)
                .description("Conversations and deeds that are kept")
                .register(registry);
    }

    private synchronized int count() {
        return entries.size();
    }

    private void told(
            Exchange exchange, Device device, String type, ObjectNode data, Future<String> sent, Future<?> done) {
        Caller caller = Caller.of(exchange);
        String requestId = exchange.getProperty("requestId", String.class);
        String route = ExchangeHelper.getRouteId(exchange);
        Map<String, Object> shown = shown(data);
        sent.onComplete(as -> {
            String id = as.succeeded() ? as.result() : unsent();
            change(id, device.name(), entry -> {
                entry.of(caller, requestId, route);
                entry.sent(type, shown);
            });
            done.onComplete(result -> change(id, device.name(), entry -> {
                if (result.failed()) {
                    failed(entry, result.cause());
                } else if (!type.equals(UTTERANCE)) {
                    entry.ended(HistoryEntry.DONE);
                }
            }));
        });
    }

    /** What could not be sent has no id. */
    private synchronized String unsent() {
        return "unsent-" + Long.toString(++unsent, 36);
    }

    /** Takes note of what happens in a conversation; what the bus tells of it joins that. */
    void conversed(ConversationEvent event) {
        if (event.requestId().isEmpty()) {
            return;
        }
        Map<String, Object> data = event.data();
        switch (event.type()) {
            case "asked" ->
                change(event.requestId(), event.device(), entry -> {
                    Object call = data.get("request_id");
                    entry.of(event.owner(), call == null ? null : call.toString(), "converse");
                    entry.inConversation(event.conversationId());
                    entry.heard(data.get("text"), data.get("lang"));
                });
            case "turn" ->
                change(event.requestId(), event.device(), entry -> {
                    String status = String.valueOf(data.get("status"));
                    entry.ended(status.equals("complete") ? HistoryEntry.DONE : status);
                });
            default -> {}
        }
    }

    private Map<String, Object> shown(ObjectNode data) {
        String text = data.toString();
        return text.length() > LONGEST_DATA
                ? Map.of("omitted", text.length())
                : Json.PLAIN.convertValue(masks.mask(Json.PLAIN.convertValue(data, MAP)), MAP);
    }

    private static void failed(HistoryEntry entry, Throwable cause) {
        ProblemException told = ObjectHelper.getException(ProblemException.class, cause);
        if (told == null) {
            entry.failed("internal", "See the log of the gateway.");
        } else {
            entry.failed(told.problem().type(), told.problem().detail());
        }
    }

    private synchronized void change(String id, String device, Consumer<HistoryEntry> change) {
        HistoryEntry entry = entry(id, device);
        size -= entry.size();
        change.accept(entry);
        size += entry.size();
        var oldest = entries.values().iterator();
        while (oldest.hasNext()
                && (entries.size() > properties.entries()
                        || size > properties.size().toBytes())) {
            size -= oldest.next().size();
            oldest.remove();
        }
    }

    private HistoryEntry entry(String id, String device) {
        HistoryEntry entry = entries.get(id);
        if (entry == null) {
            entry = new HistoryEntry(device, id);
            entries.put(id, entry);
            size += entry.size();
        }
        return entry;
    }

    /** Takes note of a message of the bus. */
    public synchronized void heard(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        String id = idOf(device, type, context);
        if (id != null && (type.equals(UTTERANCE) || entries.containsKey(id))) {
            change(id, device, entry -> note(entry, type, context, data));
        }
    }

    /** Of which deed or turn a message is; null for what is none of ours. */
    private String idOf(String device, String type, Map<String, Object> context) {
        if (context.get(REQUEST_ID) instanceof String id && id.length() <= LONGEST_ID) {
            return id;
        }
        Object session = context.get("session") instanceof Map<?, ?> map ? map.get("session_id") : null;
        if (session != null && !session.equals("default")) {
            return null;
        }
        if (type.equals(UTTERANCE)) {
            turns.put(device, "voice-" + Long.toString(++voices, 36));
        }
        String turn = turns.get(device);
        HistoryEntry entry = turn == null ? null : entries.get(turn);
        return entry == null ? type.equals(UTTERANCE) ? turn : null : entry.isOld(TURN_NANOS) ? null : turn;
    }

    private static void note(HistoryEntry entry, String type, Map<String, Object> context, Map<String, Object> data) {
        switch (type) {
            case UTTERANCE ->
                entry.heard(
                        data.get("utterances") instanceof List<?> texts && !texts.isEmpty() ? texts.get(0) : null,
                        data.get("lang"));
            case "speak" -> {
                Map<?, ?> meta = data.get("meta") instanceof Map<?, ?> map ? map : Map.of();
                entry.said(data.get("utterance"), meta.get("skill"));
                if ("unknown".equals(meta.get("dialog"))
                        && String.valueOf(meta.get("skill")).startsWith("ovos-skill-fallback-unknown.")) {
                    entry.ended(NOT_UNDERSTOOD);
                }
            }
            case "complete_intent_failure" -> entry.ended(NOT_UNDERSTOOD);
            case "mycroft.skill.handler.error" -> entry.failed("skill-failed", String.valueOf(data.get("exception")));
            case "ovos.utterance.cancelled" -> entry.ended("cancelled");
            case "ovos.utterance.handled" -> entry.ended(HistoryEntry.DONE);
            default -> {
                Object skill = context.get("skill_id");
                if (skill != null && type.startsWith(skill + ":")) {
                    entry.matched(skill, type.substring(skill.toString().length() + 1));
                }
            }
        }
    }

    /** The newest entries that the caller may see, as many as {@code limit} says. */
    public Map<String, Object> list(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        int limit = exchange.getMessage().getHeader("limit", 50, Integer.class);
        List<Map<String, Object>> shown = new ArrayList<>();
        synchronized (this) {
            List<HistoryEntry> all = new ArrayList<>(entries.values());
            Collections.reverse(all);
            all.stream().filter(entry -> entry.isFor(caller)).limit(limit).forEach(entry -> shown.add(entry.shown()));
        }
        return Map.of("entries", shown);
    }

    /**
     * All that belongs to one request.
     *
     * @throws ProblemException 404, also where it is somebody else's
     */
    public Map<String, Object> get(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        String id = exchange.getMessage().getHeader("request_id", String.class);
        List<Map<String, Object>> shown = new ArrayList<>();
        synchronized (this) {
            entries.values().stream()
                    .filter(entry -> entry.requestId().equals(id) && entry.isFor(caller))
                    .forEach(entry -> shown.add(entry.shown()));
        }
        if (shown.isEmpty()) {
            throw new ProblemException(new Problem(
                    "unknown-request",
                    "There is no such request",
                    404,
                    "Nothing is known of this request. The gateway keeps the last ones only, of your own, and only those that had"
                            + " a device do something."));
        }
        return Map.of("entries", shown);
    }
}
