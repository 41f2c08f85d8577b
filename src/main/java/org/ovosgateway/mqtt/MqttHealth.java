// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.spi.CamelContextCustomizer;
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
        HealthCheckRegistry registry = HealthCheckHelper.getHealthCheckRegistry(camel);
        if (registry != null) {
            registry.register(new Check());
        }
    }

    private final class Check extends AbstractHealthCheck {

        Check() {
            super("ovos", "mqtt");
        }

        @Override
        public boolean isLiveness() {
            return false;
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
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
}
