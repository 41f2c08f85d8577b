// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.time.Duration;
import java.util.BitSet;
import java.util.function.Consumer;

import org.awaitility.core.ConditionFactory;

import static org.awaitility.Awaitility.await;

/** What came out of a loudspeaker, as one loud or silent window after the other; its clock is that of the sound. */
public final class Recording {

    static final Duration WINDOW = Duration.ofMillis(20);
    private static final ConditionFactory PATIENTLY =
            await().atMost(Duration.ofSeconds(60)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    /** Nobody takes breath for longer while speaking. */
    private static final Duration BREATH = Duration.ofMillis(800);

    private final BitSet loud = new BitSet();
    private int windows;
    private int lastLoud = -1;
    private Consumer<String> journal = what -> {};

    Recording() {}

    /** Tells this when a sound begins and when it is over. */
    synchronized void tell(Consumer<String> journal) {
        this.journal = journal;
    }

    synchronized void take(boolean isLoud) {
        int breath = (int) BREATH.dividedBy(WINDOW);
        if (isLoud) {
            if (lastLoud < 0 || windows - lastLoud > breath) {
                journal.accept("loud begins at " + length());
            }
            lastLoud = windows;
        } else if (lastLoud >= 0 && windows - lastLoud == breath) {
            journal.accept("loud has ended at " + WINDOW.multipliedBy(lastLoud));
        }
        loud.set(windows++, isLoud);
    }

    /** How much has been recorded until now, sound or silence. */
    public synchronized Duration length() {
        return WINDOW.multipliedBy(windows);
    }

    /** How much of what was recorded from there on was sound. */
    public synchronized Duration soundSince(Duration start) {
        int from = (int) start.dividedBy(WINDOW);
        return WINDOW.multipliedBy(loud.get(from, Math.max(from, windows)).cardinality());
    }

    /** Waits until something has sounded from there on. */
    public void awaitSoundSince(Duration start) {
        PATIENTLY.until(() -> !soundSince(start).isZero());
    }

    /** Waits until nothing has sounded for longer than somebody takes breath, which may be so already. */
    void awaitPause() {
        PATIENTLY.until(() -> {
            Duration length = length();
            return length.compareTo(BREATH) >= 0
                    && soundSince(length.minus(BREATH)).isZero();
        });
    }

    /** Waits until nothing has sounded for longer than somebody takes breath, counted from now. */
    public void awaitSilence() {
        awaitSilence(BREATH);
    }

    /** The same for another time. */
    public void awaitSilence(Duration time) {
        Duration start = length();
        PATIENTLY.until(() -> {
            Duration from = length().minus(time);
            return from.compareTo(start) >= 0 && soundSince(from).isZero();
        });
    }
}
