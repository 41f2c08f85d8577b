// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.ovosgateway.Json;
import org.ovosgateway.api.EventStream;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Sends events to their readers, to all in the same order, and keeps the last events for readers who reconnect. Routes call it
 * as the bean {@code eventFeed}.
 */
@Component("eventFeed")
public class EventFeed {

    /** Type of the event for a reader who reconnects after its next event was dropped. */
    private static final String LOST = "lost";

    /** Before the types of messages of the bus, which nobody gets who does not ask for them by this. */
    private static final String RAW = "bus:";

    private static final String RAW_SCOPE = "bus:read";

    /** Each event is held against each of them. */
    private static final int MOST_LISTED = 50;

    private static final int LONGEST_LISTED = 100;

    private final Devices devices;
    private final Snapshots snapshots;
    private final EventsProperties properties;
    private final Counter events;
    private final Counter cutOff;
    private final Set<Reader> readers = new CopyOnWriteArraySet<>();
    private final Deque<EncodedEvent> recent = new ArrayDeque<>();

    /** Begins each id, so that the ids of an earlier run are not mistaken for ones of this run. */
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    private long recentSize;
    private long lastNumber;

    EventFeed(Devices devices, Snapshots snapshots, EventsProperties properties, MeterRegistry registry) {
        this.devices = devices;
        this.snapshots = snapshots;
        this.properties = properties;
        this.events = Counter.builder("ovos.events")
                .description("Events, whether a reader gets them or not")
                .register(registry);
        this.cutOff = Counter.builder("ovos.events.readers.cut.off")
                .description("Readers of events who were too slow")
                .register(registry);
        Gauge.builder("ovos.events.readers", readers, Set::size)
                .description("Readers of events")
                .register(registry);
    }

    /** Sends an event to all readers; never blocks. */
    void publish(String type, String device, Map<String, ?> data) {
        publish(type, device, null, data);
    }

    /**
     * Sends an event to one user, and to users with the scope {@code history:all}; never blocks.
     *
     * @param user null for everybody
     */
    void publish(String type, String device, String user, Map<String, ?> data) {
        synchronized (this) {
            EncodedEvent event = encode(++lastNumber, type, device, user, data);
            remember(event);
            readers.forEach(reader -> {
                if (reader.accepts(event) && !reader.send(event)) {
                    cutOff.increment();
                    readers.remove(reader);
                }
            });
        }
        events.increment();
    }

    /** Whether a reader asks for the messages of this type on the bus of this device; never blocks. */
    boolean wantsRaw(String type, String device) {
        return readers.stream().anyMatch(reader -> reader.acceptsRaw(type, device));
    }

    /** Sends a message of the bus to the readers who ask for it. It has no id and is not kept; never blocks. */
    void publishRaw(String type, String device, Map<String, ?> message) {
        EncodedEvent event = encode(0, RAW + type, device, null, message);
        readers.forEach(reader -> {
            if (reader.acceptsRaw(type, device) && !reader.send(event)) {
                cutOff.increment();
                readers.remove(reader);
            }
        });
        events.increment();
    }

    private EncodedEvent encode(long number, String type, String device, String user, Map<String, ?> data) {
        String id = number == 0 ? null : run + "-" + number;
        Map<String, Object> members = new LinkedHashMap<>();
        if (id != null) {
            members.put("id", id);
        }
        members.put("type", type);
        if (device != null) {
            members.put("device", device);
        }
        members.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        members.put("data", data);
        return new EncodedEvent(number, id, type, device, user, data, Json.write(members));
    }

    private void remember(EncodedEvent event) {
        recent.add(event);
        recentSize += event.size();
        while (!recent.isEmpty()
                && (recent.size() > properties.replay()
                        || recentSize > properties.replaySize().toBytes())) {
            recentSize -= recent.remove().size();
        }
    }

    /**
     * The events for the caller of an operation, as its headers say: of {@code types} and {@code devices}, since
     * {@code Last-Event-ID} or {@code last_event_id}, with {@code snapshot} the state of the devices first, and with
     * {@code follow} of false only those that the caller has missed.
     */
    public EventStream follow(Exchange exchange) {
        return open(exchange, Reader.Form.SSE);
    }

    /** The same for a WebSocket when it opens, by default with a snapshot; null for its later messages and its end. */
    public EventStream followBySocket(Exchange exchange) {
        return "OPEN".equals(exchange.getMessage().getHeader("CamelVertxWebsocket.event"))
                ? open(exchange, Reader.Form.WEBSOCKET)
                : null;
    }

    private EventStream open(Exchange exchange, Reader.Form form) {
        Caller caller = Caller.of(exchange);
        Message request = exchange.getMessage();
        List<String> names = list(request, "devices");
        names.forEach(device -> devices.of(caller, device));
        Predicate<String> ofDevices = names.isEmpty() ? caller::mayUse : names::contains;
        Reader reader = reader(caller, list(request, "types"), ofDevices, form);
        String since = Objects.requireNonNullElse(
                request.getHeader("last_event_id", String.class),
                Objects.requireNonNullElse(request.getHeader("Last-Event-ID", String.class), ""));
        boolean snapshot = flag(request, "snapshot", form == Reader.Form.WEBSOCKET);
        boolean follow = flag(request, "follow", true);
        synchronized (this) {
            List<EncodedEvent> beginning = new ArrayList<>();
            if (snapshot) {
                beginning.add(encode(0, "snapshot", null, null, snapshots.of(ofDevices)));
            }
            addMissed(since, reader, beginning);
            EventStream stream =
                    new EventStream(beginning.size() + properties.maxWaiting(), () -> readers.remove(reader));
            reader.attach(stream);
            beginning.forEach(reader::send);
            if (follow) {
                readers.add(reader);
            } else {
                reader.end();
            }
            return stream;
        }
    }

    private static Reader reader(Caller caller, List<String> patterns, Predicate<String> ofDevices, Reader.Form form) {
        List<String> raw = patterns.stream()
                .filter(pattern -> pattern.startsWith(RAW))
                .map(pattern -> pattern.substring(RAW.length()))
                .toList();
        if (raw.isEmpty()) {
            return new Reader(caller, TypePattern.anyOf(patterns), type -> false, ofDevices, form);
        }
        caller.require(RAW_SCOPE);
        caller.requireAllSkills();
        List<String> others =
                patterns.stream().filter(pattern -> !pattern.startsWith(RAW)).toList();
        return new Reader(
                caller,
                others.isEmpty() ? type -> false : TypePattern.anyOf(others),
                TypePattern.anyOf(raw),
                ofDevices,
                form);
    }

    /** Adds the events that a reader has missed since this id; none for an empty id. */
    private void addMissed(String since, Reader reader, List<EncodedEvent> missed) {
        if (since.isEmpty()) {
            return;
        }
        long received = number(since);
        long oldest = recent.isEmpty() ? lastNumber + 1 : recent.getFirst().number();
        if (received < 0) {
            missed.add(encode(0, LOST, null, null, Map.of("reason", "unknown-id")));
        } else if (received + 1 < oldest) {
            missed.add(encode(0, LOST, null, null, Map.of("reason", "too-old", "events", oldest - received - 1)));
        }
        recent.stream()
                .filter(event -> event.number() > received && reader.accepts(event))
                .forEach(missed::add);
    }

    /** The sequence number of an event; -1 where it is none of this run. */
    private long number(String id) {
        if (id.matches(run + "-\\d{1,18}")) {
            long number = Long.parseLong(id.substring(run.length() + 1));
            return number <= lastNumber ? number : -1;
        }
        return -1;
    }

    /** Nothing has validated the query of a WebSocket; the contract does it for an operation. */
    private static boolean flag(Message request, String name, boolean fallback) {
        String value = request.getHeader(name, String.class);
        if (value != null && !value.equals("true") && !value.equals("false")) {
            throw new ProblemException(Problems.validation(name, "must be true or false"));
        }
        return value == null ? fallback : value.equals("true");
    }

    private static List<String> list(Message request, String name) {
        Object header = request.getHeader(name);
        List<String> values = List.of();
        if (header instanceof List<?> list) {
            values = list.stream().map(String::valueOf).toList();
        } else if (header != null && !header.toString().isBlank()) {
            values = List.of(header.toString().split(","));
        }
        if (values.size() > MOST_LISTED || values.stream().anyMatch(value -> value.length() > LONGEST_LISTED)) {
            throw new ProblemException(Problems.validation(
                    name,
                    "must be a list of at most %d, of %d characters each".formatted(MOST_LISTED, LONGEST_LISTED)));
        }
        return values;
    }
}
