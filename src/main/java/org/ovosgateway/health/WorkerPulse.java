// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.time.Duration;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Whether the worker threads, on which all that blocks is run, still get to what waits for them.
 *
 * <p>They may be busy for a while; they are stuck when a small piece of work has waited longer than our patience.
 */
final class WorkerPulse {

    private final Vertx vertx;
    private final Duration patience;
    private Future<Void> beat = Future.succeededFuture();
    private long since;

    WorkerPulse(Vertx vertx, Duration patience) {
        this.vertx = vertx;
        this.patience = patience;
    }

    /** Looks at the pulse of the last call, and begins another if that one has come back. */
    synchronized boolean isAlive() {
        long now = System.nanoTime();
        if (beat.isComplete()) {
            since = now;
            beat = vertx.executeBlocking(() -> null, false);
        }
        return now - since <= patience.toNanos();
    }
}
