// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.spi.CamelContextCustomizer;
import org.ovosgateway.ReadinessCheck;
import org.springframework.stereotype.Component;

/** Tells in the health of the gateway whether the broker is connected: {@code mqtt}. */
@Component
@ConditionalOnMqtt
class MqttHealth implements CamelContextCustomizer {

    private final Mqtt mqtt;

    MqttHealth(Mqtt mqtt) {
        this.mqtt = mqtt;
    }

    @Override
    public void configure(CamelContext camel) {
        ReadinessCheck.register(camel, "mqtt", this::check);
    }

    private void check(HealthCheckResultBuilder result) {
        result.detail("url", mqtt.uri());
        result.detail("since", mqtt.since().toString());
        if (mqtt.renewed() != null) {
            result.detail("sessionRenewed", mqtt.renewed());
        }
        if (mqtt.isConnected()) {
            result.up();
        } else {
            result.down().message("not connected: " + mqtt.lastError());
        }
    }
}
