// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Configuration;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Endpoint;

/** Topics of the broker that the gateway is connected to. */
class MqttEndpoint extends PahoMqtt5Endpoint implements MultipleConsumersSupport {

    private final MqttComponent component;
    private final boolean guarded;

    MqttEndpoint(
            String uri, String topic, MqttComponent component, PahoMqtt5Configuration configuration, boolean guarded) {
        super(uri, topic, component, configuration);
        this.component = component;
        this.guarded = guarded;
    }

    /** Several buttons may publish to one topic, each with a route of its own. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        MqttConsumer consumer = new MqttConsumer(this, processor, component, guarded);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        return new MqttProducer(this, component.mqtt());
    }
}
