// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;

/**
 * Tells which messages have waited at the broker while the gateway was away: those that come before a message of its own,
 * the fence, which it sends as soon as it is there.
 *
 * <p>Written on the context, read by the event loop of the connection.
 */
final class Backlog {

    private final String topic;
    private volatile boolean late;
    private volatile Moment lastSign;
    private volatile String lastFence = "";
    private long fences = System.currentTimeMillis();

    /** @param topic of the fences */
    Backlog(String topic) {
        this.topic = topic;
    }

    String topic() {
        return topic;
    }

    /** Whether a message that arrives now may be late. */
    boolean isLate() {
        return late;
    }

    /** When the broker was heard before the gateway was away; null when that is not known. */
    Moment lastSign() {
        return lastSign;
    }

    /** Until it is connected, nobody knows. */
    void connecting() {
        late = true;
    }

    /** @param waiting whether the broker has kept the session */
    void connected(boolean waiting) {
        late = waiting;
    }

    /** The gateway is away since then, unless what came until now was late itself. */
    void awaySince(Moment sign) {
        if (!late) {
            lastSign = sign;
        }
    }

    /** As {@link #awaySince}, of a connection that lasts: messages that arrive now are late. */
    void silentSince(Moment sign) {
        awaySince(sign);
        late = true;
    }

    /** What is sent after it is not late. */
    Publication fence() {
        lastFence = Long.toString(++fences);
        return new Publication(topic, lastFence, false);
    }

    /** The fence, or the time in which it should have come, has passed. */
    void passed(Publication fence) {
        if (new String(fence.payload(), StandardCharsets.UTF_8).equals(lastFence)) {
            late = false;
        }
    }
}
