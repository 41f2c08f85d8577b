// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.ovosgateway.Budget;
import org.ovosgateway.HostName;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.http.LocalPorts;
import org.ovosgateway.mqtt.LocalBroker;
import org.ovosgateway.mqtt.Mqtt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.stereotype.Component;

/**
 * The embedded MQTT broker, for homes that have none: it listens, and knows who is the gateway itself.
 *
 * <p>All of it runs on one thread of its own. What it holds is in memory, and gone when it stops.
 */
@Component("embeddedBroker")
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
final class Broker implements LocalBroker, SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final String KEYS = "ovos.mqtt.broker";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int MAX_CLIENT_ID = 65_535;
    private static final int SOCKET_BUFFER = 64 * 1024;
    private static final long LOOK_MILLIS = 200;

    /** Memory of a connection, with what it has sent and not read yet. */
    private static final long CONNECTION = 16 * 1024;

    private static final long CONNECTION_WITH_TLS = 64 * 1024;
    private static final long STOP_SECONDS = 5;
    private static final long STUCK_SECONDS = 10;

    private final BrokerProperties properties;
    private final ClientAuthenticator authenticator;
    private final ConfigurableEnvironment environment;
    private final DeviceTopics topics;
    private final String user = "gateway-" + secret();
    private final String password = secret();
    private final Budget budget;
    private final ClientTls clientTls;
    private final Counter refused;
    private final Counter lost;
    private final Counter violated;
    private final Counter stalled;
    private volatile Running running;
    private volatile int connected;
    private volatile long lookedAt;

    /** What there is from start to stop. */
    private record Running(EventLoopGroup thread, ChannelGroup clients, int port, int ownPort) {}

    Broker(
            BrokerProperties properties,
            ClientAuthenticator authenticator,
            ConfigurableEnvironment environment,
            MeterRegistry meters) {
        this.properties = properties;
        this.authenticator = authenticator;
        this.environment = environment;
        this.topics = new DeviceTopics(
                environment.getProperty("ovos.mqtt.base", "ovos"),
                environment.getProperty("ovos.mqtt.discovery.prefix", "homeassistant"));
        this.clientTls = properties.tls() ? new ClientTls(properties.certificate()) : null;
        this.budget = new Budget(properties.limits().memory().toBytes());
        this.refused = counter(meters, "refused", "Clients that were not let in");
        this.lost = counter(meters, "lost", "Messages that a client did not get because there was no room for them");
        this.violated = counter(meters, "violated", "Connections ended because of a packet that MQTT does not allow");
        this.stalled =
                counter(meters, "stalled", "Connections ended because the client did not read or finish a packet");
        Gauge.builder("ovos.mqtt.broker.connections", this, Broker::connections)
                .description("Clients connected to the embedded broker")
                .register(meters);
        Gauge.builder("ovos.mqtt.broker.memory", budget, Budget::held)
                .description("Memory that the embedded broker holds for its clients")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("ovos.mqtt.broker.memory.limit", budget, Budget::limit)
                .description("Memory that the embedded broker may hold for its clients")
                .baseUnit("bytes")
                .register(meters);
        FunctionCounter.builder("ovos.mqtt.broker.memory.refused", budget, Budget::refused)
                .description("How often the embedded broker had no memory for a client")
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder("ovos.mqtt.broker." + name)
                .description(description)
                .register(meters);
    }

    Budget budget() {
        return budget;
    }

    BrokerProperties.Limits limits() {
        return properties.limits();
    }

    /** Lets the gateway in without a look, and asks about everybody else. */
    ClientAuthenticator authenticator() {
        return (name, secret, address) -> {
            boolean own = user.equals(name)
                    && secret != null
                    && MessageDigest.isEqual(
                            password.getBytes(StandardCharsets.US_ASCII), secret.getBytes(StandardCharsets.UTF_8));
            return own
                    ? CompletableFuture.completedFuture(
                            ClientAuthenticator.Decision.of(ClientAuthenticator.Verdict.ACCEPTED))
                    : authenticator.authenticate(name, secret, address);
        };
    }

    /** Null without TLS. */
    ClientTls clientTls() {
        return clientTls;
    }

    /** Whether a client that was let in is the gateway. */
    boolean isOwn(String name) {
        return user.equals(name);
    }

    void refused() {
        refused.increment();
    }

    void violated() {
        violated.increment();
    }

    void stalled() {
        stalled.increment();
    }

    /** A message was not passed on. */
    void unpassed() {
        lost.increment();
    }

    /** Whether it runs, and its thread does its work. */
    boolean isWell() {
        return running != null && System.nanoTime() - lookedAt < TimeUnit.SECONDS.toNanos(STUCK_SECONDS);
    }

    /** Clients that are let in. */
    int connections() {
        return connected;
    }

    /** Port that clients connect to. */
    int publicPort() {
        return running.port();
    }

    /** An address at which the gateway reaches it. */
    @Override
    public String host() {
        String address = properties.address();
        if (properties.tls() || address.equals("0.0.0.0") || address.equals("::")) {
            return LOOPBACK;
        }
        return address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address;
    }

    @Override
    public int port() {
        Running now = running;
        return now == null ? properties.port() : now.ownPort();
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public String password() {
        return password;
    }

    // as late as the gateway's own connection, so that nobody comes to a gateway that does not act yet
    @EventListener(ApplicationStartedEvent.class)
    @Order(Mqtt.STARTS - 1)
    @Override
    public synchronized void start() {
        if (running != null) {
            return;
        }
        var threads = new NioEventLoopGroup(1, new DefaultThreadFactory("mqtt-broker", true));
        try {
            var thread = threads.next();
            var clients = new DefaultChannelGroup(thread);
            if (clientTls != null) {
                clientTls.open();
            }
            var router = new Router(limits(), topics, budget, thread, lost::increment);
            Channel open = listen(threads, clients, router, properties.address(), properties.port(), clientTls);
            // the gateway would have to trust the certificate
            Channel own = properties.tls() ? listen(threads, clients, router, LOOPBACK, 0, null) : open;
            thread.scheduleWithFixedDelay(
                    new PeriodicTask("Looking after the clients of the MQTT broker", () -> look(clients, router)),
                    LOOK_MILLIS,
                    LOOK_MILLIS,
                    TimeUnit.MILLISECONDS);
            lookedAt = System.nanoTime();
            running = new Running(threads, clients, port(open), port(own));
        } catch (RuntimeException e) {
            threads.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
            closeTls();
            throw e;
        }
        LocalPorts.publish(environment, "local.mqtt.port", publicPort());
        if (!properties.tls() && !new HostName(properties.address()).isLoopback()) {
            LOG.warn(
                    "Passwords travel unencrypted to the MQTT broker on {}; set ovos.mqtt.broker.ssl.*",
                    properties.address());
        }
        LOG.info("MQTT broker on {}:{}{}", properties.address(), publicPort(), properties.tls() ? " with TLS" : "");
    }

    /** Ends the connections of who is gone, stuck, or may not be there any more. */
    private void look(ChannelGroup clients, Router router) {
        long now = System.nanoTime();
        connections(clients).forEach(connection -> connection.look(now));
        router.dismiss();
        connected = router.connected();
        lookedAt = now;
    }

    private static List<Connection> connections(ChannelGroup clients) {
        return clients.stream()
                .map(client -> client.pipeline().get(Connection.class))
                .filter(Objects::nonNull)
                .toList();
    }

    /** Makes room for one more that is not let in yet; false if there is none. */
    private boolean hasRoom(ChannelGroup clients) {
        List<Connection> waiting = connections(clients).stream()
                .filter(connection -> !connection.isLetIn())
                .toList();
        if (waiting.size() < limits().connecting()) {
            return true;
        }
        Optional<Connection> silent = waiting.stream()
                .filter(connection -> connection.isNew() || connection.isOver())
                .max(Comparator.comparingLong(Connection::ageNanos));
        silent.ifPresent(Connection::close);
        return silent.isPresent();
    }

    private Channel listen(
            EventLoopGroup thread, ChannelGroup clients, Router router, String address, int port, ClientTls tls) {
        var listening = new ServerBootstrap()
                .group(thread)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                // what the system buffers for a client that does not read: it would take some megabytes
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // what a client sends is read when its answers are taken
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(Framing.READ, 2 * Framing.READ))
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(64, 1024, Framing.READ))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        long cost = tls == null ? CONNECTION : CONNECTION_WITH_TLS;
                        if (!hasRoom(clients) || !router.memory().take(null, cost)) {
                            refused();
                            channel.close();
                            return;
                        }
                        clients.add(channel);
                        var connection = new Connection(Broker.this, router, cost);
                        if (tls != null) {
                            channel.pipeline().addLast(tls.handler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(connection.framing())
                                .addLast(new MqttDecoder((int) limits().packet().toBytes(), MAX_CLIENT_ID))
                                .addLast(MqttEncoder.INSTANCE)
                                .addLast(connection);
                    }
                })
                .bind(new InetSocketAddress(address, port))
                .awaitUninterruptibly();
        if (!listening.isSuccess()) {
            throw InvalidConfigurationException.cannotListen("The MQTT broker", address, port, KEYS, listening.cause());
        }
        return listening.channel();
    }

    @Override
    public synchronized void stop() {
        Running last = running;
        if (last == null) {
            return;
        }
        last.thread()
                .next()
                .submit(() -> last.clients().forEach(client -> {
                    var connection = client.pipeline().get(Connection.class);
                    if (connection != null) {
                        connection.end(Disconnect.SERVER_SHUTTING_DOWN);
                    }
                }))
                .awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
        last.thread()
                .shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
        closeTls();
        running = null;
        // sessions and retained messages are gone
        budget.giveBack(budget.held());
    }

    private void closeTls() {
        if (clientTls != null) {
            clientTls.close();
        }
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    @Override
    public boolean isAutoStartup() {
        return false;
    }

    /** After the gateway's own connection. */
    @Override
    public int getPhase() {
        return Mqtt.PHASE - 1;
    }

    private static int port(Channel listening) {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static String secret() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
