// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.Map;

import io.vertx.core.buffer.Buffer;
import org.ovosgateway.api.ServerSentEvent;

/**
 * An event, encoded once for all readers.
 *
 * @param number sequence number, from 1; 0 for an event for a single reader
 * @param user the only user who gets it, beside those with the scope {@code history:all}; null for everybody
 * @param skill that it tells of; null for none
 * @param intent of the skill; null for none
 * @param json for a WebSocket
 * @param sse for an event stream
 */
record EncodedEvent(
        long number, String type, String device, String user, String skill, String intent, String json, Buffer sse) {

    /** Bytes beside the text, which is there twice. */
    private static final int OVERHEAD = 200;

    EncodedEvent(long number, String id, String type, String device, String user, Map<String, ?> data, String json) {
        this(
                number,
                type,
                device,
                user,
                data.get("skill") instanceof String skill ? skill : null,
                data.get("intent") instanceof String intent ? intent : null,
                json,
                new ServerSentEvent(id, null, json, null).encoded());
    }

    /** Bytes in memory, about. */
    int size() {
        return json.length() + sse.length() + OVERHEAD;
    }
}
