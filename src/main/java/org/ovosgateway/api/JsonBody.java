// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.ovosgateway.Json;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The JSON body that one operation takes. */
public record JsonBody(boolean required, JsonSchema schema) implements BodyReader {

    private static final JsonMapper JSON = Json.strict(StreamReadConstraints.builder()
            .maxNestingDepth(50)
            .maxNumberLength(100)
            // 1 MB of empty lists would be 50 MB of objects
            .maxTokenCount(20_000)
            .build());

    /** Up to here each whole number is a double. */
    private static final double MOST_EXACT = 1L << 53;

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        return call.body(known, most).map(body -> new Content(body.length(), () -> read(body)));
    }

    /**
     * @return maps, lists, strings, numbers, booleans; null when there is none and none is required
     * @throws ProblemException 400 when it is not JSON, 422 when it does not fit
     */
    Object read(Buffer body) {
        if (body == null || body.length() == 0) {
            if (required) {
                throw new ProblemException(Problems.validation("body", "is required"));
            }
            return null;
        }
        JsonNode value = parse(body.getBytes());
        Schemas.validate(schema, value, "body");
        return JSON.convertValue(value, Object.class);
    }

    /**
     * Reads what a caller has sent, within the limits of the gateway.
     *
     * @throws ProblemException 400 when it is not JSON
     */
    public static JsonNode parse(byte[] body) {
        try {
            // Jackson guesses among encodings and lets half a character pass; the bus is UTF-8 only
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            // RFC 8259, 8.1: a byte order mark may be ignored, and PowerShell and .NET send one
            JsonNode value = JSON.readTree(text.startsWith("\uFEFF") ? text.substring(1) : text);
            if (value == null || value.isMissingNode()) {
                throw malformed("it is empty");
            }
            boolean escapes = text.contains("\\u");
            if (escapes && !StandardCharsets.UTF_8.newEncoder().canEncode(value.toString())) {
                throw malformed("it has half a character, a lone surrogate");
            }
            return wholeAsIntegers(value);
        } catch (CharacterCodingException e) {
            throw malformed("it is not UTF-8");
        } catch (JsonProcessingException e) {
            var place = e.getLocation();
            throw malformed(
                    place == null
                            ? "it can't be parsed"
                            : "look at line %d, column %d".formatted(place.getLineNr(), place.getColumnNr()));
        }
    }

    /** JSON Schema takes 55.0 for an integer, as templates of Home Assistant write it; the validator and routes do not. */
    private static JsonNode wholeAsIntegers(JsonNode value) {
        if (value instanceof ObjectNode object) {
            object.properties().forEach(member -> member.setValue(wholeAsIntegers(member.getValue())));
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, wholeAsIntegers(array.get(i)));
            }
        } else if (value.isDouble()) {
            double number = value.doubleValue();
            if (Double.isInfinite(number)) {
                // JSON has none, but Jackson reads 1e400 as one, on which the validation of a number fails
                throw malformed("it has a number that is too large");
            }
            if (number == Math.rint(number) && Math.abs(number) <= MOST_EXACT) {
                long whole = (long) number;
                return whole == (int) whole ? IntNode.valueOf((int) whole) : LongNode.valueOf(whole);
            }
        }
        return value;
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(
                new Problem("malformed", "The body is not JSON", 400, "The body is not valid JSON: " + why + "."));
    }
}
