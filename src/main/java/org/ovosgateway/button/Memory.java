// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/** Remembers presses, so that one of which several messages tell acts once; it forgets before it takes much room. */
final class Memory {

    private static final int REMEMBERED = 2_000;
    /** Some remotes say "hold" about every second while they are held. */
    private static final long HOLD_REPEATS_NANOS = Duration.ofMillis(1500).toNanos();
    /** Routes that hear one message do so within this; what was heard before that is an old press told again. */
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    private final Ticker ticker;
    /** By endpoint and button: the key of the last press. */
    private final Cache<String, String> last;
    /** By button, whoever heard it: the key of the last press, and since when. */
    private final Cache<String, Heard> heard;
    /** By endpoint, button and key: when it was heard last. */
    private final Cache<String, Long> recent;
    /** By endpoint and button: when its hold was last heard. */
    private final Cache<String, Long> held;

    Memory(Ticker ticker) {
        this.ticker = ticker;
        last = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
        heard = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
        recent = forgetting();
        held = forgetting();
    }

    private Cache<String, Long> forgetting() {
        return Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(Duration.ofHours(1))
                .ticker(ticker)
                .build();
    }

    private record Heard(String key, long since) {}

    /**
     * The press as it is to be taken, an end of a hold being known as one; nothing if it is told again.
     *
     * @param endpoint who asks: each endpoint takes a press once
     * @param window zero: only keys and holds tell repetitions
     * @param meant false leaves no trace
     */
    synchronized Optional<Press> first(
            String endpoint, Family.Repeats repeats, Duration window, Press press, boolean meant) {
        String button = press.source() + "\n" + press.button();
        boolean again = switch (repeats) {
            case NOT_KNOWN -> !window.isZero() && within(endpoint, window, press, meant);
            case WITHIN_WINDOW -> within(endpoint, window, press, meant);
            case SAME_AS_LAST -> press.key() != null && sameAsLast(endpoint, button, press.key(), meant);
        };
        return again ? Optional.empty() : held(endpoint + "\n" + button, press, meant);
    }

    private boolean within(String endpoint, Duration window, Press press, boolean meant) {
        String id = String.join(
                "\n",
                endpoint,
                press.source(),
                press.button(),
                press.gesture().word(),
                press.key() == null ? "" : press.key());
        long now = ticker.read();
        Long before = recent.getIfPresent(id);
        if (meant) {
            recent.put(id, now);
        }
        return before != null && now - before < window.toNanos();
    }

    private boolean sameAsLast(String endpoint, String button, String key, boolean meant) {
        long now = ticker.read();
        String mine = last.getIfPresent(endpoint + "\n" + button);
        Heard known = heard.getIfPresent(button);
        boolean same = known != null && known.key.equals(key);
        if (meant) {
            last.put(endpoint + "\n" + button, key);
            if (!same) {
                heard.put(button, new Heard(key, now));
            }
        }
        // an endpoint that is new, as after an edit, knows what the others have heard long ago
        return key.equals(mine) || mine == null && same && now - known.since > FRESH_NANOS;
    }

    private Optional<Press> held(String id, Press press, boolean meant) {
        long now = ticker.read();
        Long since = held.getIfPresent(id);
        if (press.gesture().begins()) {
            if (meant) {
                held.put(id, now);
            }
            return since != null && now - since < HOLD_REPEATS_NANOS ? Optional.empty() : Optional.of(press);
        }
        boolean ends = press.gesture() == Gesture.UP || press.gesture() == Gesture.RELEASE;
        if (ends && meant) {
            held.invalidate(id);
        }
        return Optional.of(press.gesture() == Gesture.UP && since != null ? press.with(Gesture.RELEASE) : press);
    }
}
