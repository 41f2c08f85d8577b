// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;

/**
 * The appender of the access log: lines wait in a queue until a thread writes them to standard output, many at once.
 *
 * <p>It drops a line rather than wait, and counts it.
 */
public final class AccessLogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {

    /** The lines that this process has dropped; the appender is made anew with each set-up of logging. */
    static final LongAdder DROPPED = new LongAdder();

    /** For so long lines are gathered: to wake a thread and to write cost more than the line itself. */
    private static final long GATHER_MILLIS = 10;

    private static final int BATCH_BYTES = 32 << 10;
    private static final long STOP_MILLIS = 1_000;

    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private Encoder<ILoggingEvent> encoder;
    private int queueSize;
    private BlockingQueue<ILoggingEvent> queue;
    private Thread writer;

    /** Made by Logback. */
    public AccessLogQueue() {}

    /** Makes a line of an event; set by Logback. */
    public void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    /** How many lines may wait; set by Logback. */
    public void setQueueSize(int queueSize) {
        this.queueSize = queueSize;
    }

    @Override
    public void start() {
        queue = new ArrayBlockingQueue<>(queueSize);
        writer = new Thread(this::write, "access-log");
        writer.setDaemon(true);
        writer.start();
        super.start();
    }

    /** Writes what waits, unless that takes longer than a second. */
    @Override
    public void stop() {
        if (!isStarted()) {
            return;
        }
        super.stop();
        writer.interrupt();
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void append(ILoggingEvent line) {
        line.prepareForDeferredProcessing();
        if (!queue.offer(line)) {
            DROPPED.increment();
        }
    }

    private void write() {
        List<ILoggingEvent> lines = new ArrayList<>();
        boolean stopped = false;
        while (!stopped) {
            try {
                lines.add(queue.take());
                Thread.sleep(GATHER_MILLIS);
            } catch (InterruptedException e) {
                stopped = true;
            }
            queue.drainTo(lines);
            lines.forEach(this::write);
            flush();
            lines.clear();
        }
    }

    private void write(ILoggingEvent line) {
        try {
            batch.writeBytes(encoder.encode(line));
        } catch (RuntimeException e) {
            addError("A line of the access log could not be made", e);
        }
        if (batch.size() >= BATCH_BYTES) {
            flush();
        }
    }

    private void flush() {
        // one write, so that lines of the other log stand between these, and not inside
        System.out.write(batch.toByteArray(), 0, batch.size());
        System.out.flush();
        batch.reset();
    }
}
