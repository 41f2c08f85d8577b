// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.List;

import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckRestrictions;

/**
 * What the broker allows on a connection (CONNACK; MQTT 5, 3.2.2.3). The client below obeys the rest of it: keep-alive,
 * maximum packet size, topic aliases, an assigned client id.
 *
 * @param sessionPresent whether the broker has kept the session
 * @param receiveMaximum how many messages it takes before it has acknowledged them
 * @param maximumPacket bytes of the largest packet that it takes
 * @param maximumQos the highest QoS at which it may be published
 * @param retain whether it keeps retained messages
 * @param wildcards whether filters may have wildcards
 * @param shared whether there are shared subscriptions
 */
record Terms(
        boolean sessionPresent,
        int receiveMaximum,
        int maximumPacket,
        int maximumQos,
        boolean retain,
        boolean wildcards,
        boolean shared) {

    static Terms of(Mqtt5ConnAck answer) {
        Mqtt5ConnAckRestrictions restrictions = answer.getRestrictions();
        return new Terms(
                answer.isSessionPresent(),
                restrictions.getReceiveMaximum(),
                restrictions.getMaximumPacketSize(),
                restrictions.getMaximumQos().getCode(),
                restrictions.isRetainAvailable(),
                restrictions.isWildcardSubscriptionAvailable(),
                restrictions.isSharedSubscriptionAvailable());
    }

    /** The message as it may be sent. */
    Publication fit(Publication message) {
        return message.qos() <= maximumQos && (retain || !message.retained())
                ? message
                : new Publication(
                        message.topic(),
                        message.payload(),
                        Math.min(message.qos(), maximumQos),
                        message.retained() && retain,
                        message.late(),
                        message.properties());
    }

    /** Whether the broker takes subscriptions to this filter. */
    boolean takes(String filter) {
        return (wildcards || !filter.contains("+") && !filter.contains("#"))
                && (shared || !filter.startsWith("$share/"));
    }

    /** What is missing, to a person; nothing if the broker can do everything. */
    List<String> limits() {
        return List.of(
                        maximumQos < 1 ? "it takes messages at QoS 0 only, so some may be lost" : "",
                        retain ? "" : "it keeps no retained messages, so states are unknown to who connects later",
                        wildcards ? "" : "it takes no filters with wildcards, so most commands are not heard")
                .stream()
                .filter(limit -> !limit.isEmpty())
                .toList();
    }
}
