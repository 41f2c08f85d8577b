// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

import io.vertx.core.buffer.Buffer;

/**
 * A body that is read while it arrives: on a worker, from what the event loop hands over. Of what the reader has not taken yet,
 * little is kept; then the caller has to wait.
 */
public final class BodyStream extends InputStream {

    /** Bytes that wait for the reader, and a part more. */
    static final int MOST = 64 << 10;

    private final Deque<Buffer> parts = new ArrayDeque<>();
    private final Runnable resume;
    private int offset;
    private int waiting;
    private boolean paused;
    private boolean ended;
    private boolean closed;
    private Throwable failure;

    /** @param resume has the body read on; called on any thread */
    BodyStream(Runnable resume) {
        this.resume = resume;
    }

    /** Hands over the next part; gives true where the body is not to be read on until {@code resume} is called. */
    synchronized boolean offer(Buffer part) {
        if (closed || part.length() == 0) {
            return false;
        }
        parts.add(part);
        waiting += part.length();
        notifyAll();
        paused = waiting >= MOST;
        return paused;
    }

    /** That was all. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** There will be no more. */
    synchronized void fail(Throwable why) {
        failure = why;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] into, int start, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (parts.isEmpty()) {
            if (closed) {
                throw new IOException("The stream of the body is closed");
            }
            if (failure != null) {
                throw new IOException("The body did not arrive", failure);
            }
            if (ended) {
                return -1;
            }
            await();
        }
        Buffer first = parts.getFirst();
        int taken = Math.min(length, first.length() - offset);
        first.getBytes(offset, offset + taken, into, start);
        offset += taken;
        waiting -= taken;
        if (offset == first.length()) {
            parts.removeFirst();
            offset = 0;
        }
        readOn();
        return taken;
    }

    private void await() throws InterruptedIOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while the body was read");
        }
    }

    private void readOn() {
        if (paused && waiting < MOST / 2) {
            paused = false;
            resume.run();
        }
    }

    @Override
    public synchronized int available() {
        return waiting;
    }

    /** The rest is not wanted. */
    @Override
    public synchronized void close() {
        closed = true;
        parts.clear();
        waiting = 0;
        offset = 0;
        readOn();
        notifyAll();
    }
}
