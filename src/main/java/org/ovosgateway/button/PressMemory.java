// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.time.InstantSource;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/**
 * Tells a press from a second report of it.
 *
 * <p>What counts is the press, not the message: the same press comes with another signal strength, on another topic,
 * from another gateway, and from some sources every 30 seconds until there is the next one, restarts included. It
 * forgets before it takes much room.
 */
final class PressMemory {

    private static final int REMEMBERED = 2_000;
    /** Some remotes say "hold" about every second while they are held. */
    private static final long HOLD_REPEATS_NANOS = Duration.ofMillis(1500).toNanos();
    /** How long after a hold that had to settle a click is its end. */
    private static final long HOLD_ENDS_NANOS = Duration.ofSeconds(15).toNanos();
    /** Routes that hear one message do so within this; what was heard before that is an old press told again. */
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    /** Longer than it takes until all routes have heard a message, and shorter than any source repeats itself. */
    private static final long REPEAT_NANOS = Duration.ofSeconds(5).toNanos();

    private static final long STATUS_NANOS = Duration.ofSeconds(3).toNanos();

    private final Ticker ticker;
    private final InstantSource clock;
    private final LastPresses lastPresses;
    private final Duration echo;
    private final Freshness freshness;
    /** By endpoint and button: the key of the last press. */
    private final Cache<String, String> taken;
    /** By endpoint, button and key or gesture: when it was heard last, or first where repetitions do not count. */
    private final Cache<String, Long> recent;
    /** By endpoint and button: its hold. */
    private final Cache<String, Held> held;
    /** By endpoint and device: when a key without a name was pressed. */
    private final Cache<String, Long> oneKey;

    /** Whether a press that a source repeats can be an old one. */
    interface Freshness {

        /** @param nanos when the source last reported another press, by the ticker */
        boolean isFresh(long nanos);
    }

    /** @param echo for how long the same gesture is the same press, where a family does not say it */
    PressMemory(Ticker ticker, InstantSource clock, LastPresses lastPresses, Duration echo, Freshness freshness) {
        this.ticker = ticker;
        this.clock = clock;
        this.lastPresses = lastPresses;
        this.echo = echo;
        this.freshness = freshness;
        taken = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
        recent = forgetting(ticker);
        held = forgetting(ticker);
        oneKey = forgetting(ticker);
    }

    private static <T> Cache<String, T> forgetting(Ticker ticker) {
        return Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(Duration.ofHours(1))
                .ticker(ticker)
                .build();
    }

    /** @param settled whether it was known to be a hold only after a time */
    private record Held(long since, boolean settled) {}

    /**
     * What a report is.
     *
     * @param press as it is to be taken, an end of a hold being known as one
     */
    record Verdict(Press press, Kind kind) {

        enum Kind {
            NEW,
            AGAIN,
            /**
             * Its source repeats its last press, and nothing is known of the button, or the gateway was away: it may be an
             * old one.
             */
            FIRST_HEARD
        }

        boolean isNew() {
            return kind == Kind.NEW;
        }
    }

    /**
     * @param endpoint who asks: each endpoint takes a press once
     * @param window how long a repetition is one; null: as the family has it
     * @param meant false leaves no trace
     */
    synchronized Verdict judge(String endpoint, Family family, Duration window, Press press, boolean meant) {
        String button = press.source() + "\n" + press.button();
        Verdict.Kind kind;
        if (press.key() == null || family.repeats() == Family.Repeats.NOT_KNOWN) {
            kind = echo(endpoint, family, window, press, meant);
        } else if (family.repeats() == Family.Repeats.SAME_AS_LAST) {
            kind = counted(endpoint, button, press, meant);
        } else {
            kind = numbered(endpoint, button, window == null ? family.window() : window, press, meant);
        }
        if (family == Family.ZIGBEE2MQTT && isStatus(endpoint, press, meant)) {
            kind = Verdict.Kind.AGAIN;
        }
        Press known = press;
        if (press.gesture().settles().isZero()) {
            boolean heldOn = press.gesture().begins() && isHeldOn(endpoint + "\n" + button, meant);
            kind = heldOn ? Verdict.Kind.AGAIN : kind;
            if (kind == Verdict.Kind.NEW) {
                known = end(endpoint + "\n" + button, press, meant);
            }
        } else if (press.gesture().begins() && kind == Verdict.Kind.NEW) {
            boolean heldOn = isHeldOn(endpoint + "\n" + button);
            if (heldOn && meant) {
                settled(endpoint, press);
            }
            kind = heldOn ? Verdict.Kind.AGAIN : kind;
        }
        return new Verdict(known, kind);
    }

    /** A hold that had to settle is one. */
    synchronized void settled(String endpoint, Press press) {
        if (press.gesture().begins()) {
            held.put(endpoint + "\n" + press.source() + "\n" + press.button(), new Held(ticker.read(), true));
        }
    }

    /** Returns when what was heard is on the disk. */
    void keep() {
        lastPresses.keep();
    }

    private Verdict.Kind echo(String endpoint, Family family, Duration window, Press press, boolean meant) {
        Duration usual = family.echo() == null ? echo : family.echo();
        long nanos = (window == null ? usual : window).toNanos();
        String id = id(endpoint, press, "");
        long now = ticker.read();
        Long before = recent.getIfPresent(id);
        boolean again = before != null && now - before < nanos;
        // a remote that sends for as long as it is pressed is one press; a finger that is quick is not
        if (meant && (!again || family.sendsOn())) {
            recent.put(id, now);
        }
        return again ? Verdict.Kind.AGAIN : Verdict.Kind.NEW;
    }

    private Verdict.Kind numbered(String endpoint, String button, Duration window, Press press, boolean meant) {
        String id = id(endpoint, press, press.key());
        long now = ticker.read();
        Long before = recent.getIfPresent(id);
        LastPresses.Known known = lastPresses.get(button);
        long millis = clock.millis();
        boolean again = before != null
                ? now - before < window.toNanos()
                : known != null
                        && known.old()
                        && known.key().equals(press.key())
                        && millis - known.millis() < window.toMillis();
        if (meant) {
            recent.put(id, now);
            if (!again) {
                lastPresses.put(button, new LastPresses.Known(press.key(), millis, now, true, false, now, false));
            }
        }
        return again ? Verdict.Kind.AGAIN : Verdict.Kind.NEW;
    }

    private Verdict.Kind counted(String endpoint, String button, Press press, boolean meant) {
        long now = ticker.read();
        String id = endpoint + "\n" + button;
        String mine = taken.getIfPresent(id);
        LastPresses.Known known = lastPresses.get(button);
        boolean same = known != null && known.key().equals(press.key());
        // a button that only reports when it is pressed has just been pressed
        boolean fresh =
                known != null && (!known.repeats() || known.heard() != null && freshness.isFresh(known.heard()));
        if (meant) {
            taken.put(id, press.key());
            lastPresses.put(
                    button,
                    same
                            ? known.heardAgain(
                                    now, known.repeats() || known.old() || now - known.since() > REPEAT_NANOS)
                            : new LastPresses.Known(
                                    press.key(),
                                    clock.millis(),
                                    now,
                                    fresh,
                                    false,
                                    now,
                                    known != null && known.repeats()));
        }
        if (known == null) {
            // who tries a message means a press
            return meant ? Verdict.Kind.FIRST_HEARD : Verdict.Kind.NEW;
        }
        // an endpoint that is new, as after an edit, knows what the others have heard long ago
        boolean again = press.key().equals(mine) || same && (known.old() || now - known.since() > FRESH_NANOS);
        boolean maybeOld = same ? !known.press() : meant && !fresh;
        return again ? Verdict.Kind.AGAIN : maybeOld ? Verdict.Kind.FIRST_HEARD : Verdict.Kind.NEW;
    }

    /** Some buttons with one key, of Heiman and SmartThings, say off after each press; of others off is a key. */
    private boolean isStatus(String endpoint, Press press, boolean meant) {
        String id = endpoint + "\n" + press.source();
        if (press.button().equals("off") && press.gesture() == Gesture.SINGLE) {
            Long before = oneKey.getIfPresent(id);
            return before != null && ticker.read() - before < STATUS_NANOS;
        }
        if (meant
                && press.button().isEmpty()
                && (press.gesture().count() != null || press.gesture().begins())) {
            oneKey.put(id, ticker.read());
        }
        return false;
    }

    private static String id(String endpoint, Press press, String key) {
        return String.join(
                "\n", endpoint, press.source(), press.button(), press.gesture().word(), key);
    }

    private boolean isHeldOn(String id) {
        Held before = held.getIfPresent(id);
        return before != null && ticker.read() - before.since() < HOLD_REPEATS_NANOS;
    }

    private boolean isHeldOn(String id, boolean meant) {
        boolean heldOn = isHeldOn(id);
        if (meant) {
            held.put(id, new Held(ticker.read(), false));
        }
        return heldOn;
    }

    private Press end(String id, Press press, boolean meant) {
        Gesture gesture = press.gesture();
        if (gesture.begins()) {
            return press;
        }
        Held before = held.getIfPresent(id);
        boolean click = gesture.count() != null;
        boolean ends = gesture == Gesture.UP
                || gesture == Gesture.RELEASE
                || before != null && gesture == Gesture.LONG
                || before != null && before.settled() && click && ticker.read() - before.since() < HOLD_ENDS_NANOS;
        if (ends && meant) {
            held.invalidate(id);
        }
        return ends && before != null ? press.with(Gesture.RELEASE) : press;
    }
}
