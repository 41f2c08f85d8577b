// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Component;
import org.springframework.stereotype.Component;

/**
 * Camel's {@code paho-mqtt5} on the gateway's one connection, and behind its guard.
 *
 * <p>With {@code brokerUrl} an endpoint is Camel's own, with a connection of its own and without a guard.
 */
@Component("paho-mqtt5-component")
@ConditionalOnMqtt
// by this name Camel finds the options that Paho's endpoints have
@org.apache.camel.spi.annotations.Component("paho-mqtt5")
class MqttComponent extends PahoMqtt5Component {

    /** Option of consumers: {@code false} for topics that tell how things are, and command nothing. */
    private static final String GUARD = "guard";

    private final Mqtt mqtt;
    private final Refusals refusals;
    private final Simulation simulation;

    MqttComponent(Mqtt mqtt, Refusals refusals, Simulation simulation) {
        this.mqtt = mqtt;
        this.refusals = refusals;
        this.simulation = simulation;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String topic, Map<String, Object> parameters) throws Exception {
        if (parameters.containsKey("brokerUrl")) {
            return super.createEndpoint(uri, topic, parameters);
        }
        boolean guarded = getAndRemoveParameter(parameters, GUARD, boolean.class, true);
        MqttEndpoint endpoint =
                new MqttEndpoint(uri, topic, this, getConfiguration().copy(), guarded);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    Mqtt mqtt() {
        return mqtt;
    }

    Refusals refusals() {
        return refusals;
    }

    Simulation simulation() {
        return simulation;
    }
}
