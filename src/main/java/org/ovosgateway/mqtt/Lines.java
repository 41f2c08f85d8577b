// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

import io.vertx.core.Vertx;
import org.ovosgateway.Budget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the messages of one topic act one after the other, on workers, and those of others beside them.
 *
 * <p>A line exists for as long as one of its messages is under way. What finds no room is refused, so what is in a line
 * keeps its order.
 */
final class Lines {

    private static final Logger LOG = LoggerFactory.getLogger(Lines.class);

    private final Vertx vertx;
    private final int longest;
    private final Budget bytes;
    private final BiConsumer<Publication, Runnable> handler;
    /** By topic: those that wait for the one under way. */
    private final Map<String, Deque<Publication>> waiting = new HashMap<>();

    /**
     * @param longest how many may wait in a line
     * @param bytes what may wait in all lines together
     * @param handler is given the next, and what to run when it is done
     */
    Lines(Vertx vertx, int longest, Budget bytes, BiConsumer<Publication, Runnable> handler) {
        this.vertx = vertx;
        this.longest = longest;
        this.bytes = bytes;
        this.handler = handler;
    }

    /** Never blocks. Gives false when there is no room for it. */
    boolean add(Publication message) {
        synchronized (waiting) {
            Deque<Publication> line = waiting.get(message.topic());
            if (line != null && line.size() >= longest || !bytes.take(size(message))) {
                return false;
            }
            if (line != null) {
                line.addLast(message);
                return true;
            }
            waiting.put(message.topic(), new ArrayDeque<>(0));
        }
        start(message);
        return true;
    }

    /** How many lines there are. */
    int count() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private void start(Publication message) {
        vertx.executeBlocking(
                () -> {
                    try {
                        handler.accept(message, () -> done(message));
                    } catch (Throwable e) {
                        LOG.error(
                                "A command could not be handled: {}",
                                e.getClass().getName());
                        LOG.debug("A command could not be handled", e);
                        done(message);
                    }
                    return null;
                },
                false);
    }

    private void done(Publication message) {
        Publication next;
        synchronized (waiting) {
            bytes.giveBack(size(message));
            next = waiting.get(message.topic()).pollFirst();
            if (next == null) {
                waiting.remove(message.topic());
                return;
            }
        }
        start(next);
    }

    private static long size(Publication message) {
        return 200L + message.payload().length + 2L * message.topic().length();
    }
}
