// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Collection;
import java.util.Comparator;

/** The memory of all messages that wait for clients, each counted once. Used on the broker's thread only. */
final class Waiting {

    private final Collection<Session> sessions;
    private final long limit;
    private final Runnable lost;
    private long bytes;

    /** @param lost is told of each message that somebody does not get */
    Waiting(Collection<Session> sessions, long limit, Runnable lost) {
        this.sessions = sessions;
        this.limit = limit;
        this.lost = lost;
    }

    /** Whether there is room for a message, if need be at the cost of who has most waiting. */
    boolean makeRoom(Message message) {
        while (!message.isHeld() && bytes + message.size() > limit) {
            Session largest = sessions.stream()
                    .max(Comparator.comparingLong(Session::bytes))
                    .orElse(null);
            if (largest == null || !largest.dropOldest()) {
                return false;
            }
        }
        return true;
    }

    void hold(Message message) {
        if (message.hold()) {
            bytes += message.size();
        }
    }

    void letGo(Message message) {
        if (message.letGo()) {
            bytes -= message.size();
        }
    }

    void lost() {
        lost.run();
    }
}
