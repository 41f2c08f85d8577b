// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that many holders may hold together, and no more.
 *
 * <p>A holder takes before it allocates and gives back exactly what it took. Safe for use by many threads.
 */
public final class Budget {

    private final long limit;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** @param limit bytes that may be held at a time */
    public Budget(long limit) {
        this.limit = limit;
    }

    /**
     * @param bytes how many more are wanted
     * @return false if that would exceed the limit; then nothing was taken, and the refusal is counted
     */
    public boolean take(long bytes) {
        long after = held.addAndGet(bytes);
        if (after <= limit) {
            return true;
        }
        held.addAndGet(-bytes);
        refused.incrementAndGet();
        return false;
    }

    /** @param bytes as many as were taken */
    public void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Bytes held now. */
    public long held() {
        return held.get();
    }

    /** Bytes that may be held at a time. */
    public long limit() {
        return limit;
    }

    /** How often {@link #take} has refused so far. */
    public long refused() {
        return refused.get();
    }
}
