// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.DryRun;
import org.ovosgateway.problem.ProblemException;

/** Starts a route for each message that may act, one after the other in the order of the broker. */
class MqttConsumer extends DefaultConsumer implements Suspendable {

    private final MqttEndpoint endpoint;
    private final MqttComponent component;
    private final boolean guarded;
    private Runnable leaveSimulation = () -> {};
    private Mqtt.Handle subscription;

    MqttConsumer(MqttEndpoint endpoint, Processor processor, MqttComponent component, boolean guarded) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.component = component;
        this.guarded = guarded;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        subscribe();
    }

    @Override
    protected void doStop() throws Exception {
        leaveSimulation.run();
        if (subscription != null) {
            subscription.end();
        }
        super.doStop();
    }

    @Override
    protected void doSuspend() throws Exception {
        leaveSimulation.run();
        subscription.suspend();
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        subscribe();
    }

    private void subscribe() {
        leaveSimulation.run();
        Mqtt mqtt = component.mqtt();
        subscription = guarded
                ? mqtt.subscribeGuarded(name(), endpoint.getTopic(), this::heard)
                : mqtt.subscribe(name(), endpoint.getTopic(), message -> heard(message, () -> {}));
        leaveSimulation = component.simulation().add(this);
    }

    /** The id that the owner gave the route; another version of it has the same one. */
    String name() {
        String id = getRouteId();
        return id == null ? endpoint.getTopic() : id.replaceFirst("~\\d+$", "");
    }

    String topic() {
        return endpoint.getTopic();
    }

    private void heard(Publication message, Runnable next) {
        run(message, null, failure -> {
            if (failure == null) {
                next.run();
                return;
            }
            ProblemException told = ObjectHelper.getException(ProblemException.class, failure);
            if (told != null) {
                component
                        .refusals()
                        .add(
                                message.topic(),
                                new Refusal(
                                        told.problem().type(), told.problem().detail()));
            } else {
                getExceptionHandler().handleException("A message on " + endpoint.getTopic() + " failed", failure);
            }
            next.run();
        });
    }

    /** @param done is given what failed, or null */
    void run(Publication message, DryRun dryRun, java.util.function.Consumer<Exception> done) {
        Exchange exchange = createExchange(false);
        exchange.getMessage().setBody(message.payload());
        exchange.getMessage().setHeader(PahoMqtt5Constants.MQTT_TOPIC, message.topic());
        exchange.getMessage().setHeader(PahoMqtt5Constants.MQTT_QOS, message.qos());
        exchange.getMessage().setHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, message.properties());
        component.mqtt().caller(message).mark(exchange);
        if (dryRun != null) {
            dryRun.join(exchange);
        }
        getAsyncProcessor().process(exchange, doneSync -> {
            Exception failure = exchange.getException();
            releaseExchange(exchange, false);
            done.accept(failure);
        });
    }
}
