// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.Problems;
import org.ovosgateway.http.SlowReaderException;
import org.ovosgateway.http.StreamLimit;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Runs the route of a request without holding a thread while it waits.
 *
 * <p>Camel's own consumer keeps a worker for the whole exchange, and so does the advice by which {@code rest-openapi}
 * calls the route of an operation: twenty calls to a silent skill would stop everything. Here a worker is free as soon
 * as a route waits, and an operation begins on the event loop: {@code direct:} leaves its route to a worker if it may block.
 */
class HttpConsumer extends VertxPlatformHttpConsumer {

    /** Bytes of a body that take no time to parse; a caller without a token may send no more. */
    private static final int SMALL = 8 << 10;

    /** The property of an exchange that holds the media type of the body, as the caller has sent it. */
    private static final String CONTENT_TYPE = "contentType";

    private static final String ACCEPT = "accept";

    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final int LONGEST_ID = 1000;

    private final Map<HttpCall, Context> followed = new ConcurrentHashMap<>();
    private final SecuritySchemes security;
    private final ContentPools pools;
    private final StreamLimit streams;
    private final Entrance entrance;
    private final Admission admission;
    private final long maxBody;
    private final Api api;
    private Operations operations;
    private Devices devices;

    HttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            SecuritySchemes security,
            ApiProperties apis,
            ContentPools pools,
            StreamLimit streams,
            HttpProperties limits) {
        super(endpoint, processor, List.of(), HttpRouter.name(address(endpoint, apis)));
        this.security = security;
        this.pools = pools;
        this.streams = streams;
        this.entrance = Entrance.of(endpoint.getEndpointUri()).within(limits.maxBodies());
        this.admission = entrance.isPublic() ? Admission.open() : security.bearer(entrance.access());
        this.maxBody = limits.maxBody().toBytes();
        this.api = entrance.api() == null ? Api.OWN : new Api(entrance.api());
    }

    private static String address(PlatformHttpEndpoint endpoint, ApiProperties apis) {
        String api = Entrance.of(endpoint.getEndpointUri()).api();
        return apis.address(api == null ? Api.OWN : new Api(api));
    }

    /** The API whose contract it mounts, or whose route it begins. */
    Api api() {
        return api;
    }

    /** From its start on it serves these operations, instead of the route that begins with it. */
    void serve(Operations operations, Devices devices) {
        this.operations = operations;
        this.devices = devices;
    }

    @Override
    protected void handleRequest(RoutingContext ctx) {
        Context context = ctx.vertx().getOrCreateContext();
        if (operations == null) {
            route(ctx, context);
            return;
        }
        Operations.Found found;
        try {
            found = operations.find(ctx.request().method(), ctx.normalizedPath());
        } catch (ProblemException e) {
            Problems.write(ctx, e.problem());
            return;
        }
        if (found == null) {
            // another API may be below the same path
            ctx.next();
            return;
        }
        Operation operation = found.operation();
        ctx.put("operation", operation.id());
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        try {
            createUoW(exchange);
        } catch (Exception e) {
            fail(e, exchange, ctx, context, operation);
            return;
        }
        admit(operation.admission(), ctx)
                .onSuccess(caller -> receive(found, caller, exchange, ctx, context))
                .onFailure(refused -> fail(refused, exchange, ctx, context, operation));
    }

    /** Finds out who calls; the body waits as long as that takes. */
    private static Future<Caller> admit(Admission admission, RoutingContext ctx) {
        Future<Caller> caller = admission.admit(ctx);
        if (!caller.isComplete() && HttpCall.of(ctx).hasBody()) {
            ctx.request().pause();
        }
        return caller;
    }

    private void fail(Throwable why, Exchange exchange, RoutingContext ctx, Context context, Operation operation) {
        exchange.setException(why);
        respond(exchange, ctx, context, operation);
    }

    /** Reads what the caller has sent. */
    private void receive(
            Operations.Found found, Caller caller, Exchange exchange, RoutingContext ctx, Context context) {
        Operation operation = found.operation();
        try {
            caller.mark(exchange);
            exchange.setProperty(Problems.REQUEST_ID, ctx.get(Problems.REQUEST_ID));
            HttpCall call = HttpCall.of(ctx);
            exchange.setProperty(Logins.CLIENT_ADDRESS, call.client());
            call.allowWhile(() -> security.mayStay(caller, operation.scope()));
            HttpServerRequest request = ctx.request();
            Message message = exchange.getMessage();
            if (operation.success().events()) {
                // where a caller who comes back has stopped reading
                String last = request.getHeader(LAST_EVENT_ID);
                if (last != null && last.length() <= LONGEST_ID) {
                    message.setHeader(LAST_EVENT_ID, last);
                }
            }
            message.setHeader(Exchange.HTTP_METHOD, request.method().name());
            message.setHeader(Exchange.HTTP_PATH, ctx.normalizedPath());
            operation.parameters().accept(message, found.path(), request.query());
            if (operation.parameters().namesDevice()) {
                String named = message.getHeader(OvosConstants.DEVICE, String.class);
                message.setHeader(
                        OvosConstants.DEVICE, devices.of(caller, named).name());
            }
            RequestBody body = operation.body();
            if (!call.hasBody()) {
                if (body != null && body.required()) {
                    throw new ProblemException(Problems.validation("body", "is required"));
                }
                operate(operation, exchange, ctx, context);
                return;
            }
            boolean known = !operation.admission().isOpen();
            if (body == null) {
                call.body(known, known ? maxBody : Math.min(SMALL, maxBody))
                        .onSuccess(ignored -> operate(operation, exchange, ctx, context))
                        .onFailure(failure -> fail(failure, exchange, ctx, context, operation));
                return;
            }
            String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
            BodyReader reader = body.reader(type);
            long limit = body.limit(reader);
            long most = limit > 0 ? limit : known ? maxBody : Math.min(SMALL, maxBody);
            exchange.setProperty(CONTENT_TYPE, type);
            exchange.setProperty(ACCEPT, request.getHeader(HttpHeaders.ACCEPT));
            reader.read(call, type, known, most)
                    .onSuccess(content -> {
                        if (content.size() <= SMALL) {
                            operate(operation, content, exchange, ctx, context);
                        } else {
                            onWorker(() -> operate(operation, content, exchange, ctx, context), exchange, ctx, context);
                        }
                    })
                    .onFailure(failure -> fail(failure, exchange, ctx, context, operation));
        } catch (Exception e) {
            fail(e, exchange, ctx, context, operation);
        }
    }

    private void operate(
            Operation operation, BodyReader.Content content, Exchange exchange, RoutingContext ctx, Context context) {
        try {
            exchange.getMessage().setBody(content.value().get());
        } catch (Exception e) {
            fail(e, exchange, ctx, context, operation);
            return;
        }
        operate(operation, exchange, ctx, context);
    }

    private void operate(Operation operation, Exchange exchange, RoutingContext ctx, Context context) {
        try {
            operation.route().process(exchange, doneSync -> respond(exchange, ctx, context, operation));
        } catch (Exception e) {
            fail(e, exchange, ctx, context, operation);
        }
    }

    /** Runs the route that begins with this consumer, one that is not in the contract. */
    private void route(RoutingContext ctx, Context context) {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        HttpCall call = HttpCall.of(ctx);
        admit(admission, ctx)
                .compose(caller -> {
                    caller.mark(exchange);
                    exchange.setProperty(Problems.REQUEST_ID, ctx.get(Problems.REQUEST_ID));
                    call.allowWhile(() -> security.mayStay(caller, admission.scope()));
                    return body(call, ctx);
                })
                .compose(body -> processHttpRequest(exchange, ctx).map(body))
                .onFailure(failure -> {
                    call.releaseBody();
                    releaseExchange(exchange, false);
                    ctx.fail(failure);
                })
                .onSuccess(body -> onWorker(() -> run(body, exchange, ctx, context), exchange, ctx, context));
    }

    /** Reads the body of a route; forms and streams become what is returned, all else goes the way that Camel knows. */
    private Future<BodyReader.Content> body(HttpCall call, RoutingContext ctx) {
        long most = entrance.maxBody() > 0 ? entrance.maxBody() : maxBody;
        boolean known = !admission.isOpen();
        String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (entrance.streaming()) {
            return new StreamBody(false).read(call, type, known, most);
        }
        BodyReader form = call.hasBody() ? RequestBody.FORMS.find(type) : null;
        if (form != null) {
            return form.read(call, type, known, most);
        }
        return call.body(known, most).map(body -> {
            if (body.length() > 0) {
                ((RoutingContextInternal) ctx).setBody(body);
            }
            return null;
        });
    }

    private void onWorker(Work work, Exchange exchange, RoutingContext ctx, Context context) {
        context.executeBlocking(
                        () -> {
                            work.run();
                            return null;
                        },
                        false)
                .onFailure(failure -> {
                    exchange.setException(failure);
                    respond(exchange, ctx, context, null);
                });
    }

    private interface Work {
        void run() throws Exception;
    }

    private void run(BodyReader.Content body, Exchange exchange, RoutingContext ctx, Context context) throws Exception {
        createUoW(exchange);
        try {
            if (body != null) {
                exchange.getMessage().setBody(body.value().get());
            }
            if (!admission.isOpen()) {
                // the token has done its duty: a route that calls others must not hand it on
                exchange.getMessage().removeHeader("Authorization");
            }
            requireCharset(exchange.getProperty(ExchangePropertyKey.CHARSET_NAME, String.class));
        } catch (ProblemException e) {
            exchange.setException(e);
            respond(exchange, ctx, context, null);
            return;
        }
        Map<String, Object> asked = new HashMap<>(exchange.getMessage().getHeaders());
        getAsyncProcessor().process(exchange, doneSync -> {
            keepWhatIsNew(exchange.getMessage().getHeaders(), asked);
            respond(exchange, ctx, context, null);
        });
    }

    /** Camel leaves the headers of the request in the message, a Content-Type or a Cache-Control of the caller too. */
    private static void keepWhatIsNew(Map<String, Object> headers, Map<String, Object> asked) {
        asked.forEach((name, value) -> {
            if (headers.get(name) == value) {
                headers.remove(name);
            }
        });
    }

    private static void requireCharset(String charset) {
        try {
            if (charset == null || Charset.isSupported(charset)) {
                return;
            }
        } catch (IllegalCharsetNameException e) {
            // is not supported either
        }
        throw new ProblemException(Problems.of(415));
    }

    private void respond(Exchange exchange, RoutingContext ctx, Context context, Operation operation) {
        Answer answer;
        try {
            Exception failure = exchange.getException();
            if (failure != null) {
                answer = Answer.of(refusal(failure, exchange, ctx, operation));
            } else {
                answer = Answer.of(exchange.getMessage(), operation);
            }
        } catch (RuntimeException e) {
            answer = Answer.of(refusal(e, exchange, ctx, operation));
        }
        Answer last = answer;
        if (Context.isOnEventLoopThread() && Vertx.currentContext() == context) {
            write(last, exchange, ctx);
        } else {
            context.runOnContext(nothing -> write(last, exchange, ctx));
        }
    }

    private void write(Answer answer, Exchange exchange, RoutingContext ctx) {
        boolean endless = answer.isEndless();
        Future<Void> written;
        try {
            written = endless ? follow(answer, Caller.of(exchange), ctx) : answer.write(ctx, pools);
        } catch (RuntimeException e) {
            written = Future.failedFuture(e);
        }
        written.onComplete(result -> {
            if (result.failed()) {
                broken(answer, result.cause(), exchange, ctx);
            }
            if (!endless) {
                done(exchange, ctx);
            }
        });
        if (endless) {
            // the route is not to wait for a caller who stays
            done(exchange, ctx);
        }
    }

    private void done(Exchange exchange, RoutingContext ctx) {
        HttpCall.of(ctx).releaseBody();
        doneUoW(exchange);
        releaseExchange(exchange, false);
    }

    /** Writes an answer that lasts until the caller leaves. */
    private Future<Void> follow(Answer answer, Caller caller, RoutingContext ctx) {
        HttpCall call = HttpCall.of(ctx);
        Runnable left;
        try {
            left = streams.open(Admission.subject(ctx));
        } catch (ProblemException e) {
            Problems.write(ctx, e.problem());
            return answer.discard(pools);
        }
        call.allowWhile(() -> security.mayFollow(caller));
        followed.put(call, ctx.vertx().getOrCreateContext());
        return answer.write(ctx, pools).onComplete(over -> {
            followed.remove(call);
            left.run();
        });
    }

    private void broken(Answer answer, Throwable cause, Exchange exchange, RoutingContext ctx) {
        if (cause == HttpCall.GONE || cause instanceof SlowReaderException) {
            return;
        }
        Problem problem = problem(cause, exchange, ctx);
        if (!ctx.response().headWritten() && !ctx.response().closed()) {
            answer.retract(ctx);
            Problems.write(ctx, problem);
        }
    }

    /** Ends the streams of its route, so that their callers come back to the route that replaces it, if any. */
    @Override
    protected void doStop() throws Exception {
        super.doStop();
        followed.forEach((call, context) -> context.runOnContext(v -> call.endStream()));
    }

    /** A route does not know what its caller may send. */
    private Problem refusal(Throwable failure, Exchange exchange, RoutingContext ctx, Operation operation) {
        return (operation == null ? admission : operation.admission()).withChallenges(problem(failure, exchange, ctx));
    }

    private Problem problem(Throwable failure, Exchange exchange, RoutingContext ctx) {
        ProblemException told = ObjectHelper.getException(ProblemException.class, failure);
        if (told != null) {
            return told.problem();
        }
        if (ObjectHelper.getException(DirectConsumerNotAvailableException.class, failure) != null) {
            return new Problem(
                            "no-route",
                            "No route serves this operation",
                            503,
                            "The contract has this operation, but no route in the routes folder begins with it."
                                    + " See the log of the gateway for the file that could not be loaded.")
                    .header("Retry-After", "10");
        }
        if (ObjectHelper.getException(RejectedExecutionException.class, failure) != null) {
            return new Problem("busy", "The gateway is busy", 503, "Too much is going on. Try again later.")
                    .header("Retry-After", "1");
        }
        String requestId = ctx.get(Problems.REQUEST_ID);
        getExceptionHandler().handleException("Request " + requestId + " failed", exchange, failure);
        return Problems.of(500);
    }
}
