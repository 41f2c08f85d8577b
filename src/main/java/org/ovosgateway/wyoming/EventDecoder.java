// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.IOException;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Reads events from bytes as they come. Line and data are bounded and kept until they are whole; a payload is passed on in
 * the parts in which it comes.
 */
final class EventDecoder {

    private static final int LONGEST_LINE = 8 << 10;
    private static final int LONGEST_DATA = 32 << 10;
    private static final int LONGEST_TYPE = 64;
    private static final int DEEPEST = 16;
    private static final JsonMapper JSON = Json.strict(StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNumberLength(LONGEST_TYPE)
            .maxNameLength(LONGEST_TYPE)
            .build());

    /** Takes what is read. */
    interface Sink {

        /** An event, before its payload of so many bytes. */
        void begun(Event event, long payload);

        /** Some bytes of the payload. */
        void payload(Buffer part);

        /** The event is whole. */
        void ended();
    }

    private final Sink sink;
    private Buffer read = Buffer.buffer();
    private Event line;
    private int dataLength;
    private long payload;
    private boolean begun;
    private boolean held;
    private boolean decoding;

    EventDecoder(Sink sink) {
        this.sink = sink;
    }

    /** Whether the beginning of an event has come, and not yet its end. */
    boolean isWithin() {
        return line != null || begun || read.length() > 0;
    }

    /** Nothing more is passed on until {@link #go}; what is read meanwhile is kept. */
    void hold() {
        held = true;
    }

    /** @throws ProblemException 400 for what is no event */
    void go() {
        held = false;
        decode();
    }

    /** @throws ProblemException 400 for what is no event */
    void take(Buffer bytes) {
        read.appendBuffer(bytes);
        decode();
    }

    private void decode() {
        if (decoding) {
            return;
        }
        decoding = true;
        int at = 0;
        try {
            while (!held) {
                int next = begun ? payload(at) : line == null ? line(at) : data(at);
                if (next < 0) {
                    break;
                }
                at = next;
            }
        } finally {
            decoding = false;
            // a copy: a slice would keep all that has come
            read = at == 0 ? read : read.getBuffer(at, read.length());
        }
    }

    /** @return where to go on; -1 where bytes are missing */
    private int line(int from) {
        int limit = Math.min(read.length(), from + LONGEST_LINE);
        int end = from;
        while (end < limit && read.getByte(end) != '\n') {
            end++;
        }
        if (end == limit) {
            if (limit == from + LONGEST_LINE) {
                throw malformed("its first line has more than %d bytes".formatted(LONGEST_LINE));
            }
            return -1;
        }
        JsonNode header = object(read.getBytes(from, end), "its first line");
        JsonNode type = header.path("type");
        if (!type.isTextual() || type.textValue().isEmpty() || type.textValue().length() > LONGEST_TYPE) {
            throw malformed("its first line has no 'type' that is a text");
        }
        JsonNode data = header.path("data");
        if (!data.isObject() && !data.isNull() && !data.isMissingNode()) {
            throw malformed("its 'data' is no object");
        }
        dataLength = (int) length(header, "data_length", LONGEST_DATA);
        payload = length(header, "payload_length", Integer.MAX_VALUE);
        line = data.isObject() ? new Event(type.textValue(), (ObjectNode) data) : new Event(type.textValue());
        return end + 1;
    }

    private int data(int from) {
        if (read.length() - from < dataLength) {
            return -1;
        }
        if (dataLength > 0) {
            line.data().setAll((ObjectNode) object(read.getBytes(from, from + dataLength), "its data"));
        }
        begun = true;
        sink.begun(line, payload);
        return from + dataLength;
    }

    private int payload(int from) {
        int length = (int) Math.min(payload, read.length() - from);
        if (length > 0) {
            payload -= length;
            sink.payload(read.getBuffer(from, from + length));
        } else if (payload > 0) {
            return -1;
        }
        if (payload == 0) {
            begun = false;
            line = null;
            sink.ended();
        }
        return from + length;
    }

    private static long length(JsonNode header, String member, long most) {
        JsonNode length = header.path(member);
        if (length.isMissingNode() || length.isNull()) {
            return 0;
        }
        if (!length.isIntegralNumber()
                || !length.canConvertToLong()
                || length.longValue() < 0
                || length.longValue() > most) {
            throw malformed("its '%s' is no number from 0 to %d".formatted(member, most));
        }
        return length.longValue();
    }

    private static JsonNode object(byte[] bytes, String what) {
        try {
            JsonNode object = JSON.readTree(bytes);
            if (object != null && object.isObject()) {
                return object;
            }
        } catch (IOException e) {
            // refused below
        }
        throw malformed(what + " is no JSON object");
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(new Problem(
                "malformed", "This is no event", 400, "What was sent is no event of Wyoming: " + why + "."));
    }
}
