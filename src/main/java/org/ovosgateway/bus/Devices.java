// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import org.ovosgateway.Budget;
import org.ovosgateway.Ellipsis;
import org.ovosgateway.Inflow;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The assistants behind this gateway; connects to each in the background, whether it is there or not. */
@Component
public class Devices implements SmartLifecycle, Inflow {

    /** The name of the device that is meant when none is named. */
    public static final String DEFAULT = "default";

    private static final int RESOLVERS = 4;
    private static final int LONGEST_QUOTE = 64;

    private final Map<String, Device> byName = new TreeMap<>();
    private final List<DeedListener> deedListeners = new CopyOnWriteArrayList<>();
    private volatile boolean running;

    Devices(Vertx vertx, DevicesProperties properties, ProvenCompanions proven, MeterRegistry meters) {
        // a DNS server that does not answer, or a message of some megabytes, keeps no other worker of the gateway
        WorkerExecutor names = vertx.createSharedWorkerExecutor("names", RESOLVERS);
        WorkerExecutor readers = vertx.createSharedWorkerExecutor("bus-messages", 1);
        long largest = properties.devices().values().stream()
                .mapToLong(bus -> bus.maxMessageSize().toBytes())
                .max()
                .orElse(0);
        Budget budget = new Budget(Math.max(largest, Runtime.getRuntime().maxMemory() / 8));
        properties.devices().forEach((name, bus) -> {
            BusConnection.Resolver resolver = host -> names.executeBlocking(host::resolve, false);
            byName.put(name, new Device(vertx, name, bus, resolver, readers, budget, proven, meters));
        });
    }

    /**
     * The device of this name.
     *
     * @throws ProblemException 404 {@code unknown-device} when there is none
     */
    public Device get(String name) {
        Device device = byName.get(name);
        if (device == null) {
            throw new ProblemException(new Problem("unknown-device", "There is no such device", 404, absent(name)));
        }
        return device;
    }

    /**
     * The device that a caller means: all doors ask here.
     *
     * @param name null for the default, or the only one of a caller who may not use that
     * @throws ProblemException 403 {@code forbidden} when it is none of the caller's, 404 {@code unknown-device} when there is
     *     none
     */
    public Device of(Caller caller, String name) {
        String meant = name == null ? caller.device(DEFAULT) : name;
        caller.requireDevice(meant);
        return get(meant);
    }

    /** Tells a person that there is no such device, and which there are. */
    public String absent(String name) {
        return "There is no device '%s'; there are %s."
                .formatted(Ellipsis.cut(name, LONGEST_QUOTE), String.join(", ", byName.keySet()));
    }

    /** The names of all devices, sorted. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** All of them, in the order of their names. */
    public Collection<Device> all() {
        return byName.values();
    }

    /**
     * Adds a listener for the messages that routes send to the devices.
     *
     * @return removes the listener
     */
    public Runnable onDeed(DeedListener listener) {
        deedListeners.add(listener);
        return () -> deedListeners.remove(listener);
    }

    List<DeedListener> deedListeners() {
        return deedListeners;
    }

    @Override
    public void hold() {
        byName.values().forEach(Device::hold);
    }

    @Override
    public void release() {
        byName.values().forEach(Device::release);
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
