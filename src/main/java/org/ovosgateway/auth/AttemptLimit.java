// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/**
 * Bounds what may fail for one key within a sliding window.
 *
 * <p>An attempt is counted before it is made, so that many at once get no further than one after the other, and taken
 * back when it succeeds.
 */
final class AttemptLimit {

    private static final int KEYS = 10_000;

    private final int limit;
    private final long window;
    private final Ticker ticker;
    private final Cache<String, Deque<Long>> attempts;

    AttemptLimit(int limit, Duration window, Ticker ticker) {
        this.limit = limit;
        this.window = window.toNanos();
        this.ticker = ticker;
        this.attempts = Caffeine.newBuilder()
                .maximumSize(KEYS)
                .expireAfterWrite(window)
                .ticker(ticker)
                .build();
    }

    /** Counts an attempt. What is returned is how long to wait if it may not be made, and then it is not counted. */
    Duration reserve(String key) {
        long now = ticker.read();
        long[] wait = {0};
        attempts.asMap().compute(key, (k, known) -> {
            Deque<Long> times = known == null ? new ArrayDeque<>() : known;
            while (!times.isEmpty() && now - times.getFirst() >= window) {
                times.removeFirst();
            }
            if (times.size() < limit) {
                times.addLast(now);
            } else {
                wait[0] = window - (now - times.getFirst());
            }
            return times;
        });
        return Duration.ofNanos(wait[0]);
    }

    /** Takes an attempt back. */
    void release(String key) {
        attempts.asMap().computeIfPresent(key, (k, times) -> {
            times.pollLast();
            return times.isEmpty() ? null : times;
        });
    }
}
