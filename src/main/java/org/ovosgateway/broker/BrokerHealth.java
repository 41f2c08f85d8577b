// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.spi.CamelContextCustomizer;
import org.ovosgateway.ReadinessCheck;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Whether the embedded broker runs, and how much of its memory is taken: {@code mqtt-broker}. */
@Component
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
final class BrokerHealth implements CamelContextCustomizer {

    private final Broker broker;

    BrokerHealth(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void configure(CamelContext camel) {
        ReadinessCheck.register(camel, "mqtt-broker", this::check);
    }

    private void check(HealthCheckResultBuilder result) {
        var budget = broker.budget();
        result.detail("clients", broker.connections());
        result.detail("memory", budget.held());
        result.detail("limit", budget.limit());
        result.detail("refused", budget.refused());
        if (broker.isWell()) {
            result.up();
        } else {
            result.down().message(broker.isRunning() ? "its thread does not answer" : "not started");
        }
    }
}
