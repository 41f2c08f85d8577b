// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which conversation of the gateway goes on where a client does; used on one event loop. */
final class ConversationIds {

    private static final int MOST = 1_000;

    /** By the id that clients have made, or by the address of one that tells none; oldest use first. */
    private final Map<String, String> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };

    /** Of a client that tells an id; null for a new one. */
    String of(String clientsId) {
        return known.get("=" + clientsId);
    }

    void keep(String clientsId, String id) {
        known.put("=" + clientsId, id);
    }

    /** The conversation in which a question waits for a client at this address; null for none. It is told once. */
    String takeWaiting(String address) {
        return known.remove("@" + address);
    }

    void keepWaiting(String address, String id) {
        known.put("@" + address, id);
    }
}
