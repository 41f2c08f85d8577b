// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

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
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import io.netty.handler.codec.mqtt.MqttReasonCodes.PubAck;
import io.netty.handler.codec.mqtt.MqttReasonCodes.PubComp;
import io.netty.handler.codec.mqtt.MqttReasonCodes.SubAck;
import io.netty.handler.codec.mqtt.MqttReasonCodes.UnsubAck;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: MQTT 3.1, 3.1.1 and 5 without shared subscriptions, topic aliases, enhanced authentication and
 * delivery at QoS 2, which a client is told.
 */
final class Connection extends SimpleChannelInboundHandler<MqttMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Messages that a client may leave without an acknowledgement. */
    private static final int AHEAD = 64;

    /** Messages of QoS 2 that a client may send without releasing them. */
    private static final int RECEIVE_MAXIMUM = 1000;

    private static final int MAX_TOPIC = 1024;

    /** Paho's clients for Java, which are the gateway's too, stop to hear without a word at 32 KB and more. */
    private static final int MAX_PROPERTIES = 16 * 1024;

    /** Memory of an answer on its way out. */
    private static final int ANSWER = 128;

    private static final double PATIENCE = 1.5;

    /** How long a client has to read why it is disconnected. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Pattern CLIENT_ID = Pattern.compile(".{1,256}", Pattern.DOTALL);

    private final Broker broker;
    private final PostOffice office;
    private final Framing framing;
    private final long cost;
    private final long since = System.nanoTime();
    private State state = State.NEW;
    private ChannelHandlerContext ctx;
    private Session session;
    private boolean five;
    private boolean goodbye;
    private long willDelay;
    private int receiveMaximum = AHEAD;
    private long maxPacket = Long.MAX_VALUE;
    private long keepAliveNanos;
    private long heardAt;
    private long fullSince;
    private boolean full;
    private long overSince;

    private enum State {
        NEW,
        KNOCKING,
        OPEN,
        CLOSED
    }

    /** @param cost memory that is taken for it and to be given back */
    Connection(Broker broker, PostOffice office, long cost) {
        this.broker = broker;
        this.office = office;
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
        office.memory().giveBack(cost);
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
        return session == null ? office.memory().take(null, bytes) : session.take(bytes);
    }

    void giveBack(long bytes) {
        if (session == null) {
            office.memory().giveBack(bytes);
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
                } else if (keepAliveNanos > 0 && !full && now - heardAt > keepAliveNanos) {
                    end(Disconnect.KEEP_ALIVE_TIMEOUT);
                }
            }
            case CLOSED -> {
                if (now - overSince > LINGER_NANOS) {
                    ctx.close();
                }
            }
            case KNOCKING -> {
                // the door decides in time
            }
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, MqttMessage packet) {
        heardAt = System.nanoTime();
        if (packet.decoderResult().isFailure()) {
            violated(Disconnect.MALFORMED_PACKET.byteValue(), five);
        } else if (state == State.NEW) {
            connect((MqttConnectMessage) packet);
        } else if (state == State.OPEN) {
            handle(packet);
        }
    }

    private void connect(MqttConnectMessage connect) {
        var header = connect.variableHeader();
        var payload = connect.payload();
        five = header.version() >= MqttVersion.MQTT_5.protocolLevel();
        String id = payload.clientIdentifier();
        boolean assigned = id == null || id.isEmpty();
        if (assigned
                ? !header.isCleanSession() && !five
                : !CLIENT_ID.matcher(id).matches()) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID);
            return;
        }
        if (five && header.properties().getProperty(MqttPropertyType.AUTHENTICATION_METHOD.value()) != null) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_BAD_AUTHENTICATION_METHOD);
            return;
        }
        if (header.isWillFlag() && !isTopic(payload.willTopic())) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_TOPIC_NAME_INVALID);
            return;
        }
        state = State.KNOCKING;
        String clientId = assigned ? "auto-" + UUID.randomUUID() : id;
        byte[] password = payload.passwordInBytes();
        String address = ctx.channel().remoteAddress() instanceof InetSocketAddress socket
                ? socket.getAddress().getHostAddress()
                : "";
        broker.door()
                .knock(
                        payload.userName(),
                        password == null ? null : new String(password, StandardCharsets.UTF_8),
                        address)
                .whenComplete((answer, failure) -> ctx.executor().execute(() -> {
                    try {
                        if (failure != null) {
                            LOG.error("A password could not be checked", failure);
                        }
                        decided(
                                connect,
                                clientId,
                                assigned,
                                failure == null ? answer : Door.Answer.of(Door.Verdict.LATER));
                    } catch (RuntimeException e) {
                        exceptionCaught(ctx, e);
                    }
                }));
    }

    private void decided(MqttConnectMessage connect, String clientId, boolean assigned, Door.Answer answer) {
        if (state != State.KNOCKING) {
            return;
        }
        if (answer.verdict() == Door.Verdict.WELCOME) {
            welcome(connect, clientId, assigned, answer);
            return;
        }
        broker.refused();
        if (answer.verdict() == Door.Verdict.REFUSED) {
            // as Mosquitto does; its clients have no words for a bad user name or password
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
        } else {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_BUSY);
        }
    }

    private void welcome(MqttConnectMessage connect, String clientId, boolean assigned, Door.Answer answer) {
        var header = connect.variableHeader();
        var payload = connect.payload();
        String user = String.valueOf(payload.userName());
        boolean own = broker.isOwn(user);
        if (header.isWillFlag() && !office.topics().mayWrite(answer.devices(), payload.willTopic())) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
            return;
        }
        if (office.isForeign(clientId, user, own)) {
            LOG.warn(
                    "{} is not let in to the MQTT broker as client {}, which belongs to another user",
                    LogText.of(user),
                    LogText.of(clientId));
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID);
            return;
        }
        long allowed = broker.limits().sessionExpiry().toSeconds();
        long wanted = five
                ? unsigned(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
                : header.isCleanSession() ? 0 : allowed;
        var opened = office.open(clientId, user, own, answer.devices(), header.isCleanSession(), wanted);
        if (opened.isEmpty() || !leaveWill(connect, opened.get().session())) {
            broker.refused();
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    MqttConnectReturnCode.CONNECTION_REFUSED_QUOTA_EXCEEDED);
            opened.ifPresent(office::discard);
            return;
        }
        session = opened.get().session();
        session.stays(answer.stays());
        state = State.OPEN;
        if (five) {
            receiveMaximum =
                    (int) Math.min(AHEAD, unsigned(header.properties(), MqttPropertyType.RECEIVE_MAXIMUM, AHEAD));
            maxPacket = unsigned(header.properties(), MqttPropertyType.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
        }
        keepAliveNanos = (long) (TimeUnit.SECONDS.toNanos(header.keepAliveTimeSeconds()) * PATIENCE);
        heardAt = System.nanoTime();
        boolean resumed = opened.get().resumed();
        write(
                MqttMessageType.CONNACK,
                new MqttConnAckVariableHeader(
                        MqttConnectReturnCode.CONNECTION_ACCEPTED, resumed, terms(clientId, assigned, wanted)));
        session.attach(this);
        framing.drain();
    }

    private MqttProperties terms(String clientId, boolean assigned, long wanted) {
        if (!five) {
            return MqttProperties.NO_PROPERTIES;
        }
        MqttProperties terms = new MqttProperties();
        if (assigned) {
            terms.add(new StringProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value(), clientId));
        }
        if (wanted > session.expirySeconds()) {
            terms.add(property(MqttPropertyType.SESSION_EXPIRY_INTERVAL, (int) session.expirySeconds()));
        }
        terms.add(property(MqttPropertyType.RECEIVE_MAXIMUM, RECEIVE_MAXIMUM));
        terms.add(property(MqttPropertyType.MAXIMUM_PACKET_SIZE, (int)
                broker.limits().packet().toBytes()));
        terms.add(property(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, 0));
        return terms;
    }

    /** False if there is no room for it. */
    private boolean leaveWill(MqttConnectMessage connect, Session of) {
        var header = connect.variableHeader();
        if (!header.isWillFlag()) {
            return of.will(null);
        }
        MqttProperties properties = connect.payload().willProperties();
        willDelay = unsigned(properties, MqttPropertyType.WILL_DELAY_INTERVAL, 0);
        byte[] payload = connect.payload().willMessageInBytes();
        return of.will(new Message(
                connect.payload().willTopic(),
                payload == null ? new byte[0] : payload,
                header.willQos(),
                header.isWillRetain(),
                of,
                properties));
    }

    private void handle(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PUBLISH -> publish((MqttPublishMessage) packet);
            case PUBACK -> session.acknowledged(packetId(packet));
            case PUBREL -> {
                boolean known = session.release(packetId(packet));
                reply(
                        MqttMessageType.PUBCOMP,
                        packetId(packet),
                        (known ? PubComp.SUCCESS : PubComp.PACKET_IDENTIFIER_NOT_FOUND).byteValue());
            }
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
            case PINGREQ -> write(MqttMessage.PINGRESP, ANSWER);
            case DISCONNECT -> leave(packet);
            default -> end(Disconnect.PROTOCOL_ERROR);
        }
    }

    private void publish(MqttPublishMessage packet) {
        int id = packet.variableHeader().packetId();
        int qos = packet.fixedHeader().qosLevel().value();
        PubAck result = PubAck.SUCCESS;
        String topic = packet.variableHeader().topicName();
        if (topic.length() > MAX_TOPIC) {
            result = PubAck.TOPIC_NAME_INVALID;
        } else if (!isTopic(topic) || !session.mayWrite(topic)) {
            result = PubAck.NOT_AUTHORIZED;
        } else if (qos == MqttQoS.EXACTLY_ONCE.value()) {
            if (session.unreleased() >= RECEIVE_MAXIMUM) {
                end(Disconnect.RECEIVE_MAXIMUM_EXCEEDED);
                return;
            }
            if (!session.isReceived(id)) {
                result = session.receive(id) ? pass(packet) : PubAck.QUOTA_EXCEEDED;
            }
        } else {
            result = pass(packet);
        }
        if (qos == MqttQoS.AT_LEAST_ONCE.value()) {
            reply(MqttMessageType.PUBACK, id, result.byteValue());
        } else if (qos == MqttQoS.EXACTLY_ONCE.value()) {
            if (result != PubAck.SUCCESS && five) {
                // a refused one is not released
                session.release(id);
            }
            reply(MqttMessageType.PUBREC, id, result.byteValue());
        }
    }

    private PubAck pass(MqttPublishMessage packet) {
        Message message = Message.of(packet, session);
        if (message.propertiesSize() > MAX_PROPERTIES) {
            broker.unpassed();
            return PubAck.IMPLEMENTATION_SPECIFIC_ERROR;
        }
        return office.publish(message, session) ? PubAck.SUCCESS : PubAck.QUOTA_EXCEEDED;
    }

    private void subscribe(MqttSubscribeMessage packet) {
        int subscriptionId = (int) unsigned(
                packet.idAndPropertiesVariableHeader().properties(), MqttPropertyType.SUBSCRIPTION_IDENTIFIER, 0);
        List<Integer> reasons = new ArrayList<>();
        Set<String> replay = new LinkedHashSet<>();
        for (MqttTopicSubscription wanted : packet.payload().topicSubscriptions()) {
            String filter = wanted.topicFilter();
            SubAck refusal = refusal(filter);
            if (refusal != null) {
                reasons.add(code(refusal));
                continue;
            }
            MqttSubscriptionOption option = wanted.option();
            int qos = Math.min(option.qos().value(), MqttQoS.AT_LEAST_ONCE.value());
            RetainedHandlingPolicy handling = option.retainHandling();
            if (handling == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE
                    || handling == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS
                            && !session.isSubscribed(filter)) {
                replay.add(filter);
            }
            boolean taken = session.subscribe(
                    filter,
                    new MqttSubscriptionOption(
                            MqttQoS.valueOf(qos), option.isNoLocal(), option.isRetainAsPublished(), handling),
                    subscriptionId);
            if (!taken) {
                replay.remove(filter);
                reasons.add(code(SubAck.QUOTA_EXCEEDED));
                continue;
            }
            reasons.add(qos);
        }
        write(
                new MqttSubAckMessage(
                        header(MqttMessageType.SUBACK),
                        new MqttMessageIdAndPropertiesVariableHeader(
                                packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                        new MqttSubAckPayload(reasons)),
                ANSWER + reasons.size());
        replay.forEach(session::replay);
    }

    private int code(SubAck refusal) {
        return (five ? refusal : SubAck.UNSPECIFIED_ERROR).byteValue() & 0xFF;
    }

    private SubAck refusal(String filter) {
        if (filter.startsWith("$share/")) {
            return SubAck.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (filter.length() > MAX_TOPIC) {
            return SubAck.TOPIC_FILTER_INVALID;
        }
        boolean full = session.subscriptions() >= broker.limits().subscriptions() && !session.isSubscribed(filter);
        return full ? SubAck.QUOTA_EXCEEDED : null;
    }

    private void unsubscribe(MqttUnsubscribeMessage packet) {
        List<Short> reasons = new ArrayList<>();
        for (String filter : packet.payload().topics()) {
            boolean known = session.unsubscribe(filter);
            reasons.add((short) (known ? UnsubAck.SUCCESS : UnsubAck.NO_SUBSCRIPTION_EXISTED).byteValue());
        }
        write(
                new MqttUnsubAckMessage(
                        header(MqttMessageType.UNSUBACK),
                        new MqttMessageIdAndPropertiesVariableHeader(
                                packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                        new MqttUnsubAckPayload(reasons)),
                ANSWER + reasons.size());
    }

    private void leave(MqttMessage packet) {
        boolean withWill = false;
        if (five && packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            withWill = header.reasonCode() == Disconnect.DISCONNECT_WITH_WILL_MESSAGE.byteValue();
            long expiry =
                    unsigned(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, session.expirySeconds());
            // one that was not wanted at first can't be had now, MQTT 5.0, 3.14.2.2.2
            if (session.expirySeconds() == 0 && expiry > 0) {
                violated(Disconnect.PROTOCOL_ERROR.byteValue(), five);
                return;
            }
            session.expirySeconds(
                    Math.min(expiry, broker.limits().sessionExpiry().toSeconds()));
        }
        goodbye = !withWill;
        close();
    }

    /** Whether the client takes another message, of {@code unacknowledged} that it has. */
    boolean takes(int unacknowledged) {
        return state == State.OPEN
                && unacknowledged < receiveMaximum
                && ctx.channel().isWritable();
    }

    /** Whether the client takes a message of this size. */
    boolean fits(Session.Delivery delivery) {
        return delivery.message().packetSize() <= maxPacket;
    }

    void send(Session.Delivery delivery, int packetId, boolean again) {
        Message message = delivery.message();
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

    /** Ends the connection, and tells why whoever can understand it. */
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

    private void reject(MqttConnectReturnCode three, MqttConnectReturnCode now) {
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
            office.away(session, willDelay);
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

    /** Whatever it was: a connection that goes on after it might be deaf. */
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

    private void reply(MqttMessageType type, int packetId, byte reason) {
        write(
                type,
                five
                        ? new MqttPubReplyMessageVariableHeader(packetId, reason, MqttProperties.NO_PROPERTIES)
                        : MqttMessageIdVariableHeader.from(packetId));
    }

    private void write(MqttMessageType type, Object variableHeader) {
        write(
                variableHeader instanceof MqttConnAckVariableHeader connack
                        ? new MqttConnAckMessage(header(type), connack)
                        : new MqttMessage(header(type), variableHeader),
                ANSWER);
    }

    /** Sends a packet, which takes memory until the client has it. */
    private void write(MqttMessage packet, long bytes) {
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

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    private static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    /** Topics that begin with a dollar sign are the broker's own. */
    private static boolean isTopic(String topic) {
        return topic != null
                && !topic.isEmpty()
                && topic.length() <= MAX_TOPIC
                && topic.charAt(0) != '$'
                && topic.indexOf('#') < 0
                && topic.indexOf('+') < 0;
    }

    private static IntegerProperty property(MqttPropertyType type, int value) {
        return new IntegerProperty(type.value(), value);
    }

    private static long unsigned(MqttProperties properties, MqttPropertyType type, long otherwise) {
        return properties != null && properties.getProperty(type.value()) instanceof IntegerProperty number
                ? Integer.toUnsignedLong(number.value())
                : otherwise;
    }
}
