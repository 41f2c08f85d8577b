// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.ovosgateway.InTurn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a route for each message heard, one after the other in the bus order of each device. */
class OvosConsumer extends DefaultConsumer implements Suspendable {

    /** A route that can't keep up loses the oldest messages rather than the memory of the gateway. */
    private static final int QUEUE = 1_000;

    private static final Duration SAY_AGAIN = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(OvosConsumer.class);

    private final OvosEndpoint endpoint;
    private final List<Ear> ears;

    OvosConsumer(OvosEndpoint endpoint, Processor processor, Collection<Device> devices) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.ears = devices.stream().map(Ear::new).toList();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ears.forEach(Ear::subscribe);
    }

    @Override
    protected void doStop() throws Exception {
        ears.forEach(Ear::unsubscribe);
        ears.forEach(Ear::forget);
        super.doStop();
    }

    @Override
    protected void doSuspend() throws Exception {
        ears.forEach(Ear::unsubscribe);
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        ears.forEach(Ear::subscribe);
    }

    /** What is heard of one device: a device with much to say holds up no other. */
    private final class Ear {

        private final Device device;
        private final InTurn<BusMessage> turn;
        private long quietUntil = System.nanoTime();
        private Runnable unsubscribe = () -> {};

        Ear(Device device) {
            this.device = device;
            this.turn = new InTurn<>(
                    device.vertx(), QUEUE, device.bus().maxMessageSize().toBytes(), BusMessage::size, this::handle);
        }

        void subscribe() {
            unsubscribe();
            unsubscribe = device.subscribe(name -> endpoint.nameFor(name) != null, this::heard);
        }

        void unsubscribe() {
            unsubscribe.run();
            unsubscribe = () -> {};
        }

        void forget() {
            turn.clear();
        }

        private void heard(BusMessage message) {
            if (!endpoint.hears(message)) {
                return;
            }
            boolean room = turn.add(message);
            if (!room && System.nanoTime() - quietUntil >= 0) {
                quietUntil = System.nanoTime() + SAY_AGAIN.toNanos();
                LOG.warn("{} can't keep up with the bus: its oldest messages are dropped", endpoint);
            }
        }

        private void handle(BusMessage message, Runnable next) {
            Exchange exchange = exchange(message, device);
            getAsyncProcessor().process(exchange, doneSync -> {
                if (exchange.getException() != null) {
                    getExceptionHandler()
                            .handleException("Error handling " + message.type(), exchange, exchange.getException());
                }
                releaseExchange(exchange, false);
                next.run();
            });
        }
    }

    private Exchange exchange(BusMessage message, Device device) {
        Exchange exchange = createExchange(false);
        String type = endpoint.nameFor(message.name());
        exchange.getMessage().setBody(message.dataMap(type));
        exchange.getMessage().setHeader(OvosConstants.TYPE, type);
        exchange.getMessage().setHeader(OvosConstants.CONTEXT, message.contextMap());
        exchange.getMessage().setHeader(OvosConstants.DEVICE, device.name());
        return exchange;
    }
}
