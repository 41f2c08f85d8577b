// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.InputStream;
import java.time.Instant;
import java.time.chrono.ChronoZonedDateTime;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.HttpDate;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;

/**
 * What goes back to the caller: made on a worker, written on the event loop of the connection.
 *
 * <p>What a route leaves in the message and the media type of the answer say of what kind it is: JSON or bytes as a whole; a
 * file, a part of one, or a stream, chunk by chunk; events, JSON lines or the parts of a multipart answer, one by one.
 */
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

    private static final String CONTENT_TYPE = "Content-Type";
    private static final String ETAG = "ETag";
    private static final String LAST_MODIFIED = "Last-Modified";
    private static final String BOUNDARY = "boundary=";
    private static final Buffer EMPTY = Buffer.buffer();
    private static final Future<Void> DONE = Future.succeededFuture();

    private final int status;
    private final Map<String, String> headers;
    private final Buffer whole;
    private final Object body;
    private final boolean ranges;
    private final Problem problem;

    private Answer(
            int status, Map<String, String> headers, Buffer whole, Object body, boolean ranges, Problem problem) {
        this.status = status;
        this.headers = headers;
        this.whole = whole;
        this.body = body;
        this.ranges = ranges;
        this.problem = problem;
    }

    static Answer of(Problem problem) {
        return new Answer(problem.status(), Map.of(), null, null, false, problem);
    }

    /**
     * The answer in this message.
     *
     * @param operation gives status and media type where the route does not; null outside of the contract
     */
    static Answer of(Message message, Operation operation) {
        Integer set = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Object content = message.getBody() instanceof Upload upload ? upload.stored() : message.getBody();
        Success success = operation == null ? null : operation.success();
        int status = set != null ? set : success != null ? success.status() : content == null ? 204 : 200;
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
            return new Answer(status, headers, EMPTY, null, false, null);
        }
        String type = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        if (type == null) {
            type = success != null && success.mediaType() != null
                    ? success.mediaType()
                    : AnswerBody.isLong(content) || success == null && content instanceof String
                            ? AnswerBody.typeOf(content)
                            : Success.JSON;
        }
        if (type.equals(Success.JSON) && !AnswerBody.isLong(content)) {
            // nearly every answer: what follows would find nothing else
            headers.put(CONTENT_TYPE, type);
            return new Answer(
                    status, headers, AnswerBody.bytes(content), null, success != null && success.ranges(), null);
        }
        boolean multipart = isMultipart(type) && !isBytes(content);
        if (multipart && !type.contains(BOUNDARY)) {
            type += "; " + BOUNDARY + MultipartChunks.newBoundary();
        }
        headers.put(CONTENT_TYPE, type);
        boolean series = SeriesFormat.of(type) != SeriesFormat.BYTES && !isBytes(content);
        if (series || multipart || AnswerBody.isLong(content) || Elements.isSeries(content) && !isJson(type)) {
            boolean part = success == null ? AnswerBody.isLong(content) : success.ranges();
            return new Answer(status, headers, null, content, part, null);
        }
        return new Answer(status, headers, AnswerBody.bytes(content), null, success != null && success.ranges(), null);
    }

    private static boolean isJson(String type) {
        return begins(type, Success.JSON);
    }

    private static boolean isMultipart(String type) {
        return begins(type, "multipart/");
    }

    private static boolean begins(String type, String start) {
        return type.regionMatches(true, 0, start, 0, start.length());
    }

    /** Whether the route has written them itself, whatever they are. */
    private static boolean isBytes(Object content) {
        return content instanceof byte[]
                || content instanceof Buffer
                || content instanceof InputStream
                || AnswerBody.isLong(content) && !(content instanceof Flow.Publisher<?>);
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

    /** Whether it lasts until the caller leaves. */
    boolean isEndless() {
        return body != null && !isBytes(body) && SeriesFormat.of(headers.get(CONTENT_TYPE)) != SeriesFormat.BYTES;
    }

    /**
     * Writes it; on the event loop of the connection.
     *
     * @return completes when all that a route has made for it can be freed; fails when it could not be made, or not all of it
     */
    Future<Void> write(RoutingContext ctx, ContentPools pools) {
        if (problem != null) {
            Problems.write(ctx, problem);
            return DONE;
        }
        var response = ctx.response();
        if (response.ended() || response.closed()) {
            return body == null ? DONE : discard(pools);
        }
        boolean conditional =
                status == 200 && (ranges || headers.containsKey(ETAG) || headers.containsKey(LAST_MODIFIED));
        if (body == null && !conditional) {
            writeWhole(ctx);
            return DONE;
        }
        return (body == null ? Future.<AnswerBody>succeededFuture(new AnswerBody.Bytes(whole)) : open(pools))
                .compose(content -> write(ctx, content));
    }

    private void writeWhole(RoutingContext ctx) {
        writeHead(ctx.response(), status);
        if (status != 204 && status != 304) {
            ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(whole.length()));
        }
        // RFC 9110, 9.3.2: the same headers as for GET, the length of the body among them
        HttpCall.of(ctx).end(ctx.request().method() == HttpMethod.HEAD ? EMPTY : whole);
    }

    private Future<AnswerBody> open(ContentPools pools) {
        String type = headers.get(CONTENT_TYPE);
        if (isMultipart(type) && !isBytes(body)) {
            String boundary = type.substring(type.indexOf(BOUNDARY) + BOUNDARY.length())
                    .split(";", 2)[0]
                    .replace("\"", "");
            return Future.succeededFuture(new AnswerBody.Multipart(Elements.of(body, pools), boundary, pools));
        }
        if (isEndless()) {
            return Future.succeededFuture(new AnswerBody.Series(Elements.of(body, pools), SeriesFormat.of(type)));
        }
        return AnswerBody.of(body, type, pools);
    }

    /** Frees what nobody will read; needs no call where it is written. */
    Future<Void> discard(ContentPools pools) {
        return open(pools).onSuccess(AnswerBody::close).mapEmpty();
    }

    private Future<Void> write(RoutingContext ctx, AnswerBody content) {
        HttpMethod method = ctx.request().method();
        boolean read = status == 200 && (method == HttpMethod.GET || method == HttpMethod.HEAD);
        boolean parts = read && ranges && content.length() >= 0;
        if (content.etag() != null) {
            headers.putIfAbsent(ETAG, content.etag());
        }
        if (content.modified() != null) {
            headers.putIfAbsent(LAST_MODIFIED, HttpDate.of(content.modified()));
        }
        if (parts) {
            headers.put("Accept-Ranges", "bytes");
        }
        if (isEndless()) {
            // nginx would gather events
            headers.put("X-Accel-Buffering", "no");
        }
        Selection selection = read
                ? Selection.of(
                        ctx.request().headers(),
                        content.length(),
                        headers.get(ETAG),
                        HttpDate.parse(headers.get(LAST_MODIFIED)),
                        parts && method == HttpMethod.GET)
                : new Selection(status, 0, content.length());
        return switch (selection.status()) {
            case 412 -> refuse(ctx, content, Problems.of(412));
            case 416 -> refuse(ctx, content, Problems.of(416).header("Content-Range", "bytes */" + content.length()));
            case 304 -> {
                content.close();
                headers.remove(CONTENT_TYPE);
                writeHead(ctx.response(), 304);
                HttpCall.of(ctx).end(EMPTY);
                yield DONE;
            }
            default -> send(ctx, content, selection);
        };
    }

    private static Future<Void> refuse(RoutingContext ctx, AnswerBody content, Problem problem) {
        content.close();
        Problems.write(ctx, problem);
        return DONE;
    }

    private Future<Void> send(RoutingContext ctx, AnswerBody content, Selection selection) {
        var response = ctx.response();
        if (selection.status() == 206) {
            headers.put(
                    "Content-Range",
                    "bytes %d-%d/%d"
                            .formatted(selection.from(), selection.from() + selection.length() - 1, content.length()));
        }
        try {
            writeHead(response, selection.status());
        } catch (RuntimeException e) {
            content.close();
            throw e;
        }
        if (selection.length() >= 0) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(selection.length()));
        }
        if (ctx.request().method() == HttpMethod.HEAD) {
            content.close();
            HttpCall.of(ctx).end(EMPTY);
            return DONE;
        }
        return HttpCall.of(ctx).stream(content.chunks(selection.from(), selection.length()));
    }

    private void writeHead(HttpServerResponse response, int code) {
        response.setStatusCode(code);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            response.putHeader(header.getKey(), header.getValue());
        }
    }

    /** Takes back its headers, so that a problem can be sent instead. */
    void retract(RoutingContext ctx) {
        headers.keySet().forEach(ctx.response().headers()::remove);
        ctx.response().headers().remove(HttpHeaders.CONTENT_LENGTH);
    }
}
