// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.util.unit.DataSize;

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

    private static final Buffer NO_BODY = Buffer.buffer();

    private final RouteGuard guard;
    private final String access;
    private final long maxBody;
    private final Api api;
    private final String address;
    private Operations operations;
    private ContractGuard contract;

    HttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            RouteGuard guard,
            ApiProperties apis,
            DataSize maxBody) {
        super(endpoint, processor, List.of(), HttpEngine.ROUTER);
        this.guard = guard;
        this.maxBody = maxBody.toBytes();
        this.access = RouteGuard.option(endpoint.getEndpointUri(), RouteGuard.ACCESS);
        String folder = RouteGuard.option(endpoint.getEndpointUri(), HttpComponent.API);
        this.api = folder == null ? Api.OWN : new Api(folder);
        this.address = apis.address(api);
    }

    /** The API whose contract it mounts, or whose route it begins. */
    Api api() {
        return api;
    }

    /** From its start on it serves these operations, instead of the route that begins with it. */
    void serve(Operations operations, ContractGuard contract) {
        this.operations = operations;
        this.contract = contract;
    }

    @Override
    protected void handleRequest(RoutingContext ctx) {
        if (!address.equals(HttpCall.of(ctx).address())) {
            ctx.next();
            return;
        }
        Context context = ctx.vertx().getOrCreateContext();
        if (operations == null) {
            route(ctx, context);
            return;
        }
        Operations.Found found;
        try {
            found = operations.find(ctx.request().method(), ctx.normalizedPath());
        } catch (ProblemException e) {
            Answer.of(e.problem()).write(ctx);
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
            contract.admit(found, ctx, exchange);
        } catch (Exception e) {
            exchange.setException(e);
            respond(exchange, ctx, context, operation);
            return;
        }
        HttpCall call = HttpCall.of(ctx);
        if (!call.hasBody()) {
            operate(operation, NO_BODY, exchange, ctx, context);
            return;
        }
        boolean known = operation.access() != Operation.Access.PUBLIC;
        call.body(known, known ? maxBody : Math.min(SMALL, maxBody))
                .onSuccess(body -> {
                    if (body.length() <= SMALL) {
                        operate(operation, body, exchange, ctx, context);
                    } else {
                        onWorker(() -> operate(operation, body, exchange, ctx, context), exchange, ctx, context);
                    }
                })
                .onFailure(failure -> {
                    exchange.setException(failure);
                    respond(exchange, ctx, context, operation);
                });
    }

    private void operate(Operation operation, Buffer body, Exchange exchange, RoutingContext ctx, Context context) {
        try {
            contract.accept(operation, ctx, body, exchange);
            operation.route().process(exchange, doneSync -> respond(exchange, ctx, context, operation));
        } catch (Exception e) {
            exchange.setException(e);
            respond(exchange, ctx, context, operation);
        }
    }

    /** Runs the route that begins with this consumer, one that is not in the contract. */
    private void route(RoutingContext ctx, Context context) {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        try {
            guard.admit(access, ctx).mark(exchange);
        } catch (ProblemException e) {
            releaseExchange(exchange, false);
            ctx.fail(e);
            return;
        }
        HttpCall call = HttpCall.of(ctx);
        call.body(call.isKnown(), maxBody)
                .compose(body -> {
                    if (body.length() > 0) {
                        ((RoutingContextInternal) ctx).setBody(body);
                    }
                    return processHttpRequest(exchange, ctx);
                })
                .onFailure(failure -> {
                    call.releaseBody();
                    releaseExchange(exchange, false);
                    ctx.fail(failure);
                })
                .onSuccess(read -> onWorker(() -> run(exchange, ctx, context), exchange, ctx, context));
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

    private void run(Exchange exchange, RoutingContext ctx, Context context) throws Exception {
        createUoW(exchange);
        try {
            if (!RouteGuard.PUBLIC.equals(access)) {
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
                answer = Answer.of(problem(failure, exchange, ctx));
            } else {
                answer = Answer.of(exchange.getMessage(), operation);
            }
        } catch (RuntimeException e) {
            answer = Answer.of(problem(e, exchange, ctx));
        }
        Answer last = answer;
        if (Context.isOnEventLoopThread() && Vertx.currentContext() == context) {
            write(last, exchange, ctx);
        } else {
            context.runOnContext(nothing -> write(last, exchange, ctx));
        }
    }

    private void write(Answer answer, Exchange exchange, RoutingContext ctx) {
        try {
            answer.write(ctx);
        } finally {
            HttpCall.of(ctx).releaseBody();
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }
    }

    private Problem problem(Exception failure, Exchange exchange, RoutingContext ctx) {
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
