// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;

/** Writes every failure in the format of its API, which is RFC 9457 {@code application/problem+json} by default. */
public final class Problems {

    /** Key of the request id in the routing context. */
    public static final String REQUEST_ID = "requestId";

    private static final Buffer EMPTY = Buffer.buffer();

    private Problems() {}

    /** Ends the response with this problem, unless something else has begun to answer. */
    public static void write(RoutingContext ctx, Problem problem) {
        HttpServerResponse response = ctx.response();
        if (response.headWritten() || response.ended()) {
            return;
        }
        HttpCall call = HttpCall.of(ctx);
        call.end(prepare(ctx.request(), ctx.get(REQUEST_ID), problem, call.errors()));
    }

    /** The same for a request that never came as far as the router. */
    static void write(HttpServerRequest request, String requestId, Problem problem) {
        write(request, requestId, problem, ErrorFormat.PROBLEM);
    }

    static void write(HttpServerRequest request, String requestId, Problem problem, ErrorFormat format) {
        HttpServerResponse response = request.response();
        if (!response.headWritten() && !response.ended()) {
            response.end(prepare(request, requestId, problem, format));
        }
    }

    private static Buffer prepare(HttpServerRequest request, String requestId, Problem problem, ErrorFormat format) {
        var response = request.response();
        problem.headers().forEach(response::putHeader);
        if (problem.status() == 405) {
            response.putHeader(HttpHeaders.ALLOW, withOptions(problem.headers().getOrDefault("Allow", "")));
            if (request.method() == HttpMethod.OPTIONS) {
                // RFC 9110, 9.3.7: no failure, but what was asked
                response.setStatusCode(204);
                return EMPTY;
            }
        }
        response.setStatusCode(format.status(problem.status()));
        if (request.version() == HttpVersion.HTTP_2) {
            // RFC 9113, 8.2.2: a connection of many streams knows no such header
            response.headers().remove(HttpHeaders.CONNECTION);
            response.headers().remove(HttpHeaders.UPGRADE);
        }
        format.headers(problem.status()).forEach(response::putHeader);
        response.putHeader(HttpHeaders.CONTENT_TYPE, format.contentType(problem.status()));
        byte[] body = format.body(problem, requestId);
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
        return request.method() == HttpMethod.HEAD ? EMPTY : Buffer.buffer(body);
    }

    /** OPTIONS is answered on each path that has any method. */
    private static String withOptions(String allow) {
        return allow.contains("OPTIONS") ? allow : allow.isEmpty() ? "OPTIONS" : allow + ", OPTIONS";
    }

    /** The problem that a bare HTTP status stands for. */
    public static Problem of(int status) {
        return switch (status) {
            case 400 ->
                new Problem(
                                "bad-request",
                                "Bad request",
                                status,
                                "The request is not well-formed HTTP; check how it is sent.")
                        // where it ends is uncertain
                        .header("Connection", "close");
            case 401 ->
                new Problem("unauthorized", "Not logged in", status, "Send a valid bearer token.")
                        .header("WWW-Authenticate", "Bearer");
            case 403 -> new Problem("forbidden", "This user may not do that", status, "This call is not allowed.");
            case 404 ->
                new Problem(
                        "not-found",
                        "Not found",
                        status,
                        "There is nothing at this path; /docs shows the paths of the gateway's own API.");
            case 405 ->
                new Problem(
                        "method-not-allowed",
                        "Method not allowed",
                        status,
                        "This path is there, but not for this method; the Allow header names those it has.");
            case 406 ->
                new Problem(
                        "not-acceptable",
                        "Not acceptable",
                        status,
                        "Nothing in the Accept header can be served; accept application/json.");
            case 408 ->
                new Problem(
                                "request-timeout",
                                "Request timeout",
                                status,
                                "The body did not arrive in time; send it faster, or smaller.")
                        .header("Connection", "close");
            case 412 ->
                new Problem(
                        "precondition-failed",
                        "Precondition failed",
                        status,
                        "If-Match or If-Unmodified-Since names another version than the one that is there.");
            case 413 ->
                new Problem("content-too-large", "Content too large", status, "The body is too large.")
                        .header("Connection", "close");
            case 414 -> new Problem("uri-too-long", "URI too long", status, "The request line is too long.");
            case 415 ->
                new Problem(
                                "unsupported-media-type",
                                "Unsupported media type",
                                status,
                                "The body is of a kind that is not read here; send application/json, not compressed.")
                        .header("Accept-Encoding", "identity");
            case 416 ->
                new Problem(
                        "range-not-satisfiable",
                        "Range not satisfiable",
                        status,
                        "The Range begins behind the end; Content-Range says how many bytes there are.");
            case 417 ->
                new Problem(
                        "expectation-failed", "Expectation failed", status, "Only Expect: 100-continue is understood.");
            case 426 ->
                new Problem(
                                "upgrade-required",
                                "Upgrade required",
                                status,
                                "This path is a WebSocket (RFC 6455): connect to it with version 13, over HTTP/1.1.")
                        .header("Upgrade", "websocket")
                        .header("Sec-WebSocket-Version", "13")
                        .header("Connection", "Upgrade");
            case 431 ->
                new Problem(
                        "headers-too-large", "Request header fields too large", status, "The headers are too large.");
            case 501 ->
                new Problem(
                        "not-implemented",
                        "Not implemented",
                        status,
                        "Of Transfer-Encoding only 'chunked' is understood, alone and once (RFC 9112, 6.1).");
            case 503 ->
                new Problem("unavailable", "Unavailable", status, "The gateway cannot answer now; try again.")
                        .header("Retry-After", "5");
            case 505 ->
                new Problem(
                        "version-not-supported",
                        "HTTP version not supported",
                        status,
                        "Speak HTTP/1.1, HTTP/1.0, or over TLS HTTP/2.");
            default ->
                status >= 400 && status < 500
                        ? new Problem("bad-request", "Bad request", status, "The request cannot be served.")
                        : new Problem(
                                "internal-error",
                                "Internal error",
                                status,
                                "The gateway failed to answer; its log tells why, under this request id.");
        };
    }

    /** A web page of this origin may not call. */
    public static Problem foreignOrigin() {
        return new Problem(
                "foreign-origin",
                "Web pages of this origin may not call",
                403,
                "The Origin header names a page that is not allowed to call from a browser."
                        + " Add its scheme, host and port to ovos.http.cors.origins, such as https://panel.example:8443,"
                        + " or to x-cors in the contract of the API that it calls.");
    }

    /** Of a form in parts that cannot be read. */
    public static Problem malformedForm(String why) {
        return new Problem(
                "malformed",
                "The body is not a multipart form",
                400,
                "The body is not valid multipart/form-data (RFC 7578): " + why + ".");
    }

    public static Problem validation(String field, String reason) {
        return Problem.validation(List.of(new FieldError(field, reason)));
    }
}
