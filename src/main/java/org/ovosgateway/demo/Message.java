// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One message of the bus, with the ways in which the services of OVOS build an answer to it. */
public record Message(String type, ObjectNode data, ObjectNode context) {

    /** The session of the device itself. */
    static final String DEFAULT_SESSION = "default";

    /** Python writes NaN and Infinity, and reads them. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** An empty object. */
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** A message that answers nothing: with an empty context. */
    public static Message bare(String type, ObjectNode data) {
        return new Message(type, data, object());
    }

    /**
     * Reads a frame as the Python clients do: absent or null data and context are empty, and a frame without a type is
     * nobody's business.
     *
     * @throws IllegalArgumentException for the frames that make a Python client throw: no JSON object, or data, context
     *     or session that are no objects
     */
    public static Optional<Message> parse(String frame) {
        JsonNode message;
        try {
            message = JSON.readTree(frame);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the frame is not JSON", e);
        }
        if (!message.isObject()) {
            throw new IllegalArgumentException("the frame is no JSON object");
        }
        ObjectNode data = objectOf(message, "data");
        ObjectNode context = objectOf(message, "context");
        if (context.has("session")) {
            objectOf(context, "session");
        }
        JsonNode type = message.path("type");
        return type.isTextual() ? Optional.of(new Message(type.textValue(), data, context)) : Optional.empty();
    }

    /** Another message of the same context. */
    public Message forward(String type, ObjectNode data) {
        return new Message(type, data, context.deepCopy());
    }

    /** The way back: the context with source and destination swapped, if it has both. */
    public Message reply(String type, ObjectNode data) {
        ObjectNode back = context.deepCopy();
        if (data.has("destination")) {
            back.set("destination", data.get("destination"));
        }
        if (back.has("source") && back.has("destination")) {
            JsonNode source = back.get("source");
            back.set("source", back.get("destination"));
            back.set("destination", source);
        }
        return new Message(type, data, back);
    }

    /** A reply whose type is the one asked with {@code .response} behind. */
    public Message response(ObjectNode data) {
        return reply(type + ".response", data);
    }

    /** The id of the session it belongs to, {@code default} when it names none. */
    public String sessionId() {
        return context.path("session").path("session_id").asText(DEFAULT_SESSION);
    }

    /** The text that goes over the bus; like every client of OVOS it adds the default session where there is none. */
    public String frame() {
        ObjectNode sent = context;
        if (!context.has("session")) {
            sent = context.deepCopy();
            sent.putObject("session").put("session_id", DEFAULT_SESSION);
        }
        ObjectNode frame = object().put("type", type);
        frame.set("data", data);
        frame.set("context", sent);
        return frame.toString();
    }

    private static ObjectNode objectOf(JsonNode parent, String field) {
        JsonNode value = parent.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return object();
        }
        if (value instanceof ObjectNode found) {
            return found;
        }
        throw new IllegalArgumentException("the " + field + " of the frame is no JSON object");
    }
}
