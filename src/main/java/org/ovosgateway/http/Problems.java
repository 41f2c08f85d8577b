// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.LinkedHashMap;
import java.util.Map;
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
