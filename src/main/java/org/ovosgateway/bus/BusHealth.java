// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.spi.CamelContextCustomizer;
import org.springframework.stereotype.Component;

/** Tells in the health of the gateway whether the bus of each device is connected: {@code bus-<device>}. */
@Component
class BusHealth implements CamelContextCustomizer {

    private final Devices devices;

    BusHealth(Devices devices) {
        this.devices = devices;
    }

    @Override
    public void configure(CamelContext camel) {
        HealthCheckRegistry registry = HealthCheckHelper.getHealthCheckRegistry(camel);
        if (registry != null) {
            devices.all().forEach(device -> registry.register(new Check(device)));
        }
    }

    private static final class Check extends AbstractHealthCheck {

        private final Device device;

        Check(Device device) {
            super("ovos", "bus-" + device.name());
            this.device = device;
        }

        @Override
        public boolean isLiveness() {
            return false;
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            BusConnection connection = device.connection();
            result.detail("url", device.bus().toString());
            result.detail("since", connection.since().toString());
            if (connection.isUp()) {
                result.up();
            } else {
                result.down().message("not connected: " + connection.lastError());
            }
        }
    }
}
