// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpMethod;
import org.springframework.stereotype.Component;

/** Times requests as {@code ovos.http.requests}, by operation, method and status, and counts those that were not logged. */
@Component
final class RequestMetrics {

    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS);
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
    private final MeterRegistry registry;

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
        FunctionCounter.builder("ovos.access.log.dropped", AccessLogQueue.DROPPED, LongAdder::sum)
                .description("Lines of the access log that were dropped because the console is too slow")
                .register(registry);
    }

    /** Counts an ended request; the operation is one of the contract's, or null. */
    void record(Object operation, HttpMethod method, int status, long nanos) {
        Series series = new Series(
                operation == null ? "none" : operation.toString(),
                METHODS.contains(method) ? method.name() : "OTHER",
                status);
        Timer timer = timers.get(series);
        if (timer == null) {
            timer = timers.computeIfAbsent(series, this::timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Series series) {
        return Timer.builder("ovos.http.requests")
                .description("Requests answered, and the time from their headers to the end of the answer")
                .tag("operation", series.operation)
                .tag("method", series.method)
                .tag("status", Integer.toString(series.status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private record Series(String operation, String method, int status) {

        // those of a record are slow where only the C1 compiler is

        @Override
        public int hashCode() {
            return (31 * operation.hashCode() + method.hashCode()) * 31 + status;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Series that
                    && status == that.status
                    && method.equals(that.method)
                    && operation.equals(that.operation);
        }
    }
}
