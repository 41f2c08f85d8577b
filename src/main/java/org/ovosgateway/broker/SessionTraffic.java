// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
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

/** Does what the packets of a client ask for that was let in. */
final class SessionTraffic {

    /** Messages of QoS 2 that a client may send without releasing them. */
    static final int RECEIVE_MAXIMUM = 1000;

    /** Paho's clients for Java stop to hear without a word at 32 KB and more. */
    private static final int MAX_PROPERTIES = 16 * 1024;

    private final Broker broker;
    private final Router router;
    private final Connection connection;
    private final Session session;
    private final boolean five;

    SessionTraffic(Broker broker, Router router, Connection connection, Session session, boolean five) {
        this.broker = broker;
        this.router = router;
        this.connection = connection;
        this.session = session;
        this.five = five;
    }

    void handle(MqttMessage packet) {
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
            case PINGREQ -> connection.write(MqttMessage.PINGRESP, Connection.ANSWER);
            case DISCONNECT -> leave(packet);
            default -> connection.end(Disconnect.PROTOCOL_ERROR);
        }
    }

    private void publish(MqttPublishMessage packet) {
        int id = packet.variableHeader().packetId();
        int qos = packet.fixedHeader().qosLevel().value();
        PubAck result = PubAck.SUCCESS;
        String topic = packet.variableHeader().topicName();
        if (topic.length() > Topics.MAX_LENGTH) {
            result = PubAck.TOPIC_NAME_INVALID;
        } else if (!Topics.isValidName(topic) || !session.mayWrite(topic)) {
            result = PubAck.NOT_AUTHORIZED;
        } else if (qos == MqttQoS.EXACTLY_ONCE.value()) {
            if (session.unreleased() >= RECEIVE_MAXIMUM) {
                connection.end(Disconnect.RECEIVE_MAXIMUM_EXCEEDED);
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
        PublishedMessage message = PublishedMessage.of(packet, session);
        if (message.propertiesSize() > MAX_PROPERTIES) {
            broker.unpassed();
            return PubAck.IMPLEMENTATION_SPECIFIC_ERROR;
        }
        return router.publish(message, session) ? PubAck.SUCCESS : PubAck.QUOTA_EXCEEDED;
    }

    private void subscribe(MqttSubscribeMessage packet) {
        int subscriptionId = (int) Handshake.unsigned(
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
        connection.write(
                new MqttSubAckMessage(
                        Connection.header(MqttMessageType.SUBACK),
                        new MqttMessageIdAndPropertiesVariableHeader(
                                packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                        new MqttSubAckPayload(reasons)),
                Connection.ANSWER + reasons.size());
        replay.forEach(session::replay);
    }

    private int code(SubAck refusal) {
        return (five ? refusal : SubAck.UNSPECIFIED_ERROR).byteValue() & 0xFF;
    }

    private SubAck refusal(String filter) {
        if (filter.startsWith("$share/")) {
            return SubAck.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (filter.length() > Topics.MAX_LENGTH) {
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
        connection.write(
                new MqttUnsubAckMessage(
                        Connection.header(MqttMessageType.UNSUBACK),
                        new MqttMessageIdAndPropertiesVariableHeader(
                                packet.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
                        new MqttUnsubAckPayload(reasons)),
                Connection.ANSWER + reasons.size());
    }

    private void leave(MqttMessage packet) {
        boolean withWill = false;
        if (five && packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            withWill = header.reasonCode() == Disconnect.DISCONNECT_WITH_WILL_MESSAGE.byteValue();
            long expiry = Handshake.unsigned(
                    header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, session.expirySeconds());
            // one that was not wanted at first can't be had now, MQTT 5.0, 3.14.2.2.2
            if (session.expirySeconds() == 0 && expiry > 0) {
                connection.violated(Disconnect.PROTOCOL_ERROR.byteValue(), five);
                return;
            }
            session.expirySeconds(
                    Math.min(expiry, broker.limits().sessionExpiry().toSeconds()));
        }
        connection.leave(withWill);
    }

    private void reply(MqttMessageType type, int packetId, byte reason) {
        Object variableHeader = five
                ? new MqttPubReplyMessageVariableHeader(packetId, reason, MqttProperties.NO_PROPERTIES)
                : MqttMessageIdVariableHeader.from(packetId);
        connection.write(new MqttMessage(Connection.header(type), variableHeader), Connection.ANSWER);
    }

    private static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }
}
