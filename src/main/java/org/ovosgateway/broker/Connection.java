// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: MQTT 3.1, 3.1.1 and 5 without shared subscriptions, topic aliases, enhanced authentication and
 * delivery at QoS 2, which a client is told. {@link Handshake} lets the client in, {@link SessionTraffic} does what it asks
 * for then; here is what comes and goes by the wire, and the end.
 */
final class Connection extends SimpleChannelInboundHandler<MqttMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Memory of an answer on its way out. */
    static final int ANSWER = 128;

    /** How long a client has to read why it is disconnected. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Broker broker;
    private final Router router;
    private final Framing framing;
    private final long cost;
    private final long since = System.nanoTime();
    private State state = State.NEW;
    private ChannelHandlerContext ctx;
    private boolean five;
    private Session session;
    private Handshake.Terms terms;
    private SessionTraffic traffic;
    private boolean goodbye;
    private long heardAt;
    private long fullSince;
    private boolean full;
    private long overSince;

    private enum State {
        NEW,
        AUTHENTICATING,
        OPEN,
        CLOSED
    }

    /** @param cost memory that is taken for it and to be given back */
    Connection(Broker broker, Router router, long cost) {
        this.broker = broker;
        this.router = router;
        this.cost = cost;
        this.framing = new Framing(this, new Grammar(broker.limits().subscriptions()));
    }

    /** What comes before the decoder. */
    Framing framing() {
        return framing;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        router.memory().giveBack(cost);
    }

    /** Whether it has not sent its first packet yet. */
    boolean isNew() {
        return state == State.NEW;
    }

    long ageNanos() {
        return System.nanoTime() - since;
    }

    boolean isLetIn() {
        return state == State.OPEN;
    }

    boolean isOver() {
        return state == State.CLOSED;
    }

    /** Whether a packet of this type may come now. */
    boolean expects(int type) {
        return state != State.NEW || type == MqttMessageType.CONNECT.value();
    }

    /** Whether the next packet may come: not before the answers to those before it are taken. */
    boolean takesPackets() {
        return (state == State.NEW || state == State.OPEN) && ctx.channel().isWritable();
    }

    int largestPacket() {
        var limits = broker.limits();
        long largest = limits.packet().toBytes();
        return (int)
                (state == State.NEW ? Math.min(largest, limits.connectPacket().toBytes()) : largest);
    }

    /** Takes memory for a packet on its way in; false if there is no room. */
    boolean take(long bytes) {
        return session == null ? router.memory().take(null, bytes) : session.take(bytes);
    }

    void giveBack(long bytes) {
        if (session == null) {
            router.memory().giveBack(bytes);
        } else {
            session.giveBack(bytes);
        }
    }

    /** The client has sent what ends its connection. */
    void violated(byte reason, boolean saysFive) {
        broker.violated();
        if (state == State.OPEN) {
            end(Disconnect.valueOf(reason));
            return;
        }
        five = saysFive;
        var now = MqttConnectReturnCode.valueOf(reason);
        if (five) {
            reject(now, now);
        } else if (now == MqttConnectReturnCode.CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION) {
            reject(MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION, now);
        } else {
            close();
        }
    }

    /** Called again and again: ends it when the client is silent, stuck or slow for too long. */
    void look(long now) {
        long stall = broker.limits().stall().toNanos();
        boolean stuck = full && now - fullSince > stall || framing.waitsNanos(now) > stall;
        switch (state) {
            case NEW -> {
                if (now - since > broker.limits().connectTimeout().toNanos()) {
                    close();
                }
            }
            case OPEN -> {
                if (stuck) {
                    LOG.info(
                            "Client {} does not read what the MQTT broker sends, or does not finish a packet",
                            LogText.of(session.clientId()));
                    broker.stalled();
                    end(Disconnect.SERVER_BUSY);
                    ctx.close();
                } else if (terms.keepAliveNanos() > 0 && !full && now - heardAt > terms.keepAliveNanos()) {
                    end(Disconnect.KEEP_ALIVE_TIMEOUT);
                }
            }
            case CLOSED -> {
                if (now - overSince > LINGER_NANOS) {
                    ctx.close();
                }
            }
            case AUTHENTICATING -> {
                // the authenticator decides in time
            }
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, MqttMessage packet) {
        heardAt = System.nanoTime();
        if (packet.decoderResult().isFailure()) {
            violated(Disconnect.MALFORMED_PACKET.byteValue(), five);
        } else if (state == State.NEW) {
            MqttConnectMessage connect = (MqttConnectMessage) packet;
            five = connect.variableHeader().version() >= MqttVersion.MQTT_5.protocolLevel();
            new Handshake(broker, router, this, connect, five).begin();
        } else if (state == State.OPEN) {
            traffic.handle(packet);
        }
    }

    /** It is being decided whether the client is let in. */
    void authenticating() {
        state = State.AUTHENTICATING;
    }

    boolean isAuthenticating() {
        return state == State.AUTHENTICATING;
    }

    /** Where the client is; empty if that is not known. */
    String address() {
        return ctx.channel().remoteAddress() instanceof InetSocketAddress socket
                ? socket.getAddress().getHostAddress()
                : "";
    }

    /** Runs it on the event loop. A failure ends the connection. */
    void execute(Runnable action) {
        ctx.executor().execute(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                exceptionCaught(ctx, e);
            }
        });
    }

    /** The client is let in. */
    void open(Session opened, Handshake.Terms agreed, MqttConnAckVariableHeader answer) {
        session = opened;
        terms = agreed;
        traffic = new SessionTraffic(broker, router, this, session, five);
        state = State.OPEN;
        heardAt = System.nanoTime();
        write(new MqttConnAckMessage(header(MqttMessageType.CONNACK), answer), ANSWER);
        session.attach(this);
        framing.drain();
    }

    /** The client says that it goes, and whether its will is to be published all the same. */
    void leave(boolean withWill) {
        goodbye = !withWill;
        close();
    }

    /** Whether the client takes another message, of {@code unacknowledged} that it has. */
    boolean takes(int unacknowledged) {
        return state == State.OPEN
                && unacknowledged < terms.receiveMaximum()
                && ctx.channel().isWritable();
    }

    /** Whether the client takes a message of this size. */
    boolean fits(Session.Delivery delivery) {
        return delivery.message().packetSize() <= terms.maxPacket();
    }

    void send(Session.Delivery delivery, int packetId, boolean again) {
        PublishedMessage message = delivery.message();
        write(
                new MqttPublishMessage(
                        new MqttFixedHeader(
                                MqttMessageType.PUBLISH, again, MqttQoS.valueOf(delivery.qos()), delivery.retain(), 0),
                        new MqttPublishVariableHeader(
                                message.topic(),
                                packetId,
                                message.properties(delivery.subscriptionIds(), session.isOwn())),
                        Unpooled.wrappedBuffer(message.payload())),
                ANSWER + message.packetSize());
    }

    /** The same client has connected anew. */
    void takenOver() {
        end(Disconnect.SESSION_TAKEN_OVER);
    }

    /** Ends the connection, with the reason if the client can understand it. */
    void end(Disconnect reason) {
        if (state != State.OPEN) {
            close();
            return;
        }
        if (reason != Disconnect.SERVER_SHUTTING_DOWN) {
            LOG.info(
                    "Client {} of {} is disconnected from the MQTT broker: {}",
                    LogText.of(session.clientId()),
                    session.isOwn() ? "the gateway" : LogText.of(session.user()),
                    reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
        gone();
        if (five) {
            part(new MqttMessage(
                    header(MqttMessageType.DISCONNECT),
                    new MqttReasonCodeAndPropertiesVariableHeader(reason.byteValue(), MqttProperties.NO_PROPERTIES)));
        } else {
            ctx.close();
        }
    }

    /** Does not let the client in: with the first code if it speaks MQTT 3, with the second if it speaks MQTT 5. */
    void reject(MqttConnectReturnCode three, MqttConnectReturnCode now) {
        gone();
        // as bytes: Netty's encoder learns the version from its decoder, which may not have seen the packet
        part(Unpooled.wrappedBuffer(
                five ? new byte[] {0x20, 3, 0, now.byteValue(), 0} : new byte[] {0x20, 2, 0, three.byteValue()}));
    }

    /** Says the last word. Closing at once, while there is something left to read, would take it back. */
    private void part(Object last) {
        boolean heard = ctx.channel().isWritable() && ctx.pipeline().get(SslHandler.class) == null;
        ctx.writeAndFlush(last).addListener(sent -> {
            if (heard && sent.isSuccess() && ctx.channel() instanceof SocketChannel socket) {
                socket.shutdownOutput();
                framing.drain();
            } else {
                ctx.close();
            }
        });
        if (!heard) {
            ctx.close();
        }
    }

    /** Ends the connection without a word. */
    void close() {
        gone();
        ctx.close();
    }

    private void gone() {
        boolean open = state == State.OPEN;
        if (state != State.CLOSED) {
            state = State.CLOSED;
            overSince = System.nanoTime();
        }
        if (open && session.connection() == this) {
            if (goodbye) {
                session.takeWill();
            }
            router.away(session, terms.willDelay());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone();
        context.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        full = !context.channel().isWritable();
        fullSince = System.nanoTime();
        if (!full && state == State.OPEN) {
            session.pump();
            framing.drain();
        }
    }

    /** Ends the connection, whatever it was: it might be deaf afterwards. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("The connection of a client failed", cause);
        } else {
            LOG.error("The connection of a client failed, it is closed", cause);
        }
        end(Disconnect.UNSPECIFIED_ERROR);
        context.close();
    }

    /** Sends a packet, which takes memory until the client has it. */
    void write(MqttMessage packet, long bytes) {
        Session payer = session;
        if (state != State.OPEN) {
            return;
        }
        if (!payer.take(bytes)) {
            end(Disconnect.QUOTA_EXCEEDED);
            return;
        }
        ctx.writeAndFlush(packet).addListener(done -> payer.giveBack(bytes));
    }

    static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }
}
