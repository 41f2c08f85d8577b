// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.auth.Logins;
import org.ovosgateway.auth.Principal;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Runs the route of a request without holding a thread while it waits.
 *
 * <p>Camel's own consumer keeps a worker for the whole exchange, and so does the advice by which {@code rest-openapi}
 * calls the route of an operation: twenty calls to a silent skill would stop everything. Here the worker is free as soon
 * as a route waits, and {@link ContractGuard} only names the operation, which is then run from here.
 */
class HttpConsumer extends VertxPlatformHttpConsumer {

    private final boolean contract;
    private final RouteGuard guard;
    private final String access;

    HttpConsumer(PlatformHttpEndpoint endpoint, Processor processor, boolean contract, RouteGuard guard) {
        super(endpoint, processor, List.of(), HttpEngine.ROUTER);
        this.contract = contract;
        this.guard = guard;
        this.access = RouteGuard.access(endpoint.getEndpointUri());
    }

    @Override
    protected void handleRequest(RoutingContext ctx) {
        Context context = ctx.vertx().getOrCreateContext();
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        processHttpRequest(exchange, ctx)
                .onFailure(failure -> {
                    releaseExchange(exchange, false);
                    ctx.fail(failure);
                })
                .onSuccess(read -> context.executeBlocking(
                                () -> {
                                    run(exchange, ctx, context);
                                    return null;
                                },
                                false)
                        .onFailure(failure -> {
                            exchange.setException(failure);
                            respond(exchange, ctx, context, null);
                        }));
    }

    private void run(Exchange exchange, RoutingContext ctx, Context context) throws Exception {
        createUoW(exchange);
        if (contract) {
            // JSON is UTF-8, whatever else it is said to be
            exchange.removeProperty(ExchangePropertyKey.CHARSET_NAME);
            // what a caller puts into a header must not pass for a parameter of the operation
            exchange.getMessage()
                    .getHeaders()
                    .keySet()
                    .removeIf(name -> !name.equals(Exchange.HTTP_PATH) && !name.equals(Exchange.HTTP_METHOD));
        } else {
            try {
                guard.admit(access, ctx);
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
        }
        Map<String, Object> asked =
                contract ? Map.of() : new HashMap<>(exchange.getMessage().getHeaders());
        getAsyncProcessor().process(exchange, doneSync -> {
            if (contract) {
                operate(exchange, ctx, context);
            } else {
                keepWhatIsNew(exchange.getMessage().getHeaders(), asked);
                respond(exchange, ctx, context, null);
            }
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

    /** Runs the operation that the contract has found for the request. */
    private void operate(Exchange exchange, RoutingContext ctx, Context context) {
        Operation operation = exchange.getProperty(ContractGuard.OPERATION, Operation.class);
        if (operation == null) {
            respond(exchange, ctx, context, null);
            return;
        }
        ctx.put("operation", operation.id());
        Principal principal = exchange.getProperty(Logins.PRINCIPAL, Principal.class);
        if (principal != null) {
            ctx.put("user", principal.user());
        }
        ProblemException refused = exchange.getProperty(ContractGuard.REFUSED, ProblemException.class);
        if (refused != null) {
            exchange.setException(refused);
            respond(exchange, ctx, context, operation);
            return;
        }
        // the REST DSL ends the route of a contract with a stop
        exchange.setRouteStop(false);
        try {
            operation.route().process(exchange, doneSync -> respond(exchange, ctx, context, operation));
        } catch (RuntimeException e) {
            exchange.setException(e);
            respond(exchange, ctx, context, operation);
        }
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
        context.runOnContext(nothing -> {
            try {
                last.write(ctx);
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
            }
        });
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
