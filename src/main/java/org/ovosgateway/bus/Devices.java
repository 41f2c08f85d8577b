// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The assistants behind this gateway; connects to each in the background, whether it is there or not. */
@Component
public class Devices implements SmartLifecycle {

    private final Map<String, Device> byName = new TreeMap<>();
    private volatile boolean running;

    Devices(Vertx vertx, DevicesProperties properties, MeterRegistry meters) {
        properties.devices().forEach((name, bus) -> byName.put(name, new Device(vertx, name, bus, meters)));
    }

    /**
     * The device of this name.
     *
     * @throws ProblemException 404 {@code unknown-device} when there is none
     */
    public Device get(String name) {
        Device device = byName.get(name);
        if (device == null) {
            throw new ProblemException(new Problem(
                    "unknown-device",
                    "There is no such device",
                    404,
                    "There is no device '%s' under ovos.devices; there are %s".formatted(name, byName.keySet())));
        }
        return device;
    }

    /** The names of all devices, sorted. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** All of them, in the order of their names. */
    public Collection<Device> all() {
        return byName.values();
    }

    @Override
    public void start() {
        running = true;
        byName.values().forEach(Device::start);
    }

    @Override
    public void stop() {
        running = false;
        byName.values().forEach(Device::stop);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the routes, and stopped after them. */
    @Override
    public int getPhase() {
        return 0;
    }
}
