// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;

import org.ovosgateway.Backoff;

/**
 * Decides when the next attempt to connect is made. Each waits twice as long as the one before, until a connection has
 * lasted. Not thread-safe: it belongs to one Vert.x context.
 */
final class Reconnects {

    /** A connection that was lost sooner was not good, so the wait for the next one keeps growing. */
    private static final Duration PROVEN = Duration.ofSeconds(10);

    /** Brokers that do not say that another client has our id just close: Mosquitto 2.0.11 of Debian 12. */
    private static final int SUSPICIOUS_LOSSES = 3;

    private final Backoff backoff;
    private final Duration leastWhenTakenOver;
    private int attempt;
    private int shortLived;
    private long connectedAt;

    Reconnects(Backoff backoff) {
        this.backoff = backoff;
        this.leastWhenTakenOver = backoff.longest().dividedBy(2);
    }

    void connected() {
        connectedAt = System.nanoTime();
    }

    /** A connection is lost. Gives whether it had lasted. */
    boolean lost() {
        boolean proven = System.nanoTime() - connectedAt > PROVEN.toNanos();
        attempt = proven ? 0 : attempt;
        shortLived = proven ? 0 : shortLived + 1;
        return proven;
    }

    /** Whether connections are lost again and again soon after they are made. */
    boolean isSuspicious() {
        return shortLived >= SUSPICIOUS_LOSSES;
    }

    /** Milliseconds until the next attempt. */
    long delay(boolean takenOver) {
        return backoff.millis(attempt++, takenOver ? leastWhenTakenOver : Duration.ZERO);
    }
}
