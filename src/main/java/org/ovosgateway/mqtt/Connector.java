// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.reactivex.schedulers.Schedulers;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import org.ovosgateway.Certificate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/** Opens connections to the broker as configured, on the event loops of Vert.x. */
final class Connector {

    /** How many messages the broker may send before they are acknowledged; each is, as soon as it is judged. */
    private static final int RECEIVE_MAXIMUM = 100;

    /** Gives the addresses of a name. */
    interface Resolver {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    private static final Duration SHORTEST_BEAT = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

    private final Vertx vertx;
    private final MqttProperties properties;
    private final String clientId;
    private final ObjectProvider<LocalBroker> local;
    private final Resolver resolver;
    private final MqttClientSslConfig tls;
    private final FilteredLoop loop;
    private Publication will;
    private int turn;

    /**
     * @param will what the broker publishes when the connection is lost
     * @param resolver is asked at each attempt, on a worker
     * @param dropped is given the topics of messages that are not valid, on an event loop
     */
    Connector(
            Vertx vertx,
            MqttProperties properties,
            String clientId,
            ObjectProvider<LocalBroker> local,
            Publication will,
            Resolver resolver,
            Consumer<String> dropped) {
        properties.check();
        this.vertx = vertx;
        this.properties = properties;
        this.clientId = clientId;
        this.local = local;
        this.will = will;
        this.resolver = resolver;
        this.tls = properties.tls().enabled() ? tls(properties.tls(), properties.connectTimeout()) : null;
        int largest = (int) properties.maxPacket().toBytes();
        this.loop = new FilteredLoop(eventLoop(vertx), () -> new PacketFilter(largest, dropped));
    }

    /** One of Vert.x, unless the client would take another transport: it takes epoll if it can be had. */
    private static EventLoop eventLoop(Vertx vertx) {
        EventLoopGroup ofVertx = ((VertxInternal) vertx).getEventLoopGroup();
        return vertx.isNativeTransportEnabled() == Epoll.isAvailable()
                ? ofVertx.next()
                : (Epoll.isAvailable() ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1)).next();
    }

    /** Where the broker is, without user and password. */
    String uri() {
        LocalBroker broker = broker();
        return broker == null ? properties.uri() : "tcp://" + broker.host() + ":" + broker.port();
    }

    private LocalBroker broker() {
        return properties.host().isBlank() ? local.getIfAvailable() : null;
    }

    /**
     * Begins an attempt; never fails itself.
     *
     * @param newSession the broker is to forget the session that it has kept, and all that waits in it
     */
    Link open(Link.Listener listener, boolean newSession) {
        Link link = new Link(listener, beat(), properties.keepAlive());
        try {
            LocalBroker broker = broker();
            String host = broker == null ? properties.plainHost() : broker.host();
            int port = broker == null ? properties.effectivePort() : broker.port();
            long limit = vertx.setTimer(
                    properties.connectTimeout().toMillis(),
                    late -> link.fail(Loss.of(new UnknownHostException(), false)));
            vertx.executeBlocking(() -> resolver.resolve(host), false).onComplete(found -> {
                vertx.cancelTimer(limit);
                try {
                    if (found.failed()) {
                        link.fail(Loss.of(found.cause(), false));
                        return;
                    }
                    InetAddress address = found.result()[Math.floorMod(turn, found.result().length)];
                    link.open(client(address, port, broker), connect(broker, newSession));
                } catch (RuntimeException | LinkageError | UnknownHostException e) {
                    fail(link, e);
                }
            });
        } catch (RuntimeException e) {
            fail(link, e);
        }
        return link;
    }

    private static void fail(Link link, Throwable unexpected) {
        LOG.debug("An attempt to connect failed", unexpected);
        link.fail(new Loss("an attempt failed: " + Loss.printable(unexpected.getMessage()), Loss.Kind.GONE));
    }

    /** What is done otherwise at the next attempt because of this failure; gives the failure in words that help. */
    Loss learn(Loss loss) {
        switch (loss.kind()) {
            case WILL_QOS_REFUSED ->
                will = new Publication(will.topic(), will.payload(), 0, will.retained(), false, will.properties());
            case WILL_RETAIN_REFUSED ->
                will = new Publication(will.topic(), will.payload(), will.qos(), false, false, will.properties());
            case NOT_LET_IN -> {
                return new Loss(
                        loss.reason()
                                + (properties.user().isEmpty()
                                        ? "; set MQTT_USER and MQTT_PASSWORD (ovos.mqtt.user, ovos.mqtt.password)"
                                        : "; check MQTT_USER (ovos.mqtt.user), which is '"
                                                + Loss.printable(properties.user())
                                                + "', and MQTT_PASSWORD (ovos.mqtt.password)"),
                        loss.kind());
            }
            case TAKEN_OVER -> {
                return new Loss(
                        loss.reason() + ", '" + clientId + "'; give each gateway its own ovos.mqtt.client-id",
                        loss.kind());
            }
            default -> {}
        }
        return loss;
    }

    /** The next attempt goes to the next address of the broker's name. */
    void turn() {
        turn++;
    }

    /** Often enough to know whether a message is younger than it must be to act. */
    private Duration beat() {
        Duration beat = properties.guard().maxAge().dividedBy(Link.BEATS);
        Duration longest = properties.keepAlive().dividedBy(Link.BEATS);
        beat = beat.compareTo(longest) > 0 ? longest : beat;
        return beat.compareTo(SHORTEST_BEAT) < 0 ? SHORTEST_BEAT : beat;
    }

    private Mqtt5ClientBuilder client(InetAddress address, int port, LocalBroker broker) throws UnknownHostException {
        boolean web = broker == null && properties.transport() == MqttProperties.Transport.WEBSOCKET;
        // a URI, which WebSocket needs, has no names with _
        InetAddress reached =
                web && properties.plainHost().contains("_") ? InetAddress.getByAddress(address.getAddress()) : address;
        MqttClientTransportConfigBuilder transport = MqttClientTransportConfig.builder()
                .serverAddress(new InetSocketAddress(reached, port))
                .socketConnectTimeout(properties.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(properties.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
        if (broker == null) {
            transport = transport.sslConfig(tls).webSocketConfig(web ? webSocket() : null);
        }
        Mqtt5ClientBuilder builder = Mqtt5Client.builder().identifier(clientId).transportConfig(transport.build());
        // messages are judged on the event loop, which takes microseconds: no thread in between
        return builder.executorConfig()
                .applicationScheduler(Schedulers.trampoline())
                .nettyExecutor(loop)
                .applyExecutorConfig();
    }

    private MqttWebSocketConfig webSocket() {
        String[] parts = properties.path().substring(1).split("\\?", 2);
        return MqttWebSocketConfig.builder()
                .serverPath(parts[0])
                .queryString(parts.length > 1 ? parts[1] : "")
                .handshakeTimeout(properties.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .build();
    }

    private Mqtt5Connect connect(LocalBroker broker, boolean newSession) {
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder()
                .cleanStart(newSession)
                .sessionExpiryInterval(properties.sessionExpiry().toSeconds())
                .keepAlive((int) properties.keepAlive().toSeconds())
                .restrictions()
                .receiveMaximum(RECEIVE_MAXIMUM)
                .maximumPacketSize((int) properties.maxPacket().toBytes())
                .sendTopicAliasMaximum(0)
                .applyRestrictions()
                .willPublish(will());
        Mqtt5SimpleAuth login = login(
                broker == null ? properties.user() : broker.user(),
                broker == null ? properties.password() : broker.password());
        return (login == null ? connect : connect.simpleAuth(login)).build();
    }

    private Mqtt5Publish will() {
        return Mqtt5Publish.builder()
                .topic(will.topic())
                .payload(will.payload())
                .qos(MqttQos.fromCode(will.qos()))
                .retain(will.retained())
                .build();
    }

    private static Mqtt5SimpleAuth login(String user, String password) {
        Mqtt5SimpleAuthBuilder login = Mqtt5SimpleAuth.builder();
        byte[] secret = password.getBytes(StandardCharsets.UTF_8);
        if (user.isEmpty()) {
            return password.isEmpty() ? null : login.password(secret).build();
        }
        return password.isEmpty()
                ? login.username(user).build()
                : login.username(user).password(secret).build();
    }

    private static MqttClientSslConfig tls(MqttProperties.Tls tls, Duration limit) {
        String purpose = "TLS to the MQTT broker";
        String keys = "ovos.mqtt.tls.";
        return MqttClientSslConfig.builder()
                .keyManagerFactory(
                        tls.certificate().isBlank()
                                ? null
                                : new Certificate(
                                                purpose,
                                                Path.of(tls.certificate()),
                                                keys + "certificate",
                                                Path.of(tls.key()),
                                                keys + "key")
                                        .read())
                .trustManagerFactory(
                        tls.ca().isBlank() ? null : Certificate.authorities(purpose, Path.of(tls.ca()), keys + "ca"))
                .handshakeTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .build();
    }
}
