// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.DefaultProducer;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.ovosgateway.DryRun;
import org.ovosgateway.Json;

/** Publishes the body, without waiting for the broker. */
class MqttProducer extends DefaultProducer {

    private final MqttEndpoint endpoint;
    private final Mqtt mqtt;

    MqttProducer(MqttEndpoint endpoint, Mqtt mqtt) {
        super(endpoint);
        this.endpoint = endpoint;
        this.mqtt = mqtt;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String topic =
                message.getHeader(PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, endpoint.getTopic(), String.class);
        int qos = message.getHeader(
                PahoMqtt5Constants.CAMEL_PAHO_MSG_QOS,
                Math.min(endpoint.getConfiguration().getQos(), 1),
                Integer.class);
        boolean retained = message.getHeader(
                PahoMqtt5Constants.CAMEL_PAHO_MSG_RETAINED,
                endpoint.getConfiguration().isRetained(),
                Boolean.class);
        Object body = message.getBody();
        byte[] payload = body instanceof Map<?, ?> || body instanceof Iterable<?>
                ? Json.write(body).getBytes(StandardCharsets.UTF_8)
                : body == null ? new byte[0] : message.getBody(byte[].class);
        DryRun dryRun = DryRun.of(exchange);
        if (dryRun != null) {
            dryRun.note(Map.of("publishes", topic, "payload", new String(payload, StandardCharsets.UTF_8)));
            return;
        }
        mqtt.publish(new Publication(topic, payload, qos, retained, false, new MqttProperties()));
    }
}
