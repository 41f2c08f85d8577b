// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Recognises the second of two messages that are one: a service of the new line sends what it renames under the old name as
 * well, with a mark in the context.
 *
 * <p>The mark alone proves nothing: a skill of the old line copies the context of what it answers, mark included. So a marked
 * message is a twin if the same without the mark was heard shortly before; one for one, as the same text may be said twice.
 * Used on the context of one connection only.
 */
final class Twins {

    /** Twins follow each other at once. */
    private static final long NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int MOST = 256;

    /** How many more were heard without the mark than with it, and when the last was. */
    private record Heard(int unpaired, long at) {}

    private final Map<Long, Heard> heard = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Heard> eldest) {
            return size() > MOST;
        }
    };

    /** Whether a message is the second of its pair. */
    boolean isSecond(BusMessage message) {
        if (!message.mayHaveTwin()) {
            return false;
        }
        long now = System.nanoTime();
        Heard before = heard.remove(message.fingerprint());
        int unpaired = before == null || now - before.at > NANOS ? 0 : before.unpaired;
        int after = unpaired + (message.isMarkedTwin() ? -1 : 1);
        if (after != 0) {
            heard.put(message.fingerprint(), new Heard(after, now));
        }
        return Math.abs(after) < Math.abs(unpaired);
    }

    int size() {
        return heard.size();
    }
}
