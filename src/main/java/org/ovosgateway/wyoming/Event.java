// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;

/** One event of the protocol, without its payload. */
record Event(String type, ObjectNode data) {

    private static final byte[] NOTHING = {};

    Event(String type) {
        this(type, Json.PLAIN.createObjectNode());
    }

    static Event error(Problem problem) {
        Event error = new Event("error");
        error.data.put("text", problem.detail()).put("code", problem.type());
        return error;
    }

    /** A text in the data; null where there is none. */
    String text(String member) {
        return text(data, member);
    }

    /** The same in an object of the data. */
    String text(String object, String member) {
        return text(data.path(object), member);
    }

    private static String text(JsonNode object, String member) {
        JsonNode value = object.path(member);
        return value.isTextual() && !value.textValue().isBlank() ? value.textValue() : null;
    }

    /** As it is sent: a line, then the data. */
    Buffer encoded() {
        return encoded(NOTHING, 0, 0);
    }

    /** The same with a part of a sound as its payload. */
    Buffer encoded(byte[] payload, int from, int length) {
        ObjectNode line = Json.PLAIN.createObjectNode().put("type", type);
        byte[] content = data.isEmpty() ? NOTHING : Json.write(data).getBytes(StandardCharsets.UTF_8);
        if (content.length > 0) {
            line.put("data_length", content.length);
        }
        if (length > 0) {
            line.put("payload_length", length);
        }
        return Buffer.buffer(Json.write(line))
                .appendByte((byte) '\n')
                .appendBytes(content)
                .appendBytes(payload, from, length);
    }
}
