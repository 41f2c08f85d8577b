// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The wait between attempts to connect: it doubles up to the longest. A random part of it, at most half, is left out, so
 * that many gateways don't return to a restarted server in one moment.
 */
public record Backoff(Duration first, Duration longest) {

    /** @param attempt counted from 0 */
    public long millis(int attempt) {
        return millis(attempt, Duration.ZERO);
    }

    /** @param least what it has grown to at least, before the random part is left out */
    public long millis(int attempt, Duration least) {
        long grown = Math.min(longest.toMillis(), first.toMillis() << Math.min(attempt, 20));
        long whole = Math.max(grown, least.toMillis());
        return Math.max(1, whole / 2 + ThreadLocalRandom.current().nextLong(whole / 2 + 1));
    }
}
