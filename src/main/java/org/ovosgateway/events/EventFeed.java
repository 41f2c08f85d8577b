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
import org.springframework.stereotype.Component;

/**
 * Tells readers what happens, each event to all of them in the same order, and keeps the last events for those who come back.
 * Routes call it as the bean {@code eventFeed}.
 */
@Component("eventFeed")
public class EventFeed {

    /** Told to a reader who comes back later than events are kept. */
    private static final String LOST = "lost";

    private final Devices devices;
    private final Snapshots snapshots;
    private final EventsProperties properties;
    private final Counter told;
    private final Counter cutOff;
    private final Set<Reader> readers = new CopyOnWriteArraySet<>();
    private final Deque<EncodedEvent> kept = new ArrayDeque<>();

    /** The ids of another run of the gateway are none of ours. */
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    private long keptSize;
    private long last;

    EventFeed(Devices devices, Snapshots snapshots, EventsProperties properties, MeterRegistry registry) {
        this.devices = devices;
        this.snapshots = snapshots;
        this.properties = properties;
        this.told = Counter.builder("ovos.events")
                .description("Events that happened, whoever heard of them")
                .register(registry);
        this.cutOff = Counter.builder("ovos.events.readers.cut.off")
                .description("Readers of events who were too slow")
                .register(registry);
        Gauge.builder("ovos.events.readers", readers, Set::size)
                .description("Readers of events")
                .register(registry);
    }

    /** Something has happened; never blocks. */
    void happened(String type, String device, Map<String, ?> data) {
        happened(type, device, null, data);
    }

    /**
     * The same for one user alone, and for those who may hear everything.
     *
     * @param user null for everybody
     */
    void happened(String type, String device, String user, Map<String, ?> data) {
        synchronized (this) {
            EncodedEvent event = encode(++last, type, device, user, data);
            keep(event);
            readers.forEach(reader -> {
                if (reader.hears(event) && !reader.tell(event)) {
                    cutOff.increment();
                    readers.remove(reader);
                }
            });
        }
        told.increment();
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
        return new EncodedEvent(number, id, type, device, user, Json.write(members));
    }

    private void keep(EncodedEvent event) {
        kept.add(event);
        keptSize += event.size();
        while (!kept.isEmpty()
                && (kept.size() > properties.replay()
                        || keptSize > properties.replaySize().toBytes())) {
            keptSize -= kept.remove().size();
        }
    }

    /**
     * What the caller of an operation hears: by {@code types} and {@code devices}, since {@code Last-Event-ID} or
     * {@code last_event_id}, with {@code snapshot} first what is, and with {@code follow} of false only what was.
     */
    public EventStream follow(Exchange exchange) {
        return open(exchange, Reader.Form.SSE);
    }

    /** The same for who has opened a WebSocket, which begins with what is; null for all that comes of one later. */
    public EventStream followBySocket(Exchange exchange) {
        return "OPEN".equals(exchange.getMessage().getHeader("CamelVertxWebsocket.event"))
                ? open(exchange, Reader.Form.WEBSOCKET)
                : null;
    }

    private EventStream open(Exchange exchange, Reader.Form form) {
        Caller caller = Caller.of(exchange);
        Message asked = exchange.getMessage();
        List<String> named = listed(asked.getHeader("devices"));
        named.forEach(device -> devices.of(caller, device));
        Predicate<String> ofDevices = named.isEmpty() ? caller::mayUse : named::contains;
        Reader reader = new Reader(caller, TypePattern.anyOf(listed(asked.getHeader("types"))), ofDevices, form);
        String since = Objects.requireNonNullElse(
                asked.getHeader("last_event_id", String.class),
                Objects.requireNonNullElse(asked.getHeader("Last-Event-ID", String.class), ""));
        boolean snapshot = asked.getHeader("snapshot", form == Reader.Form.WEBSOCKET, boolean.class);
        synchronized (this) {
            List<EncodedEvent> beginning = new ArrayList<>();
            if (snapshot) {
                beginning.add(encode(0, "snapshot", null, null, snapshots.of(ofDevices)));
            }
            missed(since, reader, beginning);
            EventStream stream =
                    new EventStream(beginning.size() + properties.maxWaiting(), () -> readers.remove(reader));
            reader.tellOn(stream);
            beginning.forEach(reader::tell);
            if (asked.getHeader("follow", true, boolean.class)) {
                readers.add(reader);
            } else {
                reader.end();
            }
            return stream;
        }
    }

    /** What a reader has missed since this id; nothing for one who is new. */
    private void missed(String since, Reader reader, List<EncodedEvent> missed) {
        if (since.isEmpty()) {
            return;
        }
        long heard = number(since);
        long oldest = kept.isEmpty() ? last + 1 : kept.getFirst().number();
        if (heard < 0) {
            missed.add(encode(0, LOST, null, null, Map.of("reason", "unknown-id")));
        } else if (heard + 1 < oldest) {
            missed.add(encode(0, LOST, null, null, Map.of("reason", "too-old", "events", oldest - heard - 1)));
        }
        kept.stream()
                .filter(event -> event.number() > heard && reader.hears(event))
                .forEach(missed::add);
    }

    /** Its place among all; -1 where it is none that was told since the gateway has started. */
    private long number(String id) {
        if (id.matches(run + "-\\d{1,18}")) {
            long number = Long.parseLong(id.substring(run.length() + 1));
            return number <= last ? number : -1;
        }
        return -1;
    }

    private static List<String> listed(Object header) {
        if (header instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        return header == null || header.toString().isBlank()
                ? List.of()
                : List.of(header.toString().split(","));
    }
}
