// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One message of the bus: {@code {"type": string, "data": object, "context": object}} in a text frame.
 *
 * <p>A frame that is anything else takes every Python client off the bus for seconds, so only this class makes frames.
 *
 * @param large whether its frame was so large that no event loop should work on the data
 */
public record BusMessage(String type, ObjectNode data, ObjectNode context, boolean large) {

    /** Bytes of a frame from which on it takes a worker to make something of its data. */
    private static final int LARGE = 8 << 10;

    /** Key in the context of everything the gateway sends; comes back on answers that keep their context. */
    static final String REQUEST_ID = "gw_request_id";

    static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(200)
                    .maxStringLength(30_000_000)
                    .build())
            .build());

    private static final ObjectReader MAP = JSON.readerFor(new TypeReference<LinkedHashMap<String, Object>>() {});

    public BusMessage {
        if (type == null || type.isBlank()) {
            throw new IllegalArgumentException("A bus message needs a type");
        }
    }

    BusMessage(String type, ObjectNode data, ObjectNode context) {
        this(type, data, context, false);
    }

    /** A message to the device itself: default session, neither source nor destination, or OVOS ignores it. */
    static BusMessage toDevice(String type, ObjectNode data, String requestId) {
        ObjectNode context = JSON.createObjectNode().put(REQUEST_ID, requestId);
        context.putObject("session").put("session_id", "default");
        return new BusMessage(type, data, context);
    }

    String requestId() {
        return context.path(REQUEST_ID).asText("");
    }

    String frame() {
        ObjectNode frame = JSON.createObjectNode().put("type", type);
        frame.set("data", data);
        frame.set("context", context);
        return frame.toString();
    }

    /**
     * The type of a frame, found without reading the rest: most of what is heard on the bus is for others.
     *
     * @return null when the frame is not a message
     */
    static String typeOf(byte[] frame) {

        try (JsonParser parser = JSON.createParser(frame)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isType = "type".equals(parser.currentName());
                JsonToken value = parser.nextToken();
                if (isType) {
                    return value == JsonToken.VALUE_STRING ? parser.getText() : null;
                }
                parser.skipChildren();
            }
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Reads a frame leniently, as the Python client does: missing or odd data and context read as empty.
     *
     * @throws IOException when the frame is not a JSON object with a type
     */
    static BusMessage parse(byte[] frame) throws IOException {
        JsonNode tree = JSON.readTree(frame);
        if (tree == null || !tree.path("type").isTextual()) {
            throw new IOException("not a bus message");
        }
        String type = tree.get("type").textValue();
        if (type.isBlank()) {
            throw new IOException("not a bus message");
        }
        return new BusMessage(type, object(tree.path("data")), object(tree.path("context")), frame.length > LARGE);
    }

    /** Data or context as routes see it: maps, lists, strings, numbers, booleans; the caller's own. */
    static Map<String, Object> map(ObjectNode node) {
        try {
            return MAP.readValue(node);
        } catch (IOException e) {
            throw new IllegalStateException("a tree has no errors", e);
        }
    }

    private static ObjectNode object(JsonNode node) {
        return node.isObject() ? (ObjectNode) node : JSON.createObjectNode();
    }
}
