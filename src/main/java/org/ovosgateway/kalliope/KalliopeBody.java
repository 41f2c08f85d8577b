// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.ovosgateway.Json;
import org.ovosgateway.api.JsonBody;
import org.ovosgateway.problem.ProblemException;

/** Bodies of requests as Kalliope reads them, and its refusals. */
final class KalliopeBody {

    private static final List<String> TRUE = List.of("true", "1");

    private KalliopeBody() {}

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
        return read(exchange);
    }

    /** The same whatever its type is; empty where it is no object of JSON. */
    static Map<String, Object> any(Exchange exchange) {
        try {
            return read(exchange);
        } catch (ProblemException e) {
            return Map.of();
        }
    }

    private static Map<String, Object> read(Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof byte[] bytes) || bytes.length == 0) {
            return Map.of();
        }
        JsonNode value = JsonBody.parse(bytes);
        return value.isObject() ? Json.map(value) : Map.of();
    }

    /** Kalliope's {@code str_to_bool}: everything else is false. */
    static boolean isTrue(Object value) {
        return Boolean.TRUE.equals(value)
                || value instanceof Number number && number.doubleValue() == 1
                || value instanceof String text && TRUE.contains(text.toLowerCase(Locale.ROOT));
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
