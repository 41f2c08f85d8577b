// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.ovosgateway.Budget;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that all clients take together: packets on their way in and out, messages that wait or are retained, wills,
 * filters, sessions.
 *
 * <p>One client, or one user with many of them, may try to take all of it. So who has most makes room for the others: it
 * loses the messages that wait for it, the oldest first, and without any its connection and its session. What would make
 * the one who asks the largest is refused. Used on the broker's thread only.
 */
final class Memory {

    private static final Logger LOG = LoggerFactory.getLogger(Memory.class);
    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Budget budget;
    private final Collection<Session> sessions;
    private final Runnable lost;
    private final Consumer<Session> expel;
    private long warnedAt = System.nanoTime() - WARN_NANOS;

    /**
     * @param lost gets each message that somebody does not get
     * @param expel ends a session and its connection
     */
    Memory(Budget budget, Collection<Session> sessions, Runnable lost, Consumer<Session> expel) {
        this.budget = budget;
        this.sessions = sessions;
        this.lost = lost;
        this.expel = expel;
    }

    /**
     * @param taker null for who is not let in yet, and for what stays when its publisher is gone
     * @return false if there is no room
     */
    boolean take(Session taker, long bytes) {
        while (budget.held() + bytes > budget.limit()) {
            Session largest = largest(taker, bytes);
            warn(largest);
            if (largest == null || !largest.dropOldest() && (largest == taker || !expel(largest))) {
                break;
            }
        }
        return budget.take(bytes);
    }

    private void warn(Session largest) {
        long now = System.nanoTime();
        if (largest != null && now - warnedAt >= WARN_NANOS) {
            warnedAt = now;
            LOG.warn(
                    "All memory of the MQTT broker is taken ({} bytes, ovos.mqtt.broker.limits.memory); most of it by {},"
                            + " whose messages and clients make room for the others",
                    budget.limit(),
                    largest.isOwn() ? "messages for the gateway" : "clients of " + LogText.of(largest.user()));
        }
    }

    private boolean expel(Session session) {
        if (session.isOwn()) {
            return false;
        }
        expel.accept(session);
        return true;
    }

    private Session largest(Session taker, long more) {
        Map<String, Long> users = new HashMap<>();
        sessions.forEach(session -> users.merge(session.user(), session.bill(), Long::sum));
        if (taker != null) {
            users.merge(taker.user(), more, Long::sum);
        }
        Session largest = null;
        long most = -1;
        long mostOfUser = -1;
        for (Session session : sessions) {
            long ofUser = users.get(session.user());
            long own = session.bill() + (session == taker ? more : 0);
            if (ofUser > mostOfUser || ofUser == mostOfUser && own > most) {
                largest = session;
                most = own;
                mostOfUser = ofUser;
            }
        }
        return largest;
    }

    void giveBack(long bytes) {
        budget.giveBack(bytes);
    }

    /** Takes the memory of a message unless somebody holds it already; false if there is no room. */
    boolean hold(Session publisher, PublishedMessage message) {
        if (!message.isHeld() && !take(publisher, message.size())) {
            return false;
        }
        message.hold();
        return true;
    }

    void letGo(PublishedMessage message) {
        if (message.letGo()) {
            giveBack(message.size());
        }
    }

    void lost() {
        lost.run();
    }
}
