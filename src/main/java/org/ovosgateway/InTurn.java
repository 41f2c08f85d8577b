// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles what comes one after the other, on worker threads; one that goes on asynchronously holds the next, but no
 * thread.
 */
public final class InTurn<T> {

    private static final Logger LOG = LoggerFactory.getLogger(InTurn.class);

    private enum Progress {
        BEGUN,
        /** Its handler has returned, and it will say when it is done. */
        GOES_ON,
        DONE
    }

    private final Vertx vertx;
    private final int limit;
    private final BiConsumer<T, Runnable> handler;
    private final long maxBytes;
    private final ToLongFunction<T> size;
    private final Consumer<T> lost;
    private final Deque<T> queue = new ArrayDeque<>();
    private long bytes;
    private boolean busy;

    /**
     * @param limit how many may wait; when there are more, the oldest is lost rather than the memory of the gateway
     * @param handler is given the next, and what to run when it is done, once, on any thread
     */
    public InTurn(Vertx vertx, int limit, BiConsumer<T, Runnable> handler) {
        this(vertx, limit, handler, item -> {});
    }

    /** @param lost is given each item that is never handled; must not block */
    public InTurn(Vertx vertx, int limit, BiConsumer<T, Runnable> handler, Consumer<T> lost) {
        this(vertx, limit, Long.MAX_VALUE, item -> 0, handler, lost);
    }

    /**
     * The same with a second limit.
     *
     * @param maxBytes how many bytes may wait, the last one apart
     * @param size the bytes of one
     */
    public InTurn(Vertx vertx, int limit, long maxBytes, ToLongFunction<T> size, BiConsumer<T, Runnable> handler) {
        this(vertx, limit, maxBytes, size, handler, item -> {});
    }

    private InTurn(
            Vertx vertx,
            int limit,
            long maxBytes,
            ToLongFunction<T> size,
            BiConsumer<T, Runnable> handler,
            Consumer<T> lost) {
        this.vertx = vertx;
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.size = size;
        this.handler = handler;
        this.lost = lost;
    }

    /** Never blocks. Gives false when the oldest had to go. */
    public boolean add(T item) {
        boolean room = true;
        long more = size.applyAsLong(item);
        synchronized (queue) {
            while (!queue.isEmpty() && (queue.size() >= limit || bytes + more > maxBytes)) {
                T oldest = queue.removeFirst();
                bytes -= size.applyAsLong(oldest);
                lost.accept(oldest);
                room = false;
            }
            queue.addLast(item);
            bytes += more;
            if (busy) {
                return room;
            }
            busy = true;
        }
        next();
        return room;
    }

    /** Takes out what waits, in order; it is not lost. */
    public List<T> takeAll() {
        synchronized (queue) {
            List<T> all = List.copyOf(queue);
            queue.clear();
            bytes = 0;
            return all;
        }
    }

    public void clear() {
        synchronized (queue) {
            queue.forEach(lost);
            queue.clear();
            bytes = 0;
        }
    }

    private void next() {
        vertx.executeBlocking(this::drain, false);
    }

    /** Handles what waits until there is nothing, or one goes on asynchronously; that one calls back. */
    private Object drain() {
        while (true) {
            T item;
            synchronized (queue) {
                item = queue.pollFirst();
                busy = item != null;
                bytes -= busy ? size.applyAsLong(item) : 0;
            }
            if (item == null) {
                return null;
            }
            AtomicReference<Progress> progress = new AtomicReference<>(Progress.BEGUN);
            Runnable done = () -> {
                if (!progress.compareAndSet(Progress.BEGUN, Progress.DONE)
                        && progress.compareAndSet(Progress.GOES_ON, Progress.DONE)) {
                    next();
                }
            };
            try {
                handler.accept(item, done);
            } catch (Throwable e) {
                // an error too: whatever it was, it must not keep the line busy for ever
                progress.set(Progress.DONE);
                LOG.error(
                        "What was heard could not be handled: {}", e.getClass().getName());
                LOG.debug("What was heard could not be handled", e);
            }
            if (progress.compareAndSet(Progress.BEGUN, Progress.GOES_ON)) {
                return null;
            }
        }
    }
}
