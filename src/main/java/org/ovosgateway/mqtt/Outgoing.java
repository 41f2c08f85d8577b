// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.ovosgateway.Budget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages on their way to the broker, and all that it keeps for the gateway (retained), which it must be told again when
 * it has forgotten. Bounded in messages and bytes. Not thread-safe: it belongs to one Vert.x context.
 */
final class Outgoing {

    private static final int MESSAGES = 2_000;
    private static final Logger LOG = LoggerFactory.getLogger(Outgoing.class);

    /** @param repeated it is one of {@link #retained}, so it takes no memory of its own */
    record Waiting(Publication message, boolean repeated) {}

    /** The last of each topic. An empty one stays until the broker has cleared the topic. */
    private final Map<String, Publication> retained = new LinkedHashMap<>();

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final Budget keeping;
    private final Budget waiting;
    private boolean saidFull;

    /** @param bytes for messages that wait, and as many for what is retained */
    Outgoing(long bytes) {
        this.keeping = new Budget(bytes);
        this.waiting = new Budget(bytes);
    }

    /** Remembers a retained message in place of the one before on its topic. */
    void keep(Publication message) {
        forget(message.topic());
        if (keeping.take(message.size())) {
            retained.put(message.topic(), message);
        } else if (!saidFull) {
            saidFull = true;
            LOG.warn(
                    "The retained messages of the routes exceed {} bytes (ovos.mqtt.max-waiting); a broker that loses them does not get all of them again.",
                    keeping.limit());
        }
    }

    private void forget(String topic) {
        Publication before = retained.remove(topic);
        if (before != null) {
            keeping.giveBack(before.size());
        }
    }

    /** All that the broker is to keep. */
    Collection<Publication> retained() {
        return List.copyOf(retained.values());
    }

    /** Queues one of {@link #retained}, or one that no other memory is needed for. */
    void repeat(Publication message) {
        queue.addLast(new Waiting(message, true));
    }

    /** Queues a message; the oldest make room, and of these what is retained last. Gives how many were lost. */
    int add(Publication message) {
        if (message.size() > waiting.limit()) {
            return 1;
        }
        int lost = 0;
        boolean room = waiting.take(message.size());
        while ((!room || queue.size() >= MESSAGES) && removeOldest()) {
            lost++;
            room = room || waiting.take(message.size());
        }
        if (!room) {
            return lost + 1;
        }
        queue.addLast(new Waiting(message, false));
        return lost;
    }

    private boolean removeOldest() {
        Waiting oldest = null;
        for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
            Waiting candidate = each.next();
            if (!candidate.repeated()) {
                if (!candidate.message().retained()) {
                    each.remove();
                    giveBack(candidate);
                    return true;
                }
                oldest = oldest == null ? candidate : oldest;
            }
        }
        if (oldest != null) {
            queue.removeFirstOccurrence(oldest);
            giveBack(oldest);
        }
        return oldest != null;
    }

    /** The next, or null. It counts as waiting until {@link #taken} or {@link #lost}. */
    Waiting poll() {
        return queue.pollFirst();
    }

    /** The broker has it, or does not want it: a topic that it has cleared needs no clearing any more. */
    void taken(Waiting sent) {
        giveBack(sent);
        Publication message = sent.message();
        if (message.payload().length == 0 && retained.get(message.topic()) == message) {
            forget(message.topic());
        }
    }

    /** The connection was lost before the broker had it. */
    void lost(Waiting sent) {
        giveBack(sent);
    }

    /** The connection is lost. Gives how many messages are lost with it; what is retained is sent again. */
    int clear() {
        int lost = 0;
        for (Waiting each : queue) {
            giveBack(each);
            lost += each.message().retained() ? 0 : 1;
        }
        queue.clear();
        return lost;
    }

    private void giveBack(Waiting waited) {
        if (!waited.repeated()) {
            waiting.giveBack(waited.message().size());
        }
    }
}
