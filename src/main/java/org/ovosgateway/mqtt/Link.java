// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import com.hivemq.client.internal.mqtt.MqttClientConfig;
import com.hivemq.client.internal.mqtt.MqttClientConnectionConfig;
import com.hivemq.client.internal.mqtt.message.ping.MqttPingReq;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.exceptions.MqttSessionExpiredException;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import org.ovosgateway.PeriodicTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a connection, and the connection it becomes. Each has a client of its own: what must outlive a connection
 * is kept by {@link BrokerConnection}, and the broker is told again.
 *
 * <p>A connection that only looks alive is the case that this class is made for: a cable that was pulled, a machine that was
 * suspended. It asks the broker for a sign of life often enough to know, for each message, how long it may have been on its
 * way.
 */
final class Link {

    /** Who is told what becomes of it, on the event loop of the connection. */
    interface Listener {
        void connected(Link from, Terms terms);

        /** Once. */
        void lost(Link from, Loss loss);

        void heard(Link from, Publication message);

        /** The broker is heard again after a silence; what it sent in the meantime is heard from now on. */
        void silentUntilNow(Link from, Moment lastSign);
    }

    /** A topic filter, and whether what the broker has kept on it is wanted. */
    record Filter(String name, boolean history) {}

    /** What became of a message. */
    enum Delivery {
        TAKEN,
        REFUSED,
        /** The connection was lost before the broker had it. */
        LOST
    }

    /** A broker is silent, and not just slow, after so many beats without a sign of life. */
    static final int BEATS = 3;

    /** Also of a message that is too large: see {@link PacketFilter}. */
    private static final int QUOTA_EXCEEDED = 0x97;

    private static final int SUBSCRIBE = 20;
    private static final int SUBSCRIPTION = 3;
    private static final int SUBSCRIBE_LIMIT = 16 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final Listener listener;
    private final Duration beat;
    private final Duration maxSilence;
    private final AtomicBoolean lost = new AtomicBoolean();
    private volatile Mqtt5AsyncClient client;
    private volatile Channel channel;
    private volatile Terms terms;
    private volatile Moment lastSign;
    private int unanswered;

    /**
     * @param beat how often the broker is asked for a sign of life, when it gives none by itself
     * @param maxSilence after so long without one the connection is lost
     */
    Link(Listener listener, Duration beat, Duration maxSilence) {
        this.listener = listener;
        this.beat = beat;
        this.maxSilence = maxSilence;
    }

    void open(Mqtt5ClientBuilder builder, Mqtt5Connect connect) {
        if (lost.get()) {
            return;
        }
        Mqtt5AsyncClient made = builder.addDisconnectedListener(this::disconnected)
                .addConnectedListener(context -> connected(((Mqtt5ClientConnectedContext) context).getConnAck()))
                .buildAsync();
        client = made;
        made.publishes(MqttGlobalPublishFilter.ALL, this::heard);
        made.connect(connect).whenComplete((answer, failure) -> {
            if (failure != null) {
                fail(Loss.of(failure, false));
            }
        });
    }

    private void connected(Mqtt5ConnAck answer) {
        try {
            begin(answer);
        } catch (RuntimeException e) {
            LOG.error("The connection to the broker could not be taken into use", e);
            abort(new Loss("it could not be taken into use", Loss.Kind.GONE));
        }
    }

    private void begin(Mqtt5ConnAck answer) {
        MqttClientConnectionConfig connection = ((MqttClientConfig) client.getConfig()).getRawConnectionConfig();
        Channel open = connection.getChannel();
        // else the client would be kept, with all it holds, for as long as the broker keeps the session
        connection.setSessionExpiryInterval(0);
        lastSign = Moment.now();
        terms = Terms.of(answer);
        channel = open;
        if (lost.get()) {
            client.disconnect();
            return;
        }
        open.pipeline().addFirst("signs-of-life", new SignsOfLife());
        Future<?> beats = open.eventLoop()
                .scheduleWithFixedDelay(
                        new PeriodicTask("The heartbeat to the broker", this::beat),
                        beat.toMillis(),
                        beat.toMillis(),
                        TimeUnit.MILLISECONDS);
        open.closeFuture().addListener(closed -> beats.cancel(false));
        listener.connected(this, terms);
    }

    /** When the broker was last heard; null while it was not. */
    Moment lastSign() {
        return lastSign;
    }

    // counted in beats, not in time: a pause of this process is no silence of the broker
    private void beat() {
        if (beat.multipliedBy(unanswered).compareTo(maxSilence) >= 0) {
            abort(new Loss("nothing was heard from the broker for " + maxSilence.toSeconds() + " s", Loss.Kind.GONE));
            return;
        }
        unanswered++;
        if (lastSign.age().compareTo(beat.dividedBy(2)) > 0 && channel.isWritable()) {
            channel.writeAndFlush(MqttPingReq.INSTANCE, channel.voidPromise());
        }
    }

    private final class SignsOfLife extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            Moment before = lastSign;
            lastSign = Moment.now();
            unanswered = 0;
            // else it would have answered at least one beat
            if (before.age().compareTo(beat.multipliedBy(BEATS)) > 0) {
                listener.silentUntilNow(Link.this, before);
            }
            context.fireChannelRead(read);
        }
    }

    void subscribe(List<Filter> filters) {
        List<Filter> some = new ArrayList<>();
        int bytes = 0;
        for (Filter filter : filters) {
            if (!terms.takes(filter.name()) || !isValid(filter.name())) {
                LOG.warn(
                        "The broker takes no filters like {}, so nothing on it is heard.",
                        Loss.printable(filter.name()));
                continue;
            }
            int length = SUBSCRIPTION + 3 * filter.name().length();
            if (!some.isEmpty() && bytes + length > Math.min(terms.maximumPacket() - SUBSCRIBE, SUBSCRIBE_LIMIT)) {
                send(some);
                some = new ArrayList<>();
                bytes = 0;
            }
            some.add(filter);
            bytes += length;
        }
        if (!some.isEmpty()) {
            send(some);
        }
    }

    private void send(List<Filter> filters) {
        List<Mqtt5Subscription> subscriptions =
                filters.stream().map(Link::subscription).toList();
        Mqtt5Subscribe subscribe =
                Mqtt5Subscribe.builder().addSubscriptions(subscriptions).build();
        client.subscribe(subscribe).whenComplete((answer, failure) -> {
            if (answer != null) {
                subscribed(filters, answer.getReasonCodes());
            } else if (failure instanceof Mqtt5SubAckException refused) {
                subscribed(filters, refused.getMqttMessage().getReasonCodes());
            } else {
                LOG.debug("Subscribing failed", failure);
            }
        });
    }

    private static boolean isValid(String filter) {
        try {
            MqttTopicFilter.of(filter);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Mqtt5Subscription subscription(Filter filter) {
        return Mqtt5Subscription.builder()
                .topicFilter(filter.name())
                .qos(MqttQos.AT_LEAST_ONCE)
                .retainHandling(filter.history() ? Mqtt5RetainHandling.SEND : Mqtt5RetainHandling.DO_NOT_SEND)
                .build();
    }

    private static void subscribed(List<Filter> filters, List<Mqtt5SubAckReasonCode> codes) {
        for (int i = 0; i < filters.size() && i < codes.size(); i++) {
            if (codes.get(i).isError()) {
                LOG.warn(
                        "The broker does not let the gateway subscribe to {} (reason {}); check its access rules",
                        filters.get(i).name(),
                        codes.get(i).getCode());
            }
        }
    }

    void unsubscribe(String filter) {
        if (!isValid(filter)) {
            return;
        }
        client.unsubscribeWith().topicFilter(filter).send().whenComplete((answer, failure) -> {
            if (failure != null) {
                LOG.debug("Unsubscribing from {} failed", filter, failure);
            }
        });
    }

    /** @param delivered is told what became of it, on the event loop */
    void publish(Publication message, Consumer<Delivery> delivered) {
        Mqtt5Publish packet;
        try {
            packet = Packets.of(terms.fit(message));
        } catch (RuntimeException e) {
            LOG.warn(
                    "MQTT cannot carry a message on {}: {}",
                    Loss.printable(message.topic()),
                    Loss.printable(e.getMessage()));
            delivered.accept(Delivery.REFUSED);
            return;
        }
        client.publish(packet)
                .whenComplete((result, failure) -> delivered.accept(delivery(
                        message, failure != null ? failure : result.getError().orElse(null))));
    }

    private static Delivery delivery(Publication message, Throwable failure) {
        if (failure == null) {
            return Delivery.TAKEN;
        }
        if (failure instanceof Mqtt5PubAckException refused) {
            refused(message, refused.getMqttMessage().getReasonCode().getCode());
        } else if (failure instanceof Mqtt5PubRecException refused) {
            refused(message, refused.getMqttMessage().getReasonCode().getCode());
        } else if (failure instanceof ConnectionClosedException
                || failure instanceof MqttClientStateException
                || failure instanceof MqttSessionExpiredException) {
            return Delivery.LOST;
        } else {
            LOG.warn(
                    "A message on {} cannot be sent: {}",
                    Loss.printable(message.topic()),
                    Loss.printable(failure.getMessage()));
        }
        return Delivery.REFUSED;
    }

    private static void refused(Publication message, int code) {
        if (code == QUOTA_EXCEEDED) {
            LOG.warn(
                    "The broker does not take a message of {} bytes on {}; check its limits, such as Mosquitto's message_size_limit",
                    message.payload().length,
                    Loss.printable(message.topic()));
            return;
        }
        LOG.warn(
                "The broker does not let the gateway publish on {} (reason {})", Loss.printable(message.topic()), code);
    }

    /** Leaves without the will being sent, if there is a connection; completes when the broker has taken note. */
    CompletableFuture<Void> close() {
        lost.set(true);
        Mqtt5AsyncClient last = client;
        return last == null ? CompletableFuture.completedFuture(null) : last.disconnect();
    }

    /** Ends the connection at once, so that the broker sends the will. */
    void abort(Loss loss) {
        fail(loss);
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    void fail(Loss loss) {
        if (!lost.getAndSet(true)) {
            listener.lost(this, loss);
        }
    }

    private void disconnected(MqttClientDisconnectedContext context) {
        fail(Loss.of(context.getCause(), context.getSource() == MqttDisconnectSource.CLIENT));
    }

    private void heard(Mqtt5Publish packet) {
        try {
            listener.heard(this, Packets.publication(packet));
        } catch (RuntimeException e) {
            // the message is acknowledged, and the next one comes
            LOG.error("A message of the broker could not be taken in", e);
        }
    }
}
