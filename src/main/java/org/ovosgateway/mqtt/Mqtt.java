// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.Inflow;
import org.ovosgateway.auth.Caller;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** The broker, for all routes: what may be published and heard, by one connection that starts and stops with the gateway. */
@Component
@ConditionalOnMqtt
public final class Mqtt implements SmartLifecycle, Inflow, Publisher {

    /** Order of its start, after which {@link LocalBroker} is there. */
    public static final int STARTS = 2;

    /** {@link LocalBroker} stops in the one below. */
    public static final int PHASE = Integer.MAX_VALUE - 100;

    private final MqttProperties properties;
    private final Grants grants;
    private final Subscriptions subscriptions;
    private final BrokerConnection connection;
    private volatile boolean running;

    @Autowired
    Mqtt(
            Vertx vertx,
            MqttProperties properties,
            ClientId clientId,
            ObjectProvider<LocalBroker> localBroker,
            MeterRegistry meters) {
        // the system's resolver knows the names of a home
        this(vertx, properties, clientId, localBroker, meters, InetAddress::getAllByName);
    }

    Mqtt(
            Vertx vertx,
            MqttProperties properties,
            ClientId clientId,
            ObjectProvider<LocalBroker> localBroker,
            MeterRegistry meters,
            Connector.Resolver resolver) {
        this.properties = properties;
        this.grants = new Grants(properties);
        Counter dropped = counter(meters, "dropped", "Messages that were lost: nobody to take them, or too many");
        this.subscriptions = new Subscriptions(
                vertx, new Guard(properties.guard()), properties.maxWaiting().toBytes(), dropped);
        this.connection = new BrokerConnection(
                vertx,
                properties,
                clientId.get(),
                subscriptions,
                localBroker,
                resolver,
                new BrokerConnection.Counts(
                        counter(meters, "received", "Messages of the broker that were heard"),
                        counter(meters, "published", "Messages that the broker has taken"),
                        dropped,
                        counter(
                                meters,
                                "connects",
                                "Connections made to the broker; all but the first are reconnects")));
        Gauge.builder("ovos.mqtt.connected", connection, broker -> broker.isConnected() ? 1 : 0)
                .description("1 while the broker is connected")
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder("ovos.mqtt." + name).description(description).register(meters);
    }

    /** A subscription as its owner sees it. */
    public interface Handle {

        /** Hears nothing new; what waits is handled by the next subscription of the same name, or else by this one. */
        void suspend();

        /** Hears nothing any more. */
        void end();
    }

    /** First level, or levels, of the gateway's own topics. */
    @Override
    public String base() {
        return properties.base();
    }

    /** First level of the topics by which Home Assistant discovers. */
    public String discoveryPrefix() {
        return properties.discovery().prefix();
    }

    /** On whose behalf a message acts. */
    public Caller caller(Publication message) {
        return grants.caller(message);
    }

    /**
     * How old an event may be that a message tells of: of a source that tells its last event again and again, and told
     * another one at that time ({@link System#nanoTime}). Zero when the broker was heard without a break since then.
     */
    public Duration uncertainty(long nanos) {
        return connection.uncertainty(nanos);
    }

    public boolean isConnected() {
        return connection.isConnected();
    }

    /** When the present state, connected or not, began. */
    Instant since() {
        return connection.since();
    }

    String lastError() {
        return connection.lastError();
    }

    /** When and why the session was begun anew the last time; null if it never was. */
    String renewed() {
        return connection.renewed();
    }

    /** Where the broker is, without user and password. */
    String uri() {
        return connection.uri();
    }

    /** Publishes at QoS 1; see {@link #publish(Publication)}. */
    @Override
    public void publish(String topic, String payload, boolean retain) {
        publish(new Publication(topic, payload, retain));
    }

    /**
     * Publishes; never blocks. What is retained is kept here too, and sent again after each reconnect; an empty payload
     * clears it, also when the broker is away. What is not retained is lost while the broker is away.
     *
     * @throws IllegalArgumentException when the topic has wildcards, or is none
     */
    public void publish(Publication message) {
        MqttTopicValidator.validate(message.topic(), false, false);
        connection.publish(message);
    }

    /** Sends what is retained on these topics again; not while the broker is away, since all of it is sent after that. */
    public void repeat(Predicate<String> topics) {
        connection.repeat(topics);
    }

    /**
     * Hears every message that fits, in order, on workers; also those that are history, and whatever is in them.
     *
     * @return ends it
     * @throws IllegalArgumentException when it is no topic filter
     */
    public Runnable subscribe(String filter, Consumer<Publication> handler) {
        return subscribe(null, filter, false, inTurn(handler), (message, refusal) -> {})::end;
    }

    /** As {@link #subscribe}, for a route that may be replaced by one of the same name. */
    Handle subscribe(String name, String filter, Consumer<Publication> handler) {
        return subscribe(name, filter, false, inTurn(handler), (message, refusal) -> {});
    }

    private static BiConsumer<Publication, Runnable> inTurn(Consumer<Publication> handler) {
        return (message, done) -> {
            try {
                handler.accept(message);
            } finally {
                done.run();
            }
        };
    }

    /**
     * Hears the messages that may act.
     *
     * @param handler gets the next message when it has run what it was given with the one before
     * @param refused gets each message that does not act, and the reason
     * @return ends it
     */
    public Runnable subscribeGuarded(
            String filter, BiConsumer<Publication, Runnable> handler, BiConsumer<Publication, Refusal> refused) {
        return subscribe(null, filter, true, handler, refused)::end;
    }

    /** As {@link #subscribeGuarded}, for a route that may be replaced by one of the same name. */
    Handle subscribeGuarded(String name, String filter, BiConsumer<Publication, Runnable> handler) {
        return subscribe(name, filter, true, handler, (message, refusal) -> {});
    }

    private Handle subscribe(
            String name,
            String filter,
            boolean guarded,
            BiConsumer<Publication, Runnable> handler,
            BiConsumer<Publication, Refusal> refused) {
        Subscriptions.Subscription subscription = subscriptions.add(name, filter, guarded, handler, refused);
        connection.subscribe(filter, guarded);
        return new Handle() {
            @Override
            public void suspend() {
                subscriptions.suspend(subscription);
                connection.unsubscribe(filter);
            }

            @Override
            public void end() {
                subscriptions.end(subscription);
                connection.unsubscribe(filter);
            }
        };
    }

    /** Run on a worker each time the broker is connected again, with subscriptions and retained state in place. */
    @Override
    public void onConnected(Runnable action) {
        connection.onConnected(action);
    }

    /** Told of each message that the guard refuses. */
    void onRefused(BiConsumer<String, Refusal> listener) {
        subscriptions.onRefused(listener);
    }

    /** What the guard would say, without being told. */
    Optional<Refusal> judge(Publication message) {
        return new Guard(properties.guard()).judge(message, Duration.ZERO);
    }

    // Camel starts its routes when the context is refreshed, and what waits at the broker comes as soon as we are there
    @EventListener(ApplicationStartedEvent.class)
    @Order(STARTS)
    @Override
    public void start() {
        running = true;
        connection.open();
    }

    /** Says that it goes, and goes. */
    @Override
    public void stop() {
        running = false;
        connection.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isAutoStartup() {
        return false;
    }

    /** Stops before Camel does: what comes after that is better kept by the broker than heard with no route to take it. */
    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public void hold() {
        subscriptions.hold();
    }

    @Override
    public void release() {
        subscriptions.release();
    }
}
