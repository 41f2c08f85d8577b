// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.spi.CamelContextCustomizer;
import org.ovosgateway.ReadinessCheck;
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
        devices.all()
                .forEach(device ->
                        ReadinessCheck.register(camel, "bus-" + device.name(), result -> check(device, result)));
    }

    private static void check(Device device, HealthCheckResultBuilder result) {
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
