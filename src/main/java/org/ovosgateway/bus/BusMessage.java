// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
 */
public final class BusMessage {

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

    private final String type;
    private final ObjectNode data;
    private final ObjectNode context;
    private final boolean large;

    // made once for all who share an answer
    private volatile Map<String, Object> dataMap;
    private volatile Map<String, Object> contextMap;

    private BusMessage(String type, ObjectNode data, ObjectNode context, boolean large) {
        if (type == null || type.isBlank()) {
            throw new IllegalArgumentException("A bus message needs a type");
        }
        this.type = type;
        this.data = data;
        this.context = context;
        this.large = large;
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

    public String type() {
        return type;
    }

    public ObjectNode data() {
        return data;
    }

    public ObjectNode context() {
        return context;
    }

    /** Whether its frame was so large that no event loop should work on the data. */
    public boolean large() {
        return large;
    }

    /**
     * The data as routes see them: maps, lists, strings, numbers, booleans. The map is the caller's own; what is in it is
     * shared with others, and can't be changed.
     */
    Map<String, Object> dataMap() {
        if (dataMap == null) {
            dataMap = map(data);
        }
        return new LinkedHashMap<>(dataMap);
    }

    /** The same for the context. */
    Map<String, Object> contextMap() {
        if (contextMap == null) {
            contextMap = map(context);
        }
        return new LinkedHashMap<>(contextMap);
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

    static Map<String, Object> map(ObjectNode node) {
        try {
            Map<String, Object> map = MAP.readValue(node);
            map.replaceAll((key, member) -> fixed(member));
            return map;
        } catch (IOException e) {
            throw new IllegalStateException("a tree has no errors", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Object fixed(Object value) {
        if (value instanceof Map<?, ?>) {
            Map<String, Object> map = (Map<String, Object>) value;
            map.replaceAll((key, member) -> fixed(member));
            return Collections.unmodifiableMap(map);
        }
        if (value instanceof List<?>) {
            List<Object> list = (List<Object>) value;
            list.replaceAll(BusMessage::fixed);
            return Collections.unmodifiableList(list);
        }
        return value;
    }

    private static ObjectNode object(JsonNode node) {
        return node.isObject() ? (ObjectNode) node : JSON.createObjectNode();
    }
}
