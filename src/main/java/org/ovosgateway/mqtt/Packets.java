// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.ByteBuffer;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;

/** PUBLISH packets of the client below, from and to {@link Publication}, whose properties routes see as Paho's. */
final class Packets {

    private Packets() {}

    static Publication publication(Mqtt5Publish packet) {
        MqttProperties properties = new MqttProperties();
        packet.getMessageExpiryInterval().ifPresent(properties::setMessageExpiryInterval);
        packet.getPayloadFormatIndicator()
                .ifPresent(format -> properties.setPayloadFormat(format == Mqtt5PayloadFormatIndicator.UTF_8));
        packet.getContentType().map(MqttUtf8String::toString).ifPresent(properties::setContentType);
        packet.getResponseTopic().map(Object::toString).ifPresent(properties::setResponseTopic);
        packet.getCorrelationData().map(Packets::bytes).ifPresent(properties::setCorrelationData);
        properties.setUserProperties(packet.getUserProperties().asList().stream()
                .map(each -> new UserProperty(
                        each.getName().toString(), each.getValue().toString()))
                .toList());
        return new Publication(
                packet.getTopic().toString(),
                packet.getPayloadAsBytes(),
                packet.getQos().getCode(),
                packet.isRetain(),
                false,
                properties);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** @throws RuntimeException when MQTT cannot carry it, such as a topic with a NUL */
    static Mqtt5Publish of(Publication message) {
        MqttProperties properties = message.properties();
        Mqtt5PublishBuilder.Complete packet = Mqtt5Publish.builder()
                .topic(message.topic())
                .payload(message.payload())
                .qos(MqttQos.fromCode(message.qos()))
                .retain(message.retained())
                .contentType(properties.getContentType())
                .responseTopic(properties.getResponseTopic())
                .correlationData(properties.getCorrelationData());
        if (properties.getMessageExpiryInterval() != null) {
            packet = packet.messageExpiryInterval(properties.getMessageExpiryInterval());
        }
        if (properties.getPayloadFormat()) {
            packet = packet.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8);
        }
        return packet.userProperties(Mqtt5UserProperties.of(properties.getUserProperties().stream()
                        .map(each -> Mqtt5UserProperty.of(each.getKey(), each.getValue()))
                        .toList()))
                .build();
    }
}
