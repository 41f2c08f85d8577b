// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.chrono.ChronoZonedDateTime;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.HttpDate;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;

/** What goes back to the caller: made on a worker, written on the event loop of the connection. */
final class Answer {

    /** Only these leave: Camel would send every header of the message back, the request's Authorization among them. */
    private static final Map<String, String> HEADERS = Stream.of(
                    "Location",
                    "Retry-After",
                    "Cache-Control",
                    "ETag",
                    "Last-Modified",
                    "Content-Disposition",
                    "Content-Language",
                    "Link",
                    "Allow",
                    "Vary",
                    "WWW-Authenticate")
            .collect(Collectors.toMap(
                    Function.identity(),
                    Function.identity(),
                    (one, other) -> one,
                    () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER)));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Buffer EMPTY = Buffer.buffer();

    private final int status;
    private final Map<String, String> headers;
    private final Buffer body;
    private final Problem problem;

    private Answer(int status, Map<String, String> headers, Buffer body, Problem problem) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.problem = problem;
    }

    static Answer of(Problem problem) {
        return new Answer(problem.status(), Map.of(), null, problem);
    }

    /**
     * The answer in this message.
     *
     * @param operation gives the status where the route does not; null outside of the contract
     */
    static Answer of(Message message, Operation operation) {
        Integer set = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Object content = message.getBody();
        int status = set != null ? set : operation != null ? operation.successStatus() : content == null ? 204 : 200;
        Map<String, String> headers = new LinkedHashMap<>(4);
        for (String given : message.getHeaders().keySet()) {
            String name = HEADERS.get(given);
            String value = name == null ? null : text(message, given);
            if (value != null) {
                headers.put(name, value);
            }
        }
        if (status == 404 && set != null && content == null) {
            return of(Problems.of(404));
        }
        if (status == 405 && content == null) {
            return of(Problems.of(405).header("Allow", headers.getOrDefault("Allow", "")));
        }
        if (status == 204 || status == 304 || content == null) {
            return new Answer(status, headers, EMPTY, null);
        }
        boolean text = content instanceof String && operation == null;
        String type = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        headers.put("Content-Type", type != null ? type : text ? "text/plain; charset=utf-8" : "application/json");
        return new Answer(status, headers, bytes(message, content), null);
    }

    /** A point in time, as of a file's last change, becomes a date of HTTP. */
    private static String text(Message message, String header) {
        Object value = message.getHeader(header);
        if (value instanceof Date date) {
            return HttpDate.of(date.toInstant());
        }
        if (value instanceof Instant instant) {
            return HttpDate.of(instant);
        }
        if (value instanceof ChronoZonedDateTime<?> time) {
            return HttpDate.of(time.toInstant());
        }
        return message.getHeader(header, String.class);
    }

    private static Buffer bytes(Message message, Object content) {
        if (content instanceof Buffer buffer) {
            return buffer;
        }
        if (content instanceof byte[] bytes) {
            return Buffer.buffer(bytes);
        }
        if (content instanceof String string) {
            return Buffer.buffer(string.getBytes(StandardCharsets.UTF_8));
        }
        if (content instanceof java.io.InputStream) {
            return Buffer.buffer(message.getBody(byte[].class));
        }
        try {
            return Buffer.buffer(JSON.writeValueAsBytes(content));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The route's body can't be written as JSON: " + content.getClass(), e);
        }
    }

    void write(RoutingContext ctx) {
        if (problem != null) {
            Problems.write(ctx, problem);
            return;
        }
        var response = ctx.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            response.putHeader(header.getKey(), header.getValue());
        }
        if (status != 204 && status != 304) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        }
        // RFC 9110, 9.3.2: the same headers as for GET, the length of the body among them
        HttpCall.of(ctx).end(ctx.request().method() == HttpMethod.HEAD ? EMPTY : body);
    }
}
