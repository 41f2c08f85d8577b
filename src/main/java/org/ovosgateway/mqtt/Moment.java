// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A point in time that can say how long ago it was, also after the machine was suspended.
 *
 * <p>Java's monotonic clock stands still during a suspend, and the clock on the wall may be set back: the longer of the two
 * counts.
 */
record Moment(Clocks clocks, long nanos, long millis) {

    /**
     * @param monotonic nanoseconds
     * @param wall milliseconds
     */
    record Clocks(LongSupplier monotonic, LongSupplier wall) {

        static final Clocks SYSTEM = new Clocks(System::nanoTime, System::currentTimeMillis);

        Moment now() {
            return new Moment(this, monotonic.getAsLong(), wall.getAsLong());
        }
    }

    static Moment now() {
        return Clocks.SYSTEM.now();
    }

    /** How long ago it was. */
    Duration age() {
        Duration monotonic = Duration.ofNanos(clocks.monotonic().getAsLong() - nanos);
        Duration wall = Duration.ofMillis(clocks.wall().getAsLong() - millis);
        return wall.compareTo(monotonic) > 0 ? wall : monotonic;
    }
}
