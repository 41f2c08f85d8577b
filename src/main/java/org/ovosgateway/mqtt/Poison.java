// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

/**
 * What the broker sends at each connection, and what ends each: a message that cannot be read is never acknowledged, so it
 * waits in the session for the next connection. It is left behind with the session; if it comes again even then, the broker
 * keeps it (retained), and what is kept is not asked for.
 *
 * <p>Not thread-safe: it belongs to one Vert.x context.
 */
final class Poison {

    private static final int SUSPICIOUS = 2;
    private static final int KEPT = 3;

    private int losses;
    private String reason = "";

    /** @param proven the connection lasted, so it was not the first message that ended it */
    void lost(Loss loss, boolean proven) {
        if (loss.kind() != Loss.Kind.UNREADABLE) {
            losses = proven ? 0 : losses;
            return;
        }
        losses = proven ? 1 : losses + 1;
        reason = loss.reason();
    }

    /** Whether the session is to be left behind at the next connection, or was at this one. */
    boolean isToBeLeftBehind() {
        return losses >= SUSPICIOUS;
    }

    /** Whether a new session did not help. */
    boolean isKept() {
        return losses >= KEPT;
    }

    String reason() {
        return reason;
    }
}
