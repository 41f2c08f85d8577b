// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Remembers since when the broker is heard without a break, and the break before that. */
final class Listening {

    private boolean begun;
    private boolean broken;
    private long since;
    private long sinceBefore;
    private Moment lastSign;

    /**
     * A break ends now, or the first connection begins.
     *
     * @param lastSign when the broker was heard before the break; null when that is not known
     */
    synchronized void begin(Moment lastSign) {
        broken = begun;
        begun = true;
        sinceBefore = since;
        since = System.nanoTime();
        this.lastSign = lastSign;
    }

    /** How old something may be that is heard now, and was not so at that time ({@link System#nanoTime}). */
    synchronized Duration uncertainty(long nanos) {
        if (begun && nanos - since >= 0) {
            return Duration.ZERO;
        }
        boolean oneBreak = broken && lastSign != null && nanos - sinceBefore >= 0;
        return oneBreak ? lastSign.age() : ChronoUnit.FOREVER.getDuration();
    }
}
