// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;

import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.exceptions.MqttDecodeException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.netty.channel.ConnectTimeoutException;
import org.ovosgateway.Ellipsis;

/**
 * Why there is no connection.
 *
 * @param reason to a person, in half a sentence
 */
record Loss(String reason, Kind kind) {

    enum Kind {
        GONE,
        /** Another client came with our client id. */
        TAKEN_OVER,
        /** The broker refuses the user, or asks for one. */
        NOT_LET_IN,
        /** The broker takes no will at QoS 1. */
        WILL_QOS_REFUSED,
        /** The broker keeps no retained messages, so no will that is one. */
        WILL_RETAIN_REFUSED,
        /** The broker sent what cannot be read. */
        UNREADABLE
    }

    private static final int LONGEST = 200;

    /** How Netty begins the messages of the system. */
    private static final String NATIVE = "^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ";

    /** @param ours whether it was this side that ended the connection */
    static Loss of(Throwable failure, boolean ours) {
        if (failure instanceof Mqtt5ConnAckException refused) {
            return refused(refused.getMqttMessage());
        }
        if (failure instanceof Mqtt5DisconnectException ended) {
            if (ours && text(ended).matches(".*(before|waiting for) CONNACK")) {
                return new Loss("the broker does not answer as a broker of MQTT 5 does", Kind.GONE);
            }
            return ours ? unreadable(text(ended)) : disconnected(ended.getMqttMessage());
        }
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        boolean told = cause instanceof ConnectionClosedException || cause instanceof ConnectionFailedException;
        if (cause instanceof MqttDecodeException || ours && cause instanceof RuntimeException && !told) {
            return unreadable(text(cause));
        }
        return new Loss(network(cause), Kind.GONE);
    }

    private static Loss unreadable(String text) {
        return new Loss("the broker sent what is not valid: " + printable(text), Kind.UNREADABLE);
    }

    private static String network(Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return "the name is not known; check MQTT_HOST (ovos.mqtt.host), or the network";
        }
        if (cause instanceof ConnectTimeoutException) {
            return "no answer; check MQTT_HOST and MQTT_PORT (ovos.mqtt.host, ovos.mqtt.port), or the network";
        }
        if (cause instanceof ConnectException) {
            return printable(text(cause)) + "; check MQTT_HOST and MQTT_PORT (ovos.mqtt.host, ovos.mqtt.port)";
        }
        if (cause instanceof SSLException || cause instanceof java.security.GeneralSecurityException) {
            return "TLS failed: " + printable(text(cause)) + "; check ovos.mqtt.tls and the broker's certificate";
        }
        String text = text(cause);
        if (text.startsWith("Server closed connection")) {
            return "the broker closed the connection";
        }
        return text.contains("CONNACK") ? "the broker did not answer as a broker of MQTT 5 does" : printable(text);
    }

    private static Loss refused(Mqtt5ConnAck answer) {
        Mqtt5ConnAckReasonCode code = answer.getReasonCode();
        String said = said(
                answer.getReasonString().orElse(null),
                answer.getServerReference().orElse(null));
        return switch (code) {
            case BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED ->
                new Loss("the broker does not let the gateway in" + said, Kind.NOT_LET_IN);
            case QOS_NOT_SUPPORTED -> new Loss("the broker takes no will at QoS 1" + said, Kind.WILL_QOS_REFUSED);
            case RETAIN_NOT_SUPPORTED ->
                new Loss("the broker takes no will that is retained" + said, Kind.WILL_RETAIN_REFUSED);
            case UNSUPPORTED_PROTOCOL_VERSION -> new Loss("the broker does not speak MQTT 5" + said, Kind.GONE);
            case CLIENT_IDENTIFIER_NOT_VALID ->
                new Loss("the broker does not take the client id; check ovos.mqtt.client-id" + said, Kind.GONE);
            default -> new Loss("the broker refuses the connection: " + words(code) + said, Kind.GONE);
        };
    }

    private static Loss disconnected(Mqtt5Disconnect packet) {
        Mqtt5DisconnectReasonCode code = packet.getReasonCode();
        String said = said(
                packet.getReasonString().orElse(null),
                packet.getServerReference().orElse(null));
        return code == Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER
                ? new Loss("another client has the same client id" + said, Kind.TAKEN_OVER)
                : new Loss("the broker ended the connection: " + words(code) + said, Kind.GONE);
    }

    private static String said(MqttUtf8String reason, MqttUtf8String reference) {
        return (reason == null ? "" : " ('" + printable(reason.toString()) + "')")
                + (reference == null ? "" : "; it names another server, " + printable(reference.toString()));
    }

    private static String words(Enum<?> code) {
        return code.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        if (message != null && !message.isBlank()) {
            return message.replaceFirst(NATIVE, "").replaceFirst("^Exception while decoding ", "");
        }
        return failure instanceof IOException
                ? "the connection was lost"
                : failure.getClass().getSimpleName();
    }

    /** What others have written, fit for a log: short, and in one line. */
    static String printable(String text) {
        return Ellipsis.cut(String.valueOf(text).replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?"), LONGEST);
    }
}
