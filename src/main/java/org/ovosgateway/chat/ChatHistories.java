// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.springframework.stereotype.Component;

/**
 * Finds the conversation that a chat goes on with: programs for language models send all of the chat each time, and no id.
 *
 * <p>A history is one number for each message. Safe for use by many threads.
 */
@Component
class ChatHistories {

    /** As many as there are conversations. */
    static final int MOST = 1_000;

    static final int MOST_OF_A_USER = 250;

    /** Of a longer chat the last messages count. */
    static final int LONGEST = 64;

    /** What the assistant said last, and to what: a program keeps at least that. */
    private static final int SHORTEST = 2;

    /** @param clientId what the program calls the chat; null where it does not say */
    private record Known(String owner, String clientId, long[] history) {}

    /** By the id of the conversation, the newest at the end. */
    private final Map<String, Known> byConversation = new LinkedHashMap<>();

    /** The conversation that the program calls so; null for none. */
    synchronized String find(String owner, String clientId) {
        String newest = null;
        for (Map.Entry<String, Known> one : byConversation.entrySet()) {
            if (one.getValue().owner().equals(owner)
                    && clientId.equals(one.getValue().clientId())) {
                newest = one.getKey();
            }
        }
        return newest;
    }

    /**
     * The newest conversation with this history; null for none. It is given once, so that two chats that have begun alike go on
     * apart.
     */
    synchronized String take(String owner, long[] history) {
        String best = null;
        boolean whole = false;
        for (Map.Entry<String, Known> one : byConversation.entrySet()) {
            Known known = one.getValue();
            if (known.clientId() == null && known.owner().equals(owner) && isEndOf(history, known.history())) {
                boolean same = known.history().length == history.length;
                if (same || !whole) {
                    best = one.getKey();
                    whole = same;
                }
            }
        }
        byConversation.remove(best);
        return best;
    }

    /** Whether a history is the end of another one, whose first messages the program has dropped. */
    private static boolean isEndOf(long[] history, long[] all) {
        boolean whole = history.length == all.length && history.length > 0;
        if (!whole && (history.length < SHORTEST || history.length > all.length)) {
            return false;
        }
        for (int i = 1; i <= history.length; i++) {
            if (history[history.length - i] != all[all.length - i]) {
                return false;
            }
        }
        return true;
    }

    synchronized void put(String conversation, String owner, String clientId, long[] history) {
        byConversation.remove(conversation);
        byConversation.put(conversation, new Known(owner, clientId, history));
        Predicate<Known> ofOwner = known -> known.owner().equals(owner);
        if (byConversation.values().stream().filter(ofOwner).count() > MOST_OF_A_USER) {
            removeOldest(ofOwner);
        } else if (byConversation.size() > MOST) {
            removeOldest(known -> true);
        }
    }

    private void removeOldest(Predicate<Known> which) {
        for (Iterator<Known> all = byConversation.values().iterator(); all.hasNext(); ) {
            if (which.test(all.next())) {
                all.remove();
                return;
            }
        }
    }

    synchronized int size() {
        return byConversation.size();
    }
}
