// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.mqtt.LocalBroker;

/**
 * What a client published, or left as its will.
 *
 * <p>Used on the broker's thread only, which counts who still has to get it.
 */
final class PublishedMessage {

    /** A rough idea of what an entry costs besides its bytes. */
    private static final int OVERHEAD = 400;

    // the fixed header, the packet id, the expiry and an identifier of a subscription, at most; then name and lengths
    private static final int PACKET_OVERHEAD = 24;
    private static final int PROPERTY_OVERHEAD = 5;

    private static final int EXPIRY = MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value();

    private final String topic;
    private final byte[] payload;
    private final int qos;
    private final boolean retain;
    private final String publisher;
    private final String user;
    private final Set<String> devices;
    private final MqttProperties properties = new MqttProperties();
    private final long since = System.nanoTime();
    private final long lifetimeSeconds;
    private final int size;
    private final int packetSize;
    private final int propertiesSize;
    private int holders;

    /** @param from the client that published it */
    @SuppressWarnings("rawtypes") // Netty declares them so
    PublishedMessage(String topic, byte[] payload, int qos, boolean retain, Session from, MqttProperties given) {
        this.topic = topic;
        this.payload = payload;
        this.qos = qos;
        this.retain = retain;
        this.publisher = from.clientId();
        this.user = from.user();
        this.devices = from.devices();
        int bytes = 0;
        for (MqttPropertyType type : List.of(
                MqttPropertyType.PAYLOAD_FORMAT_INDICATOR,
                MqttPropertyType.CONTENT_TYPE,
                MqttPropertyType.RESPONSE_TOPIC,
                MqttPropertyType.CORRELATION_DATA)) {
            MqttProperty<?> property = given.getProperty(type.value());
            if (property != null) {
                properties.add(property);
                bytes += PROPERTY_OVERHEAD + cost(property.value());
            }
        }
        var userProperties = given.getProperties(MqttPropertyType.USER_PROPERTY.value());
        for (MqttProperty<?> property : userProperties) {
            properties.add(property);
            bytes += PROPERTY_OVERHEAD + cost(property.value());
        }
        this.propertiesSize = bytes;
        this.packetSize = PACKET_OVERHEAD + ByteBufUtil.utf8Bytes(topic) + payload.length + bytes;
        this.size = packetSize + OVERHEAD * (1 + userProperties.size());
        this.lifetimeSeconds = given.getProperty(EXPIRY) instanceof IntegerProperty expiry
                ? Integer.toUnsignedLong(expiry.value())
                : Long.MAX_VALUE;
    }

    static PublishedMessage of(MqttPublishMessage packet, Session publisher) {
        return new PublishedMessage(
                packet.variableHeader().topicName(),
                ByteBufUtil.getBytes(packet.payload()),
                packet.fixedHeader().qosLevel().value(),
                packet.fixedHeader().isRetain(),
                publisher,
                packet.variableHeader().properties());
    }

    private static int cost(Object value) {
        if (value instanceof MqttProperties.StringPair pair) {
            return ByteBufUtil.utf8Bytes(pair.key) + ByteBufUtil.utf8Bytes(pair.value);
        }
        return value instanceof byte[] bytes ? bytes.length : ByteBufUtil.utf8Bytes(value.toString());
    }

    String topic() {
        return topic;
    }

    byte[] payload() {
        return payload;
    }

    int qos() {
        return qos;
    }

    boolean retain() {
        return retain;
    }

    String publisher() {
        return publisher;
    }

    /** Name of who published it. */
    String user() {
        return user;
    }

    boolean isOlderThan(PublishedMessage other) {
        return since - other.since < 0;
    }

    /** Bytes of its properties. */
    int propertiesSize() {
        return propertiesSize;
    }

    /** Bytes of memory it takes, roughly. */
    int size() {
        return size;
    }

    /** Bytes it takes as a packet, at most. */
    int packetSize() {
        return packetSize;
    }

    /** One more has to get it. */
    void hold() {
        holders++;
    }

    /** One less; true for the last. */
    boolean letGo() {
        return --holders == 0;
    }

    boolean isHeld() {
        return holders > 0;
    }

    boolean isExpired() {
        return waited() >= lifetimeSeconds;
    }

    /**
     * What goes with it, with the lifetime that is left and the identifiers of the subscriptions that it fits.
     *
     * @param toGateway whether the gateway gets it, with the devices for which it may act
     */
    MqttProperties properties(List<Integer> subscriptionIds, boolean toGateway) {
        boolean noted = toGateway && !devices.equals(Caller.ALL);
        if (lifetimeSeconds == Long.MAX_VALUE && subscriptionIds.isEmpty() && !noted) {
            return properties;
        }
        MqttProperties all = new MqttProperties();
        properties.listAll().forEach(all::add);
        if (lifetimeSeconds != Long.MAX_VALUE) {
            all.add(new IntegerProperty(EXPIRY, (int) (lifetimeSeconds - waited())));
        }
        subscriptionIds.forEach(
                id -> all.add(new IntegerProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value(), id)));
        if (noted) {
            all.add(new MqttProperties.UserProperty(LocalBroker.DEVICES, String.join(",", devices)));
        }
        return all;
    }

    private long waited() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
    }
}
