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

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.Apology;
import org.ovosgateway.IntentName;
import org.ovosgateway.Json;
import org.ovosgateway.answer.Masks;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.conversation.ConversationEvent;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The last messages to the devices and the last utterances at them, each with its match, its answers, and the reason of a
 * failure. Routes call it as the bean {@code history}.
 *
 * <p>An entry begins when a route sends a message to a device, or when somebody speaks to it. Messages of the bus with the id
 * of that message complete the entry.
 */
@Component("history")
public class History {

    /** Scope for the entries of other users, and of utterances at the devices. */
    static final String ALL = "history:all";

    private static final String REQUEST_ID = "gw_request_id";
    private static final String UTTERANCE = "recognizer_loop:utterance";
    private static final String NOT_UNDERSTOOD = "not_understood";

    /** Ids of gateways are shorter. */
    private static final int LONGEST_ID = 100;

    private static final int LONGEST_DATA = 2_000;

    /** An answer later than this belongs to something else. */
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Masks masks;
    private final HistoryProperties properties;
    /** By the ids of their messages on the bus, the oldest first. */
    private final Map<String, HistoryEntry> entries = new LinkedHashMap<>();
    /** The id of the last utterance at each device. */
    private final Map<String, String> utterances = new HashMap<>();

    private long size;
    private long voices;
    private long unsent;

    History(Devices devices, Masks masks, HistoryProperties properties, MeterRegistry registry) {
        this.masks = masks;
        this.properties = properties;
        devices.onDeed(this::add);
        Gauge.builder("ovos.history.entries", this, History::count)
                .description("Conversations and deeds in the history")
                .register(registry);
    }

    private synchronized int count() {
        return entries.size();
    }

    private void add(
            Exchange exchange, Device device, String type, ObjectNode data, Future<String> relayed, Future<?> done) {
        Caller caller = Caller.of(exchange);
        String requestId = exchange.getProperty("requestId", String.class);
        String route = ExchangeHelper.getRouteId(exchange);
        Map<String, Object> masked = masked(data);
        relayed.onComplete(result -> {
            String id = result.succeeded() ? result.result() : nextUnsentId();
            change(id, device.name(), entry -> {
                entry.setCaller(caller, requestId, route);
                entry.setMessage(type, masked);
            });
            done.onComplete(outcome -> change(id, device.name(), entry -> {
                if (outcome.failed()) {
                    fail(entry, outcome.cause());
                } else if (!type.equals(UTTERANCE)) {
                    entry.end(HistoryEntry.DONE);
                }
            }));
        });
    }

    /** For a message that could not be sent, which has no id on the bus. */
    private synchronized String nextUnsentId() {
        return "unsent-" + Long.toString(++unsent, 36);
    }

    /** Adds an utterance of a conversation, or its status. */
    void add(ConversationEvent event) {
        if (event.requestId().isEmpty()) {
            return;
        }
        Map<String, Object> data = event.data();
        switch (event.type()) {
            case "asked" ->
                change(event.requestId(), event.device(), entry -> {
                    Object call = data.get("request_id");
                    entry.setCaller(event.owner(), call == null ? null : call.toString(), "converse");
                    entry.setConversation(event.conversationId());
                    entry.setUtterance(data.get("text"), data.get("lang"));
                });
            case "turn" ->
                change(event.requestId(), event.device(), entry -> {
                    String status = String.valueOf(data.get("status"));
                    entry.end(status.equals("complete") ? HistoryEntry.DONE : status);
                });
            default -> {}
        }
    }

    private Map<String, Object> masked(ObjectNode data) {
        String text = data.toString();
        return text.length() > LONGEST_DATA ? Map.of("omitted", text.length()) : Json.map(masks.mask(Json.map(data)));
    }

    private static void fail(HistoryEntry entry, Throwable cause) {
        ProblemException problem = ObjectHelper.getException(ProblemException.class, cause);
        if (problem == null) {
            entry.fail("internal", "See the log of the gateway.");
        } else {
            entry.fail(problem.problem().type(), problem.problem().detail());
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

    /** Completes the entry to which a message of the bus belongs, or begins one with an utterance at a device. */
    public synchronized void receive(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        String id = idOf(device, type, context);
        if (id != null && (type.equals(UTTERANCE) || entries.containsKey(id))) {
            change(id, device, entry -> complete(entry, type, context, data));
        }
    }

    /** Id of the entry to which a message belongs; null for none. */
    private String idOf(String device, String type, Map<String, Object> context) {
        if (context.get(REQUEST_ID) instanceof String id && id.length() <= LONGEST_ID) {
            return id;
        }
        if (!BusMessage.isOfDevice(context)) {
            return null;
        }
        if (type.equals(UTTERANCE)) {
            utterances.put(device, "voice-" + Long.toString(++voices, 36));
        }
        String last = utterances.get(device);
        HistoryEntry entry = last == null ? null : entries.get(last);
        if (entry == null) {
            return type.equals(UTTERANCE) ? last : null;
        }
        return entry.isOlderThan(TURN_NANOS) ? null : last;
    }

    private static void complete(
            HistoryEntry entry, String type, Map<String, Object> context, Map<String, Object> data) {
        switch (type) {
            case UTTERANCE ->
                entry.setUtterance(
                        data.get("utterances") instanceof List<?> texts && !texts.isEmpty() ? texts.get(0) : null,
                        data.get("lang"));
            case "speak" -> {
                Map<?, ?> meta = data.get("meta") instanceof Map<?, ?> map ? map : Map.of();
                Object skill = context.get("skill_id");
                entry.addAnswer(data.get("utterance"), skill == null ? meta.get("skill") : skill);
                if (Apology.is(meta.get("skill"), meta.get("dialog"))) {
                    entry.end(NOT_UNDERSTOOD);
                }
            }
            case "complete_intent_failure" -> entry.end(NOT_UNDERSTOOD);
            case "mycroft.skill.handler.error" -> entry.fail("skill-failed", String.valueOf(data.get("exception")));
            case "ovos.utterance.cancelled" -> entry.end("cancelled");
            case "ovos.utterance.handled" -> entry.end(HistoryEntry.DONE);
            default -> {
                Object skill = context.get("skill_id");
                if (skill != null && type.startsWith(skill + ":")) {
                    entry.setMatch(
                            skill,
                            IntentName.plain(type.substring(skill.toString().length() + 1)));
                }
            }
        }
    }

    /** The newest entries that the caller may see, as many as {@code limit} says. */
    public Map<String, Object> list(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        int limit = exchange.getMessage().getHeader("limit", 50, Integer.class);
        List<Map<String, Object>> results = new ArrayList<>();
        synchronized (this) {
            List<HistoryEntry> all = new ArrayList<>(entries.values());
            Collections.reverse(all);
            all.stream()
                    .filter(entry -> entry.isVisibleTo(caller))
                    .limit(limit)
                    .forEach(entry -> results.add(entry.toMap(caller.skills())));
        }
        return Map.of("entries", results);
    }

    /**
     * The entries of one request.
     *
     * @throws ProblemException 404 where there is none, or none that the caller may see
     */
    public Map<String, Object> get(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        String id = exchange.getMessage().getHeader("request_id", String.class);
        List<Map<String, Object>> results = new ArrayList<>();
        synchronized (this) {
            entries.values().stream()
                    .filter(entry -> entry.requestId().equals(id) && entry.isVisibleTo(caller))
                    .forEach(entry -> results.add(entry.toMap(caller.skills())));
        }
        if (results.isEmpty()) {
            throw new ProblemException(new Problem(
                    "unknown-request",
                    "There is no such request",
                    404,
                    "Nothing is known of this request. The gateway keeps the last ones only, of your own, and only those that had"
                            + " a device do something."));
        }
        return Map.of("entries", results);
    }
}
