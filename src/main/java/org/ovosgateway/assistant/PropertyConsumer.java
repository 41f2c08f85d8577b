// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Set;
import java.util.function.Consumer;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Part;

/** The route that asks a device for a property. */
class PropertyConsumer extends DefaultConsumer implements Suspendable {

    private final String name;
    private final Set<Part> parts;
    private final Readings readings;

    PropertyConsumer(PropertyEndpoint endpoint, Processor processor, Readings readings) {
        super(endpoint, processor);
        this.name = endpoint.getName();
        this.parts = endpoint.parts();
        this.readings = readings;
    }

    /** The parts of an assistant that answer; empty where nothing is known of that. */
    Set<Part> parts() {
        return parts;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        readings.add(name, this);
    }

    @Override
    protected void doStop() throws Exception {
        readings.remove(name, this);
        super.doStop();
    }

    @Override
    protected void doSuspend() throws Exception {
        readings.remove(name, this);
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        readings.add(name, this);
    }

    /** Runs the route for a device; {@code done} is given the failure, or null. */
    void run(String device, Consumer<Exception> done) {
        Exchange exchange = createExchange(false);
        exchange.getMessage().setHeader(OvosConstants.DEVICE, device);
        getAsyncProcessor().process(exchange, doneSync -> {
            Exception failure = exchange.getException();
            releaseExchange(exchange, false);
            done.accept(failure);
        });
    }
}
