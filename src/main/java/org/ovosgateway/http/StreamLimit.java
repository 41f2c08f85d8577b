// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.HashMap;
import java.util.Map;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** What stays open until its caller leaves, event streams and WebSockets: bounded for each caller and for all together. */
public final class StreamLimit {

    private final Map<String, Integer> open = new HashMap<>();
    private final HttpProperties limits;
    private int all;

    StreamLimit(HttpProperties limits, MeterRegistry registry) {
        this.limits = limits;
        Gauge.builder("ovos.http.streams", this, StreamLimit::count)
                .description("Event streams and WebSockets that are open")
                .register(registry);
    }

    /**
     * Counts one more.
     *
     * @param caller a user, or an address where nobody knows who calls
     * @return to be run once, when it is closed
     * @throws ProblemException 429 or 503 where it would be too many
     */
    public synchronized Runnable open(String caller) {
        int own = open.getOrDefault(caller, 0);
        if (own >= limits.maxStreamsPerCaller()) {
            throw refusal(
                    429,
                    "You have as many event streams and WebSockets open as ovos.http.max-streams-per-caller allows.");
        }
        if (all >= limits.maxStreams()) {
            throw refusal(503, "As many event streams and WebSockets are open as ovos.http.max-streams allows.");
        }
        open.put(caller, own + 1);
        all++;
        return () -> close(caller);
    }

    private synchronized void close(String caller) {
        all--;
        open.computeIfPresent(caller, (name, own) -> own == 1 ? null : own - 1);
    }

    private synchronized int count() {
        return all;
    }

    private static ProblemException refusal(int status, String detail) {
        return new ProblemException(
                new Problem("too-many-streams", "Too many streams", status, detail + " Close one first.")
                        .header("Retry-After", "30"));
    }
}
