// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.Exchange;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Bodies of requests as Kalliope reads them, and its refusals. */
final class Body {

    private static final JsonMapper JSON = Json.strict(StreamReadConstraints.builder()
            .maxNestingDepth(50)
            .maxNumberLength(100)
            .maxTokenCount(20_000)
            .build());

    private static final List<String> TRUE = List.of("true", "1");

    private Body() {}

    /**
     * The object that a caller has sent as JSON; empty where it has another type, or none.
     *
     * @throws ProblemException 400 when it is no JSON
     */
    static Map<String, Object> json(Exchange exchange) {
        String type = exchange.getProperty("contentType", "", String.class);
        if (!type.split(";", 2)[0].strip().matches("(?i)application/(.+\\+)?json")) {
            return Map.of();
        }
        try {
            return read(exchange);
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw new ProblemException(
                    new Problem("malformed", "The body is not JSON", 400, "The body is not valid JSON."));
        }
    }

    /** The same whatever its type is; empty where it is no object of JSON. */
    static Map<String, Object> any(Exchange exchange) {
        try {
            return read(exchange);
        } catch (JsonProcessingException | CharacterCodingException e) {
            return Map.of();
        }
    }

    private static Map<String, Object> read(Exchange exchange)
            throws JsonProcessingException, CharacterCodingException {
        if (!(exchange.getMessage().getBody() instanceof byte[] bytes)) {
            return Map.of();
        }
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        JsonNode value = JSON.readTree(text.startsWith("\uFEFF") ? text.substring(1) : text);
        if (text.contains("\\u") && !StandardCharsets.UTF_8.newEncoder().canEncode(value.toString())) {
            // half a character cannot be sent on
            throw new CharacterCodingException();
        }
        return value.isObject() ? Json.map(value) : Map.of();
    }

    /** Kalliope's {@code str_to_bool}: everything else is false. */
    static boolean isTrue(Object value) {
        return Boolean.TRUE.equals(value)
                || value instanceof Number number && number.doubleValue() == 1
                || value instanceof String text && TRUE.contains(text.toLowerCase(java.util.Locale.ROOT));
    }

    /** Ends the route with this answer. */
    static void refuse(Exchange exchange, int status, Object body) {
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setBody(body);
        exchange.setRouteStop(true);
    }

    /** The same in the form of most refusals. */
    static void refuse(Exchange exchange, String detail) {
        refuse(exchange, 400, Map.of("error", Map.of("Error", detail)));
    }
}
