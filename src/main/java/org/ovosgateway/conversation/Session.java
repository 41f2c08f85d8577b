// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntPredicate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.bus.BusMessage;

/**
 * The session of one conversation. OVOS keeps no session but that of the device: each message carries all of it, so the newest
 * one goes out with the next utterance. On the event loop of the device only.
 */
final class Session {

    private static final int LARGEST = 64 << 10;

    /** What OVOS keeps in it of a question that a skill has asked back. */
    private static final List<String> OF_QUESTION = List.of("utterance_states", "response_mode");

    /** Nobody plays the answers. */
    private static final List<String> OF_SOUND = List.of("is_speaking", "is_recording");

    private final String id;
    private final String site;
    private final IntPredicate mayGrow;

    /** As JSON, since most conversations are silent most of the time. */
    private byte[] json;

    /**
     * @param site the room of its user; null for none
     * @param mayGrow counts the bytes by which it grows, less than 0 if it shrinks; false where there is no room for them
     */
    Session(String id, String site, IntPredicate mayGrow) {
        this.id = id;
        this.site = site;
        this.mayGrow = mayGrow;
        this.json = bytes(bare());
    }

    private ObjectNode bare() {
        return Json.PLAIN.createObjectNode().put("session_id", id);
    }

    int length() {
        return json.length;
    }

    /** The language of the conversation; null before it is known. */
    String lang() {
        return read().path("lang").asText(null);
    }

    /** Keeps the session of a message of the core, unless it is too large. */
    void update(BusMessage message) {
        if (message.context().get("session") instanceof ObjectNode newest && newest.has("active_skills")) {
            keep(bytes(newest));
        }
    }

    /** The next utterance is no answer to a question. */
    void removeQuestion() {
        keep(bytes(read().remove(OF_QUESTION)));
    }

    private void keep(byte[] next) {
        if (next.length <= LARGEST && mayGrow.test(next.length - json.length)) {
            json = next;
        }
    }

    /** As little of it as a skill needs to know whom a message is for. */
    ObjectNode address(Bounds bounds) {
        String lang = lang();
        ObjectNode address = lang == null ? bare() : bare().put("lang", lang);
        bounds.putInto(address);
        return address;
    }

    /** The session for the next message. The gateway sets anew what limits the caller: anybody on the bus may have changed it. */
    ObjectNode outgoing(Bounds bounds) {
        return outgoing(read(), bounds);
    }

    /** The same with the session of a message that the next one follows from. */
    ObjectNode outgoing(BusMessage message, Bounds bounds) {
        return outgoing(message.context().get("session") instanceof ObjectNode node ? node.deepCopy() : bare(), bounds);
    }

    private ObjectNode outgoing(ObjectNode session, Bounds bounds) {
        session.put("session_id", id);
        if (site != null) {
            session.put("site_id", site);
        }
        session.remove(OF_SOUND);
        bounds.putInto(session);
        return session;
    }

    private ObjectNode read() {
        try {
            return (ObjectNode) Json.PLAIN.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException("the session was written here", e);
        }
    }

    private static byte[] bytes(ObjectNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }
}
