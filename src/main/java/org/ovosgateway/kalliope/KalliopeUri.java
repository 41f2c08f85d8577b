// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.apache.camel.ExchangeProperty;
import org.ovosgateway.RouteThread;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The neuron {@code uri}: calls a URL that the owner of the gateway has written down. It follows no redirect, and reads little.
 *
 * <p>Whoever starts the synapse gives values of parameters at most, which become parts of the path, the query or the body.
 */
@Component("kalliopeUri")
public class KalliopeUri implements DisposableBean {

    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");
    /** A part of a path, written out or escaped. */
    private static final Pattern DOTS = Pattern.compile("^[^?#]*/(\\.|%2[eE]){1,2}([/?#]|$)");

    private static final int LONGEST_ANSWER = 64 << 10;
    private static final int LONGEST_TIMEOUT_SECONDS = 30;
    private static final int DEFAULT_TIMEOUT_SECONDS = 10;
    private static final int MOST_CONNECTIONS = 8;
    private static final int MOST_WAITING = 32;

    private final Vertx vertx;
    private HttpClient client;

    KalliopeUri(Vertx vertx) {
        this.vertx = vertx;
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = vertx.createHttpClient(
                    new HttpClientOptions()
                            .setDecompressionSupported(false)
                            .setConnectTimeout(LONGEST_TIMEOUT_SECONDS * 1_000),
                    new io.vertx.core.http.PoolOptions()
                            .setHttp1MaxSize(MOST_CONNECTIONS)
                            .setMaxWaitQueueSize(MOST_WAITING));
        }
        return client;
    }

    /** Calls the URL; what it says is the text of {@code say_template}, or nothing. Never blocks. */
    public CompletionStage<String> call(@ExchangeProperty("run") Run run) {
        SynapsePart uri = run.part();
        Map<String, Object> values = run.values();
        RouteThread thread = new RouteThread(vertx);
        RequestOptions options = new RequestOptions()
                .setAbsoluteURI(url(uri, values))
                .setMethod(method(uri))
                .setFollowRedirects(false);
        if (uri.parameter("headers") instanceof Map<?, ?> headers) {
            headers.forEach((name, value) -> options.putHeader(String.valueOf(name), String.valueOf(value)));
        }
        if (uri.parameter("user") != null) {
            String pair = uri.parameter("user") + ":" + uri.parameter("password");
            options.putHeader(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        String data = run.body();
        Buffer body = data == null ? Buffer.buffer() : Buffer.buffer(data);
        long timer;
        Promise<String> said = Promise.promise();
        timer = vertx.setTimer(timeout(uri), late -> said.tryFail(failed("it has not answered in time; see timeout")));
        client().request(options)
                .compose(request -> {
                    said.future().onFailure(late -> request.reset());
                    return request.send(body).compose(answer -> read(request, answer));
                })
                .map(answer -> say(uri, answer))
                .onComplete(done -> {
                    vertx.cancelTimer(timer);
                    if (done.succeeded()) {
                        said.tryComplete(done.result());
                    } else {
                        said.tryFail(done.cause());
                    }
                });
        // the rest of the route may block
        Promise<String> ended = Promise.promise();
        said.future().onComplete(done -> thread.run(false, () -> ended.handle(done)));
        return ended.future().toCompletionStage();
    }

    private static String url(SynapsePart uri, Map<String, Object> values) {
        String url = Template.fillUrl(uri.main("url"), values);
        if (url.length() == Template.LONGEST) {
            throw failed("its URL is too long");
        }
        if (DOTS.matcher(url).find()) {
            throw failed("a part of its path is . or .., which would lead to another one");
        }
        return url;
    }

    /** Status and content of an answer. */
    private record Answer(int status, String content) {}

    private static Future<Answer> read(HttpClientRequest request, HttpClientResponse answer) {
        Promise<Answer> read = Promise.promise();
        Buffer content = Buffer.buffer();
        answer.handler(chunk -> {
            if (content.length() + chunk.length() > LONGEST_ANSWER) {
                read.tryFail(failed("its answer has more than %d bytes".formatted(LONGEST_ANSWER)));
                request.reset();
            } else {
                content.appendBuffer(chunk);
            }
        });
        answer.exceptionHandler(read::tryFail);
        answer.endHandler(end -> read.tryComplete(new Answer(answer.statusCode(), content.toString())));
        return read.future();
    }

    private static String say(SynapsePart uri, Answer answer) {
        if (!(uri.parameter("say_template") instanceof String template)) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("status_code", answer.status());
        values.put("content", answer.content());
        return Template.fill(template, values);
    }

    private static HttpMethod method(SynapsePart uri) {
        Object given = uri.parameter("method");
        String method = given == null ? "GET" : given.toString().toUpperCase(Locale.ROOT);
        if (!METHODS.contains(method)) {
            throw failed("its method is none of " + METHODS);
        }
        return HttpMethod.valueOf(method);
    }

    private static long timeout(SynapsePart uri) {
        double seconds = uri.parameter("timeout") instanceof Number number && number.doubleValue() > 0
                ? Math.min(number.doubleValue(), LONGEST_TIMEOUT_SECONDS)
                : DEFAULT_TIMEOUT_SECONDS;
        return Math.max(1, (long) (seconds * 1_000));
    }

    private static ProblemException failed(String why) {
        return new ProblemException(
                new Problem("uri-failed", "A URL could not be called", 502, "The neuron uri: " + why + "."));
    }

    @Override
    public synchronized void destroy() {
        if (client != null) {
            client.close();
        }
    }
}
