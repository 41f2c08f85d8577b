// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.concurrent.atomic.LongAdder;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The appender of the access log, which drops a line rather than wait, and counts it. */
public final class AccessLogQueue extends AsyncAppender {

    /** The lines that this process has dropped; the appender is made anew with each set-up of logging. */
    static final LongAdder DROPPED = new LongAdder();

    /** Made by Logback. */
    public AccessLogQueue() {
        setDiscardingThreshold(0);
        setNeverBlock(true);
    }

    // one at a time, so that no other line takes the place that was seen to be free
    @Override
    protected synchronized void append(ILoggingEvent line) {
        if (getRemainingCapacity() == 0) {
            DROPPED.increment();
        } else {
            super.append(line);
        }
    }
}
