// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.direct.DirectConsumer;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.support.DefaultAsyncProducer;
import org.springframework.stereotype.Component;

/**
 * {@code direct:} where two versions of a route can run side by side: the newest consumer of a name serves, and all
 * names change hands in one step. Unlike Camel's, a producer without a consumer fails at once instead of blocking, and
 * one that is called on an event loop leaves a route that may block to a worker.
 */
@Component("direct-component")
class SwitchedDirect extends DirectComponent {

    private static final String PREFIX = "direct://";

    private final Map<String, List<DirectConsumer>> consumers = new HashMap<>();
    private volatile Serving serving = new Serving(Map.of(), new ConcurrentHashMap<>());
    private ErrorHandlerFactory usualErrorHandler;
    private boolean held;

    /** The consumers of a moment; which of their routes never block is found out when it is asked for. */
    private record Serving(Map<String, DirectConsumer> consumers, Map<String, Boolean> nonBlocking) {}

    /** Whether the route that now begins with {@code direct:} and this name may run on an event loop. */
    boolean neverBlocks(String name) {
        return neverBlocks(serving, PREFIX + name);
    }

    private boolean neverBlocks(Serving now, String key) {
        Boolean known = now.nonBlocking.get(key);
        if (known == null) {
            DirectConsumer consumer = now.consumers.get(key);
            known = errorHandler() == usualErrorHandler && (consumer == null || NonBlocking.is(consumer.getRoute()));
            now.nonBlocking.put(key, known);
        }
        return known;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        usualErrorHandler = errorHandler();
    }

    /** Of all routes that have none of their own. */
    private ErrorHandlerFactory errorHandler() {
        return getCamelContext().getCamelContextExtension().getErrorHandlerFactory();
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        DirectEndpoint endpoint = new SwitchedEndpoint(uri, this);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** From now on callers see no change, until {@link #release()} shows all changes at once. */
    synchronized void hold() {
        held = true;
    }

    synchronized void release() {
        held = false;
        publish();
    }

    /** These consumers get no new exchanges; those under way go on. */
    synchronized void retire(Collection<Consumer> retired) {
        consumers.values().forEach(candidates -> candidates.removeAll(retired));
        publish();
    }

    @Override
    public synchronized void addConsumer(String key, DirectConsumer consumer) {
        consumers.computeIfAbsent(key, name -> new ArrayList<>()).add(consumer);
        publish();
    }

    @Override
    public synchronized void removeConsumer(String key, DirectConsumer consumer) {
        retire(List.of(consumer));
    }

    @Override
    protected DirectConsumer getConsumer(String key, boolean block, long timeout) {
        return serving.consumers.get(key);
    }

    private void publish() {
        if (!held) {
            consumers.values().removeIf(List::isEmpty);
            Map<String, DirectConsumer> newest = new HashMap<>();
            consumers.forEach((key, candidates) -> newest.put(key, candidates.get(candidates.size() - 1)));
            serving = new Serving(newest, new ConcurrentHashMap<>());
        }
    }

    private static final class SwitchedEndpoint extends DirectEndpoint {

        private final SwitchedDirect component;

        SwitchedEndpoint(String uri, SwitchedDirect component) {
            super(uri, component);
            this.component = component;
        }

        @Override
        public Producer createProducer() {
            return new SwitchedProducer(this);
        }
    }

    /** Asks for the consumer every time: Camel's producer caches it, and may keep one that has gone (4.17.0). */
    private static final class SwitchedProducer extends DefaultAsyncProducer {

        private final SwitchedEndpoint endpoint;
        private final String key;

        SwitchedProducer(SwitchedEndpoint endpoint) {
            super(endpoint);
            this.endpoint = endpoint;
            this.key = endpoint.getEndpointBaseUri();
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Serving now = endpoint.component.serving;
            DirectConsumer consumer = now.consumers.get(key);
            if (Context.isOnEventLoopThread() && !endpoint.component.neverBlocks(now, key)) {
                Vertx.currentContext()
                        .executeBlocking(() -> process(consumer, exchange, doneSync -> callback.done(false)), false)
                        .onFailure(e -> {
                            exchange.setException(e);
                            callback.done(false);
                        });
                return false;
            }
            return process(consumer, exchange, callback);
        }

        private boolean process(DirectConsumer consumer, Exchange exchange, AsyncCallback callback) {
            if (consumer != null && !endpoint.isSynchronous()) {
                return consumer.getAsyncProcessor().process(exchange, callback);
            }
            try {
                if (consumer != null) {
                    consumer.getProcessor().process(exchange);
                } else if (endpoint.isFailIfNoConsumers()) {
                    throw new DirectConsumerNotAvailableException("No route begins with " + key, exchange);
                }
            } catch (Exception e) {
                exchange.setException(e);
            }
            callback.done(true);
            return true;
        }
    }
}
