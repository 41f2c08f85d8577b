// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import io.vertx.core.buffer.Buffer;
import org.ovosgateway.api.ServerSentEvent;

/**
 * An event as its readers get it, encoded once for all of them.
 *
 * @param number its place among all; 0 for one that only a single reader gets
 * @param user the only one who hears it, beside those who may hear all; null for everybody
 * @param json what a WebSocket is sent
 * @param sse what an event stream is sent
 */
record EncodedEvent(long number, String type, String device, String user, String json, Buffer sse) {

    /** Beside its text, which is there twice. */
    private static final int OVERHEAD = 200;

    EncodedEvent(long number, String id, String type, String device, String user, String json) {
        this(number, type, device, user, json, new ServerSentEvent(id, null, json, null).encoded());
    }

    /** Bytes in memory, about. */
    int size() {
        return json.length() + sse.length() + OVERHEAD;
    }
}
