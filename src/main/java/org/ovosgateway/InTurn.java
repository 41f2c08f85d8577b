// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles what comes one after the other, on worker threads; one that goes on asynchronously holds the next, but no
 * thread.
 */
public final class InTurn<T> {

    private static final Logger LOG = LoggerFactory.getLogger(InTurn.class);

    private final Vertx vertx;
    private final int limit;
    private final BiConsumer<T, Runnable> handler;
    private final Deque<T> queue = new ArrayDeque<>();
    private boolean busy;

    /**
     * @param limit how many may wait; when there are more, the oldest is lost rather than the memory of the gateway
     * @param handler is given the next, and what to run when it is done, once, on any thread
     */
    public InTurn(Vertx vertx, int limit, BiConsumer<T, Runnable> handler) {
        this.vertx = vertx;
        this.limit = limit;
        this.handler = handler;
    }

    /** Never blocks. Gives false when the oldest had to go. */
    public boolean add(T item) {
        boolean room;
        synchronized (queue) {
            room = queue.size() < limit;
            if (!room) {
                queue.removeFirst();
            }
            queue.addLast(item);
            if (busy) {
                return room;
            }
            busy = true;
        }
        next();
        return room;
    }

    public void clear() {
        synchronized (queue) {
            queue.clear();
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
            }
            if (item == null) {
                return null;
            }
            // false until either the handler or its item is done: whoever is second goes on
            AtomicBoolean first = new AtomicBoolean();
            Runnable done = () -> {
                if (first.getAndSet(true)) {
                    next();
                }
            };
            try {
                handler.accept(item, done);
            } catch (RuntimeException e) {
                LOG.error(
                        "What was heard could not be handled: {}", e.getClass().getName());
                LOG.debug("What was heard could not be handled", e);
                first.set(true);
                continue;
            }
            if (!first.getAndSet(true)) {
                return null;
            }
        }
    }
}
