// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.ovosgateway.Budget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory that all callers together take from the server: bounded, counted, and logged when it is not enough.
 *
 * <p>Callers without a token share a quarter of what is there for bodies, so that they cannot keep out the others.
 */
public final class Load {

    private static final Logger LOG = LoggerFactory.getLogger(Load.class);
    private static final int STRANGERS_SHARE = 4;
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final List<Budget> unsent = new CopyOnWriteArrayList<>();
    private final AtomicLong cutOff = new AtomicLong();
    private final AtomicLong logged = new AtomicLong(System.nanoTime() - LOG_NANOS);
    private final HttpProperties limits;
    private final Budget bodies;
    private final Budget strangers;
    private final Budget streams;
    private final Uploads uploads;

    Load(HttpProperties limits, MeterRegistry registry) {
        this.limits = limits;
        long most = limits.maxBodies().toBytes();
        bodies = new Budget(most);
        strangers = new Budget(most / STRANGERS_SHARE);
        streams = new Budget(Math.max(1, limits.workers() / 2));
        uploads = new Uploads(limits.maxUploads().toBytes());
        Gauge.builder("ovos.http.uploads", uploads.budget(), Budget::held)
                .baseUnit("bytes")
                .description("Uploaded files on disk")
                .register(registry);
        Gauge.builder("ovos.http.bodies", bodies, Budget::held)
                .baseUnit("bytes")
                .description("Request bodies in memory")
                .register(registry);
        Gauge.builder(
                        "ovos.http.unsent",
                        unsent,
                        all -> all.stream().mapToLong(Budget::held).sum())
                .baseUnit("bytes")
                .description("Answers in memory that their callers have not taken yet")
                .register(registry);
        FunctionCounter.builder(
                        "ovos.http.bodies.refused", this, load -> load.bodies.refused() + load.strangers.refused())
                .description("Requests answered with 503 because there were too many bodies in memory")
                .register(registry);
        FunctionCounter.builder("ovos.http.cut.off", cutOff, AtomicLong::get)
                .description("Connections ended because their callers took too long to send, or to read")
                .register(registry);
    }

    /**
     * @param known whether the caller has a token
     * @return false when there is no room; otherwise the bytes are to be given back
     */
    public boolean takeBody(boolean known, int bytes) {
        if (!known && !strangers.take(bytes)) {
            refused();
            return false;
        }
        if (!bodies.take(bytes)) {
            if (!known) {
                strangers.giveBack(bytes);
            }
            refused();
            return false;
        }
        return true;
    }

    /** Gives back as much as was taken. */
    public void giveBackBody(boolean known, int bytes) {
        bodies.giveBack(bytes);
        if (!known) {
            strangers.giveBack(bytes);
        }
    }

    /** Whether one more body may be read by a route while it arrives: each keeps a worker, and half of them must stay free. */
    boolean takeStream() {
        boolean taken = streams.take(1);
        if (!taken) {
            log(
                    "Bodies that are read while they arrive keep half of ovos.http.workers; {} more were refused so far",
                    streams.refused());
        }
        return taken;
    }

    void giveBackStream() {
        streams.giveBack(1);
    }

    public Uploads uploads() {
        return uploads;
    }

    /**
     * What the callers of one listener may leave unsent.
     *
     * @param listeners how many share the memory
     */
    Budget unsent(int listeners) {
        Budget share = new Budget(limits.maxUnsent().toBytes() / listeners);
        unsent.add(share);
        return share;
    }

    /** A caller who took too long has lost the connection. */
    void cutOff() {
        cutOff.incrementAndGet();
        log("Callers are cut off because they take too long to send or to read; {} so far", cutOff.get());
    }

    private void refused() {
        log(
                "Request bodies fill their part of ovos.http.max-bodies, so calls are answered with 503; {} so far",
                bodies.refused() + strangers.refused());
    }

    private void log(String message, long count) {
        long last = logged.get();
        long now = System.nanoTime();
        if (now - last >= LOG_NANOS && logged.compareAndSet(last, now)) {
            LOG.warn(message, count);
        }
    }
}
