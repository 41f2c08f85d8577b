// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
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
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: MQTT 3.1, 3.1.1 and 5 without shared subscriptions, topic aliases, enhanced authentication and
 * delivery at QoS 2, which a client is told.
 */
final class Connection extends SimpleChannelInboundHandler<MqttMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Packets that a client may send before it is let in, and that it may leave without an acknowledgement. */
    private static final int AHEAD = 64;

    /** Messages of QoS 2 that a client may send without releasing them. */
    private static final int RECEIVE_MAXIMUM = 1000;

    private static final int MAX_TOPIC = 1024;
    private static final double PATIENCE = 1.5;
    private static final String SHARED = "$share/";
    private static final Pattern CLIENT_ID = Pattern.compile("[^\\p{Cntrl}]{1,256}");

    private final Broker broker;
    private final PostOffice office;
    private final Deque<MqttMessage> early = new ArrayDeque<>();
    private State state = State.NEW;
    private ChannelHandlerContext ctx;
    private ScheduledFuture<?> deadline;
    private Session session;
    private boolean five;
    private boolean goodbye;
    private long willDelay;
    private int receiveMaximum = AHEAD;
    private long maxPacket = Long.MAX_VALUE;

    private enum State {
        NEW,
        KNOCKING,
        OPEN,
        CLOSED
    }

    Connection(Broker broker, PostOffice office) {
        this.broker = broker;
        this.office = office;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ctx = context;
        deadline = ctx.executor()
                .schedule(
                        () -> {
                            if (state == State.NEW) {
                                close();
                            }
                        },
                        broker.limits().connectTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        context.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, MqttMessage packet) {
        if (state == State.CLOSED) {
            return;
        }
        if (packet.decoderResult().isFailure()) {
            malformed(packet.decoderResult().cause());
        } else if (state == State.NEW) {
            if (packet instanceof MqttConnectMessage connect) {
                connect(connect);
            } else {
                close();
            }
        } else if (state == State.KNOCKING) {
            if (early.size() >= AHEAD) {
                close();
            } else {
                early.add(ReferenceCountUtil.retain(packet));
            }
        } else {
            handle(packet);
        }
    }

    private void malformed(Throwable cause) {
        if (state == State.OPEN) {
            end(cause instanceof TooLongFrameException ? Disconnect.PACKET_TOO_LARGE : Disconnect.MALFORMED_PACKET);
        } else if (cause instanceof MqttUnacceptableProtocolVersionException) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION,
                    MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION);
        } else {
            close();
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
        // nothing more is read from who is not let in yet
        ctx.channel().config().setAutoRead(false);
        ReferenceCountUtil.retain(connect);
        broker.door()
                .knock(
                        payload.userName(),
                        password == null ? null : new String(password, StandardCharsets.UTF_8),
                        address)
                .whenComplete((verdict, failure) -> ctx.executor().execute(() -> {
                    if (failure != null) {
                        LOG.error("A password could not be checked", failure);
                    }
                    decided(connect, clientId, assigned, failure == null ? verdict : Door.Verdict.LATER);
                }));
    }

    private void decided(MqttConnectMessage connect, String clientId, boolean assigned, Door.Verdict verdict) {
        try {
            if (state != State.KNOCKING) {
                return;
            }
            if (verdict == Door.Verdict.WELCOME) {
                welcome(connect, clientId, assigned);
                return;
            }
            broker.refused();
            if (verdict == Door.Verdict.REFUSED) {
                // as Mosquitto does; its clients have no words for a bad user name or password
                reject(
                        MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                        MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
            } else {
                reject(
                        MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                        MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_BUSY);
            }
        } finally {
            ReferenceCountUtil.release(connect);
        }
    }

    private void welcome(MqttConnectMessage connect, String clientId, boolean assigned) {
        var header = connect.variableHeader();
        var payload = connect.payload();
        String user = String.valueOf(payload.userName());
        if (office.isForeign(clientId, user)) {
            LOG.warn("{} is not let in to the MQTT broker as client {}, which belongs to another user", user, clientId);
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID);
            return;
        }
        long allowed = broker.limits().sessionExpiry().toSeconds();
        long wanted = five
                ? unsigned(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
                : header.isCleanSession() ? 0 : allowed;
        var opened = office.open(clientId, user, header.isCleanSession(), wanted);
        if (opened.isEmpty()) {
            reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    MqttConnectReturnCode.CONNECTION_REFUSED_QUOTA_EXCEEDED);
            return;
        }
        session = opened.get().session();
        state = State.OPEN;
        deadline.cancel(false);
        if (five) {
            receiveMaximum =
                    (int) Math.min(AHEAD, unsigned(header.properties(), MqttPropertyType.RECEIVE_MAXIMUM, AHEAD));
            maxPacket = unsigned(header.properties(), MqttPropertyType.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
        }
        leaveWill(connect, clientId);
        if (header.keepAliveTimeSeconds() > 0) {
            long idle = (long) (header.keepAliveTimeSeconds() * PATIENCE * 1000);
            ctx.pipeline().addFirst(new IdleStateHandler(idle, 0, 0, TimeUnit.MILLISECONDS));
        }
        boolean resumed = opened.get().resumed();
        write(
                MqttMessageType.CONNACK,
                new MqttConnAckVariableHeader(
                        MqttConnectReturnCode.CONNECTION_ACCEPTED, resumed, terms(clientId, assigned, wanted)));
        session.attach(this);
        ctx.channel().config().setAutoRead(true);
        while (!early.isEmpty() && state == State.OPEN) {
            MqttMessage packet = early.poll();
            try {
                handle(packet);
            } finally {
                ReferenceCountUtil.release(packet);
            }
        }
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

    private void leaveWill(MqttConnectMessage connect, String clientId) {
        var header = connect.variableHeader();
        if (!header.isWillFlag()) {
            session.will(null);
            return;
        }
        MqttProperties properties = connect.payload().willProperties();
        willDelay = unsigned(properties, MqttPropertyType.WILL_DELAY_INTERVAL, 0);
        byte[] payload = connect.payload().willMessageInBytes();
        session.will(new Message(
                connect.payload().willTopic(),
                payload == null ? new byte[0] : payload,
                header.willQos(),
                header.isWillRetain(),
                clientId,
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
            case PINGREQ -> ctx.writeAndFlush(MqttMessage.PINGRESP);
            case DISCONNECT -> leave(packet);
            default -> end(Disconnect.PROTOCOL_ERROR);
        }
    }

    private void publish(MqttPublishMessage packet) {
        int id = packet.variableHeader().packetId();
        int qos = packet.fixedHeader().qosLevel().value();
        if (packet.variableHeader().properties().getProperty(MqttPropertyType.TOPIC_ALIAS.value()) != null) {
            end(Disconnect.TOPIC_ALIAS_INVALID);
            return;
        }
        PubAck result = PubAck.SUCCESS;
        if (!isTopic(packet.variableHeader().topicName())) {
            result = PubAck.NOT_AUTHORIZED;
        } else if (qos == MqttQoS.EXACTLY_ONCE.value()) {
            if (session.unreleased() >= RECEIVE_MAXIMUM) {
                end(Disconnect.RECEIVE_MAXIMUM_EXCEEDED);
                return;
            }
            if (session.receive(id)) {
                result = pass(packet);
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
        return office.publish(Message.of(packet, session.clientId())) ? PubAck.SUCCESS : PubAck.QUOTA_EXCEEDED;
    }

    private void subscribe(MqttSubscribeMessage packet) {
        int subscriptionId = (int) unsigned(
                packet.idAndPropertiesVariableHeader().properties(), MqttPropertyType.SUBSCRIPTION_IDENTIFIER, 0);
        List<Integer> reasons = new ArrayList<>();
        List<String> replay = new ArrayList<>();
        for (MqttTopicSubscription wanted : packet.payload().topicSubscriptions()) {
            String filter = wanted.topicFilter();
            SubAck refusal = refusal(filter);
            if (refusal != null) {
                reasons.add(five ? refusal.byteValue() & 0xFF : SubAck.UNSPECIFIED_ERROR.byteValue() & 0xFF);
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
            session.subscribe(
                    filter,
                    new MqttSubscriptionOption(
                            MqttQoS.valueOf(qos), option.isNoLocal(), option.isRetainAsPublished(), handling),
                    subscriptionId);
            reasons.add(qos);
        }
        ctx.writeAndFlush(new MqttSubAckMessage(
                header(MqttMessageType.SUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(
                        packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                new MqttSubAckPayload(reasons)));
        replay.forEach(filter -> office.replay(session, filter));
    }

    private SubAck refusal(String filter) {
        if (filter.startsWith(SHARED)) {
            return SubAck.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        try {
            MqttTopicValidator.validate(filter, true, false);
        } catch (IllegalArgumentException e) {
            return SubAck.TOPIC_FILTER_INVALID;
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
        ctx.writeAndFlush(new MqttUnsubAckMessage(
                header(MqttMessageType.UNSUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(
                        packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                new MqttUnsubAckPayload(reasons)));
    }

    private void leave(MqttMessage packet) {
        boolean withWill = false;
        if (five && packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            withWill = header.reasonCode() == Disconnect.DISCONNECT_WITH_WILL_MESSAGE.byteValue();
            long expiry =
                    unsigned(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, session.expirySeconds());
            // one that was not wanted at first can't be had now
            if (session.expirySeconds() > 0) {
                session.expirySeconds(
                        Math.min(expiry, broker.limits().sessionExpiry().toSeconds()));
            }
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
        ctx.writeAndFlush(new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH, again, MqttQoS.valueOf(delivery.qos()), delivery.retain(), 0),
                new MqttPublishVariableHeader(
                        message.topic(), packetId, message.properties(delivery.subscriptionIds())),
                Unpooled.wrappedBuffer(message.payload())));
    }

    /** The same client has connected anew. */
    void takenOver() {
        end(Disconnect.SESSION_TAKEN_OVER);
    }

    /** Ends the connection, and tells why whoever can understand it. */
    void end(Disconnect reason) {
        if (state == State.OPEN) {
            LOG.debug("Client {} is disconnected: {}", session.clientId(), reason);
            if (five) {
                write(
                        MqttMessageType.DISCONNECT,
                        new MqttReasonCodeAndPropertiesVariableHeader(
                                reason.byteValue(), MqttProperties.NO_PROPERTIES));
            }
        }
        // without waiting for the client to take it
        close();
    }

    private void reject(MqttConnectReturnCode three, MqttConnectReturnCode now) {
        write(
                MqttMessageType.CONNACK,
                new MqttConnAckVariableHeader(five ? now : three, false, MqttProperties.NO_PROPERTIES));
        close();
    }

    private void close() {
        gone();
        ctx.close();
    }

    private void gone() {
        boolean open = state == State.OPEN;
        state = State.CLOSED;
        deadline.cancel(false);
        early.forEach(ReferenceCountUtil::release);
        early.clear();
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
        if (state == State.OPEN) {
            session.pump();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            end(Disconnect.KEEP_ALIVE_TIMEOUT);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("The connection of a client failed", cause);
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
        ctx.writeAndFlush(
                variableHeader instanceof MqttConnAckVariableHeader connack
                        ? new MqttConnAckMessage(header(type), connack)
                        : new MqttMessage(header(type), variableHeader));
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
                && topic.indexOf('+') < 0
                && topic.indexOf('\0') < 0;
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
