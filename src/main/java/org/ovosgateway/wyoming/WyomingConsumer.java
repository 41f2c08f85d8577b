// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.problem.ProblemException;

/** Runs a route for each request for one service. */
class WyomingConsumer extends DefaultConsumer implements Suspendable {

    private final WyomingEndpoint endpoint;
    private final WyomingServer server;

    WyomingConsumer(WyomingEndpoint endpoint, Processor processor, WyomingServer server) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.server = server;
    }

    Service service() {
        return endpoint.asked();
    }

    /** The languages that the assistant has for the service. */
    Future<List<String>> languages(Device device, Duration timeout) {
        return endpoint.getLanguages() == null
                ? device.session(timeout)
                        .map(session -> List.of(session.path("lang").asText()))
                : device.languages(endpoint.getLanguages(), timeout);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        server.add(this);
    }

    /** It serves until its successor does: a client must not find a gap. */
    @Override
    protected void doSuspend() {}

    @Override
    protected void doResume() {
        server.add(this);
    }

    @Override
    protected void doStop() throws Exception {
        server.remove(this);
        super.doStop();
    }

    /**
     * What a route has answered.
     *
     * @param contentType of a sound; null for anything else
     */
    record Answer(Object body, String contentType) {}

    /**
     * Runs the route on a worker, which does not wait with it; fails as the route does.
     *
     * @throws ProblemException 403 where the user may not do that
     */
    Future<Answer> run(Vertx vertx, Caller caller, Object body, Map<String, Object> headers) {
        caller.require(endpoint.getScope());
        Promise<Answer> answer = Promise.promise();
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeaders(new HashMap<>(headers));
        caller.mark(exchange);
        vertx.executeBlocking(
                () -> getAsyncProcessor().process(exchange, doneSync -> {
                    Answer result = new Answer(
                            exchange.getMessage().getBody(),
                            exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class));
                    Exception failure = exchange.getException();
                    releaseExchange(exchange, false);
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.fail(failure);
                    }
                }),
                false);
        return answer.future();
    }
}
