// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first packet of a client, CONNECT: whether it is let in, with which session, and on which terms. */
final class Handshake {

    private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

    /** Messages that a client may leave without an acknowledgement. */
    private static final int AHEAD = 64;

    private static final double PATIENCE = 1.5;
    private static final Pattern CLIENT_ID = Pattern.compile(".{1,256}", Pattern.DOTALL);

    private final Broker broker;
    private final Router router;
    private final Connection connection;
    private final MqttConnectVariableHeader header;
    private final MqttConnectPayload payload;
    private final boolean five;
    private final String clientId;
    /** Whether the broker has chosen the client id. */
    private final boolean assigned;

    /**
     * What the client has asked for.
     *
     * @param receiveMaximum messages that it may leave without an acknowledgement
     * @param maxPacket bytes of the largest packet that it takes
     * @param keepAliveNanos after so long without a sign of life it is gone; 0: never
     * @param willDelay seconds from the end of the connection to the will
     */
    record Terms(int receiveMaximum, long maxPacket, long keepAliveNanos, long willDelay) {}

    Handshake(Broker broker, Router router, Connection connection, MqttConnectMessage connect, boolean five) {
        this.broker = broker;
        this.router = router;
        this.connection = connection;
        this.header = connect.variableHeader();
        this.payload = connect.payload();
        this.five = five;
        String id = payload.clientIdentifier();
        this.assigned = id == null || id.isEmpty();
        this.clientId = assigned ? "auto-" + UUID.randomUUID() : id;
    }

    /** Ends with {@link Connection#open} or {@link Connection#reject}. */
    void begin() {
        if (assigned
                ? !header.isCleanSession() && !five
                : !CLIENT_ID.matcher(clientId).matches()) {
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID);
            return;
        }
        if (five && header.properties().getProperty(MqttPropertyType.AUTHENTICATION_METHOD.value()) != null) {
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_BAD_AUTHENTICATION_METHOD);
            return;
        }
        if (header.isWillFlag() && !Topics.isValidName(payload.willTopic())) {
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_TOPIC_NAME_INVALID);
            return;
        }
        connection.authenticating();
        byte[] password = payload.passwordInBytes();
        broker.authenticator()
                .authenticate(
                        payload.userName(),
                        password == null ? null : new String(password, StandardCharsets.UTF_8),
                        connection.address())
                .whenComplete((answer, failure) -> connection.execute(() -> {
                    if (failure != null) {
                        LOG.error("A password could not be checked", failure);
                    }
                    decided(
                            failure == null
                                    ? answer
                                    : ClientAuthenticator.Decision.of(ClientAuthenticator.Verdict.BUSY));
                }));
    }

    private void decided(ClientAuthenticator.Decision answer) {
        if (!connection.isAuthenticating()) {
            return;
        }
        if (answer.verdict() == ClientAuthenticator.Verdict.ACCEPTED) {
            accept(answer);
            return;
        }
        broker.refused();
        if (answer.verdict() == ClientAuthenticator.Verdict.REFUSED) {
            // as Mosquitto does; its clients have no words for a bad user name or password
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
        } else {
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_BUSY);
        }
    }

    private void accept(ClientAuthenticator.Decision answer) {
        String user = String.valueOf(payload.userName());
        boolean own = broker.isOwn(user);
        if (header.isWillFlag() && !router.topics().mayWrite(answer.devices(), payload.willTopic())) {
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
            return;
        }
        if (router.isForeign(clientId, user, own)) {
            LOG.warn(
                    "{} is not let in to the MQTT broker as client {}, which belongs to another user",
                    LogText.of(user),
                    LogText.of(clientId));
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    MqttConnectReturnCode.CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID);
            return;
        }
        long allowed = broker.limits().sessionExpiry().toSeconds();
        long wanted = five
                ? unsigned(header.properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
                : header.isCleanSession() ? 0 : allowed;
        var opened = router.open(clientId, user, own, answer.devices(), header.isCleanSession(), wanted);
        if (opened.isEmpty() || !leaveWill(opened.get().session())) {
            broker.refused();
            connection.reject(
                    MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE,
                    MqttConnectReturnCode.CONNECTION_REFUSED_QUOTA_EXCEEDED);
            opened.ifPresent(router::discard);
            return;
        }
        Session session = opened.get().session();
        session.stays(answer.stays());
        connection.open(
                session,
                terms(),
                new MqttConnAckVariableHeader(
                        MqttConnectReturnCode.CONNECTION_ACCEPTED, opened.get().resumed(), answer(session, wanted)));
    }

    private Terms terms() {
        return new Terms(
                five
                        ? (int) Math.min(AHEAD, unsigned(header.properties(), MqttPropertyType.RECEIVE_MAXIMUM, AHEAD))
                        : AHEAD,
                five
                        ? unsigned(header.properties(), MqttPropertyType.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE)
                        : Long.MAX_VALUE,
                (long) (TimeUnit.SECONDS.toNanos(header.keepAliveTimeSeconds()) * PATIENCE),
                header.isWillFlag() ? unsigned(payload.willProperties(), MqttPropertyType.WILL_DELAY_INTERVAL, 0) : 0);
    }

    /** What the client must know. */
    private MqttProperties answer(Session session, long wanted) {
        if (!five) {
            return MqttProperties.NO_PROPERTIES;
        }
        MqttProperties answer = new MqttProperties();
        if (assigned) {
            answer.add(new StringProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value(), clientId));
        }
        if (wanted > session.expirySeconds()) {
            answer.add(property(MqttPropertyType.SESSION_EXPIRY_INTERVAL, (int) session.expirySeconds()));
        }
        answer.add(property(MqttPropertyType.RECEIVE_MAXIMUM, SessionTraffic.RECEIVE_MAXIMUM));
        answer.add(property(MqttPropertyType.MAXIMUM_PACKET_SIZE, (int)
                broker.limits().packet().toBytes()));
        answer.add(property(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, 0));
        return answer;
    }

    /** False if there is no room for it. */
    private boolean leaveWill(Session of) {
        if (!header.isWillFlag()) {
            return of.will(null);
        }
        byte[] will = payload.willMessageInBytes();
        return of.will(new PublishedMessage(
                payload.willTopic(),
                will == null ? new byte[0] : will,
                header.willQos(),
                header.isWillRetain(),
                of,
                payload.willProperties()));
    }

    private static IntegerProperty property(MqttPropertyType type, int value) {
        return new IntegerProperty(type.value(), value);
    }

    static long unsigned(MqttProperties properties, MqttPropertyType type, long otherwise) {
        return properties != null && properties.getProperty(type.value()) instanceof IntegerProperty number
                ? Integer.toUnsignedLong(number.value())
                : otherwise;
    }
}
