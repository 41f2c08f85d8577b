// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.function.IntSupplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * What is measured on the bus of one device.
 *
 * @param roundTrips from a question or command to its answer or echo
 * @param connects connections made
 * @param garbage frames that are no messages
 * @param skipped messages that were too large
 */
record BusMeters(Timer roundTrips, Counter connects, Counter garbage, Counter skipped) {

    /** @param waits questions and commands under way */
    static BusMeters of(String device, BusConnection connection, IntSupplier waits, MeterRegistry registry) {
        Gauge.builder("ovos.bus.waits", waits, IntSupplier::getAsInt)
                .strongReference(true)
                .description("Questions and commands under way")
                .tag("device", device)
                .register(registry);
        Gauge.builder("ovos.bus.connected", connection, c -> c.isUp() ? 1 : 0)
                .description("1 while the bus is connected")
                .tag("device", device)
                .register(registry);
        return new BusMeters(
                Timer.builder("ovos.bus.round.trip")
                        .description("From a question or command to its answer or echo")
                        .tag("device", device)
                        .publishPercentiles(0.5, 0.99)
                        .register(registry),
                counter(registry, device, "connects", "Connections made to the bus; all but the first are reconnects"),
                counter(registry, device, "garbage", "Frames heard that are no bus messages"),
                counter(registry, device, "skipped", "Messages passed by because they were too large"));
    }

    private static Counter counter(MeterRegistry registry, String device, String name, String description) {
        return Counter.builder("ovos.bus." + name)
                .description(description)
                .tag("device", device)
                .register(registry);
    }
}
