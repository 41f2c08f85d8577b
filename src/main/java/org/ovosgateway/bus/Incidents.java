// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What goes wrong on the bus of one device without failing a call: all of it is counted, each type is reported once a minute. */
final class Incidents {

    private static final Duration REPORT_AGAIN = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    private final String device;
    private final MeterRegistry meters;
    private final List<Consumer<Incident>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Long> reportedAt = new ConcurrentHashMap<>();

    Incidents(String device, MeterRegistry meters) {
        this.device = device;
        this.meters = meters;
    }

    /** @return ends it */
    Runnable listen(Consumer<Incident> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * @param type stable name, such as {@code message-skipped}
     * @param detail what was wrong, and what to do
     * @param guard calls a listener, and keeps what it throws from the others
     */
    void report(String type, String detail, Consumer<Runnable> guard) {
        Counter.builder("ovos.bus.incidents")
                .description("What went wrong on the bus without failing a call")
                .tag("device", device)
                .tag("type", type)
                .register(meters)
                .increment();
        long now = System.nanoTime();
        Long before = reportedAt.get(type);
        if (before == null || now - before > REPORT_AGAIN.toNanos()) {
            reportedAt.put(type, now);
            LOG.warn("'{}': {}", device, detail);
            Incident incident = new Incident(device, type, detail);
            listeners.forEach(listener -> guard.accept(() -> listener.accept(incident)));
        }
    }
}
