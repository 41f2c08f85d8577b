// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;

/** Writes every failure in one shape: RFC 9457 {@code application/problem+json}. */
final class Problems {

    /** Key of the request id in the routing context. */
    static final String REQUEST_ID = "requestId";

    private static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized("application/problem+json");
    private static final ObjectMapper JSON = new ObjectMapper();

    private Problems() {}

    /** Ends the response with this problem, unless something else has begun to answer. */
    static void write(RoutingContext ctx, Problem problem) {
        var response = ctx.response();
        if (response.headWritten() || response.ended()) {
            return;
        }
        response.setStatusCode(problem.status());
        problem.headers().forEach(response::putHeader);
        response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE);
        byte[] body = document(problem, ctx.get(REQUEST_ID));
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
        if (ctx.request().method() == HttpMethod.HEAD) {
            response.end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    static Problem internal() {
        return new Problem(
                "internal",
                "The gateway failed",
                500,
                "This is an error of the gateway. Its log has the cause under the id of this request.");
    }

    static Problem notFound(String path) {
        return new Problem("not-found", "There is nothing here", 404, "The API has no path " + path + ". See /docs.");
    }

    static Problem methodNotAllowed(String allow) {
        Problem problem = new Problem(
                "method-not-allowed",
                "This path does not know the method",
                405,
                allow == null ? "See /docs for the methods of this path." : "This path knows " + allow + ".");
        return allow == null ? problem : problem.header("Allow", allow);
    }

    static Problem validation(String field, String reason) {
        return validation(List.of(Map.of("field", field, "reason", reason)));
    }

    /** Input that does not fit the contract: which fields, and why. */
    static Problem validation(List<Map<String, String>> errors) {
        String detail = errors.stream()
                .map(error -> error.get("field") + " " + error.get("reason"))
                .collect(Collectors.joining("; "));
        return new Problem("validation", "The request does not fit the contract", 422, detail).with("errors", errors);
    }

    private static byte[] document(Problem problem, String requestId) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "urn:ovos-gateway:" + problem.type());
        document.put("title", problem.title());
        document.put("status", problem.status());
        document.put("detail", problem.detail());
        document.putAll(problem.members());
        if (requestId != null) {
            document.put("request_id", requestId);
        }
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem holds only strings, numbers, lists and maps", e);
        }
    }
}
