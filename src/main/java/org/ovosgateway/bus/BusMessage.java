// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.IntentName;

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

    /** Keys in the context of what was sent under its new name as well: of a message, and of an intent. */
    private static final String TWIN = "_namespace_compat_twin";

    private static final String INTENT_TWIN = "_intent_compat_twin";

    /** Keys, values and brackets of a message: each takes some fifty bytes, however short it is written. */
    private static final int MAX_TOKENS = 100_000;

    private static final int TOKEN_BYTES = 64;

    /** The session of the device itself. */
    private static final String DEFAULT_SESSION = "default";

    private static final char REPLACEMENT = '\uFFFD';

    /** Reads what Python writes, where numbers may be NaN and Infinity. */
    static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(200)
                    .maxStringLength(30_000_000)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .build());

    private final String type;
    private final Name name;
    private final ObjectNode data;
    private final ObjectNode context;
    private final boolean markedTwin;
    private final boolean large;
    private final long size;
    private final boolean hasObjectAsData;

    // made once for all who share an answer
    private volatile Map<String, Object> dataMap;
    private volatile Map<String, Object> contextMap;
    private volatile Long fingerprint;

    /** @param type in either spelling, which the data fit */
    private BusMessage(
            String type, ObjectNode data, ObjectNode context, boolean large, long size, boolean hasObjectAsData) {
        if (type == null || type.isBlank()) {
            throw new IllegalArgumentException("A bus message needs a type");
        }
        this.type = type;
        this.name = Vocabulary.of(type);
        this.data = Vocabulary.oldData(type, data);
        // what is made of this message must not seem to be a twin
        boolean marked = context.remove(TWIN) != null;
        context.remove(INTENT_TWIN);
        // not every twin of an intent is marked
        this.markedTwin = marked && Vocabulary.isOld(type) || isIntentFile(type);
        this.context = context;
        this.large = large;
        this.size = size;
        this.hasObjectAsData = hasObjectAsData;
    }

    BusMessage(String type, ObjectNode data, ObjectNode context) {
        this(type, data, context, false, 0, true);
    }

    /** The same message with other data that were in it: as large as it was. */
    BusMessage with(ObjectNode otherData) {
        return new BusMessage(type, otherData, context, large, size, true);
    }

    /**
     * A message to the device itself: default session, no destination, or OVOS ignores it.
     *
     * @param siteId the group of the device; empty: none is named
     * @param source who sends it, to whom answers are addressed; null: nobody
     */
    static BusMessage toDevice(String type, ObjectNode data, String requestId, String siteId, String source) {
        ObjectNode context = JSON.createObjectNode().put(REQUEST_ID, requestId);
        if (source != null) {
            context.put("source", source);
        }
        ObjectNode session = context.putObject("session").put("session_id", DEFAULT_SESSION);
        if (!siteId.isBlank()) {
            session.put("site_id", siteId);
        }
        return new BusMessage(type, data, context);
    }

    /**
     * A message in a session of one's own, with an address: only both together keep every line of OVOS from saying aloud
     * what comes of it, and from opening a microphone.
     *
     * @throws IllegalArgumentException for the session of a device, or none
     */
    static BusMessage inSession(String type, ObjectNode data, String requestId, ObjectNode session, String source) {
        String id = session.path("session_id").asText("");
        if (id.isBlank() || id.equals(DEFAULT_SESSION)) {
            throw new IllegalArgumentException("a session of one's own has an id of its own, not '" + id + "'");
        }
        ObjectNode context = JSON.createObjectNode()
                .put(REQUEST_ID, requestId)
                .put("source", source)
                .put("destination", "skills");
        context.set("session", session);
        return new BusMessage(type, data, context);
    }

    /** Its old name. */
    public String type() {
        return name.old();
    }

    Name name() {
        return name;
    }

    /** Whether it says, or its name does, that it may have been sent under its new name as well. */
    boolean isMarkedTwin() {
        return markedTwin;
    }

    boolean mayHaveTwin() {
        // each intent may
        return markedTwin || !type.equals(name.old()) || !name.isRenamed() && type.indexOf(':') > 0;
    }

    /** The same for both twins, and hardly for others. */
    long fingerprint() {
        if (fingerprint == null) {
            String both = isIntentFile(type) ? IntentName.plain(type) : name.old();
            fingerprint = ((long) data.hashCode() << 32 | context.hashCode() & 0xFFFF_FFFFL) * 31 + both.hashCode();
        }
        return fingerprint;
    }

    private static boolean isIntentFile(String type) {
        return type.indexOf(':') > 0 && IntentName.isFile(type);
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

    /** Whether its data were an object, or left out; other data read as empty. */
    boolean hasObjectAsData() {
        return hasObjectAsData;
    }

    /** About how many bytes of memory it takes; 0 for one of ours. */
    long size() {
        return size;
    }

    /**
     * The data as routes see them: maps, lists, strings, numbers, booleans, null. The map is the caller's own; what is in
     * it is shared with others, and can't be changed. What has no place in JSON is replaced: NaN and Infinity by null, half
     * a character by U+FFFD.
     */
    public Map<String, Object> dataMap() {
        if (dataMap == null) {
            dataMap = map(data);
        }
        return new LinkedHashMap<>(dataMap);
    }

    /** The same, as they fit a spelling of its type. */
    Map<String, Object> dataMap(String spelling) {
        ObjectNode fitting = Vocabulary.dataFor(spelling, data);
        return fitting == data ? dataMap() : map(fitting);
    }

    /** The same for the context. */
    public Map<String, Object> contextMap() {
        if (contextMap == null) {
            contextMap = map(context);
        }
        return new LinkedHashMap<>(contextMap);
    }

    /** The id of the message that it comes of, if that was sent by a gateway; else empty. */
    public String requestId() {
        return context.path(REQUEST_ID).asText("");
    }

    /** The id of the session that it belongs to. */
    public String sessionId() {
        return context.path("session").path("session_id").asText(DEFAULT_SESSION);
    }

    /** Whether it belongs to the device itself, and to no conversation of somebody else. */
    boolean isOfDevice() {
        return sessionId().equals(DEFAULT_SESSION);
    }

    /** The same of a message with this context, which may be null. */
    public static boolean isOfDevice(Map<String, ?> context) {
        Object session = context == null ? null : context.get("session");
        Object id = session instanceof Map<?, ?> map ? map.get("session_id") : null;
        return id == null || id.equals(DEFAULT_SESSION);
    }

    /** What it carries in its data as a text that is not in memory; null for nearly every message. */
    Attachment attachment() {
        Map.Entry<String, Attachment> found = Attachment.in(data);
        return found == null ? null : found.getValue();
    }

    /** The frame of one with an attachment, up to its text. The context comes first: by it the echo is known. */
    String frameBefore() {
        String key = Attachment.in(data).getKey();
        ObjectNode others = JSON.createObjectNode();
        others.setAll(data);
        others.remove(key);
        ObjectNode frame = JSON.createObjectNode().put("type", type());
        frame.set("context", context);
        frame.set("data", others);
        String text = frame.toString();
        return text.substring(0, text.length() - 2) + (others.isEmpty() ? "" : ",") + '"' + key + "\":\"";
    }

    /** What comes behind its text. */
    static String frameBehind() {
        return "\"}}";
    }

    String frame() {
        ObjectNode frame = JSON.createObjectNode().put("type", type());
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
        try (JsonParser parser = JSON.createParser(frame)) {
            JsonNode tree = JSON.readTree(parser);
            if (tree == null || !tree.path("type").isTextual() || parser.nextToken() != null) {
                throw new IOException("not a bus message");
            }
            String type = tree.get("type").textValue();
            if (type.isBlank()) {
                throw new IOException("not a bus message");
            }
            long size = frame.length + TOKEN_BYTES * parser.currentTokenCount();
            JsonNode data = tree.path("data");
            return new BusMessage(
                    type,
                    object(data),
                    object(tree.path("context")),
                    frame.length > LARGE,
                    size,
                    data.isObject() || data.isNull() || data.isMissingNode());
        }
    }

    static Map<String, Object> map(ObjectNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(member -> map.put(whole(member.getKey()), value(member.getValue())));
        return map;
    }

    private static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> Collections.unmodifiableMap(map((ObjectNode) node));
            case ARRAY -> {
                List<Object> list = new ArrayList<>(node.size());
                node.forEach(member -> list.add(value(member)));
                yield Collections.unmodifiableList(list);
            }
            case STRING -> whole(node.textValue());
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> node.isDouble() && !Double.isFinite(node.doubleValue()) ? null : node.numberValue();
            case NULL, MISSING -> null;
            default -> node.asText();
        };
    }

    /** JSON can name one half of a pair of surrogates, UTF-8 can't. */
    private static String whole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaced(text);
            }
        }
        return text;
    }

    private static String replaced(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static ObjectNode object(JsonNode node) {
        return node.isObject() ? (ObjectNode) node : JSON.createObjectNode();
    }
}
