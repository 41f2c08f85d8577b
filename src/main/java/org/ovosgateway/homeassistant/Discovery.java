// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.ovosgateway.GatewayApplication;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.assistant.Commands;
import org.ovosgateway.assistant.States;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.live.LiveRoutes;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.ovosgateway.mqtt.Mqtt;
import org.ovosgateway.mqtt.Publication;
import org.ovosgateway.mqtt.StateTopics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Decides when Home Assistant gets its discovery messages: when the table, the commands or the properties have changed and
 * are quiet, when the broker has others than these, and when Home Assistant has started.
 */
@Component
@ConditionalOnMqtt
class Discovery implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final long LOOK_MILLIS = 1000;
    /** What the broker holds comes right after a connection is made. */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long LEAST_DELAY_MILLIS = 500;
    /** Until Home Assistant has made the entities, and listens for their states. */
    private static final long BEFORE_STATES_MILLIS = 1000;

    private final Mqtt mqtt;
    private final Devices devices;
    private final LiveRoutes routes;
    private final DiscoveryProperties properties;
    private final Announcements announcements;
    private final EntityTableFiles files;
    private final RetainedConfigs retained;
    private final Capabilities capabilities;
    private final boolean reload;

    private ScheduledExecutorService thread;
    private List<Runnable> subscriptions = List.of();

    /** Whether something that matters has changed since all was last found to be as announced. */
    private volatile boolean changed = true;

    // all below is guarded by this
    private long settledAt;
    private boolean ready;
    private boolean checked = true;
    private boolean birth;
    private boolean failing;
    private Map<String, String> candidate;
    private Map<String, String> announced;

    Discovery(
            Mqtt mqtt,
            Devices devices,
            Commands commands,
            States states,
            StateTopics topics,
            LiveRoutes routes,
            DiscoveryProperties properties,
            @Value("${ovos.routes.folder:routes}") Path folder,
            @Value("${ovos.routes.own:routes.d}") Path own,
            @Value("${ovos.routes.reload:true}") boolean reload) {
        this.mqtt = mqtt;
        this.devices = devices;
        this.routes = routes;
        this.properties = properties;
        this.announcements = new Announcements(
                mqtt.base(),
                mqtt.discoveryPrefix(),
                properties.form(),
                GatewayApplication.class.getPackage().getImplementationVersion(),
                properties.url());
        this.files = new EntityTableFiles(folder, own, devices.names());
        this.retained = new RetainedConfigs(mqtt, announcements);
        this.capabilities = new Capabilities(devices, commands, topics, routes, retained::name);
        this.reload = reload;
        mqtt.onConnected(this::connected);
        states.onChange(this::propertyChanged);
        routes.onChange(taken -> changed = true);
        devices.all().forEach(device -> device.onLink(up -> changed = true));
    }

    @Override
    public synchronized void start() {
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "home-assistant");
            made.setDaemon(true);
            return made;
        });
        subscriptions = List.of(
                mqtt.subscribe(announcements.filter(), this::heard),
                mqtt.subscribe(properties.birthTopic(), this::born));
        thread.scheduleWithFixedDelay(
                new PeriodicTask("Discovery for Home Assistant", this::look),
                LOOK_MILLIS,
                LOOK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Before, there are no routes, so no commands either, and nothing that needs one would be shown. */
    @EventListener(ApplicationReadyEvent.class)
    synchronized void routesAreThere() {
        ready = true;
        changed = true;
    }

    @Override
    public synchronized void stop() {
        thread.shutdownNow();
        thread = null;
        subscriptions.forEach(Runnable::run);
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }

    /** Stopped before the routes go. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    private synchronized void connected() {
        checked = false;
        changed = true;
        settledAt = System.nanoTime() + SETTLE_NANOS;
    }

    /** The message was published by us, or by a version of us before this one. */
    private synchronized void heard(Publication message) {
        retained.receive(message);
        // a message that is not retained is our own echo, or another publisher whom we must not fight
        if (message.retained()) {
            checked = false;
            changed = true;
            settledAt = System.nanoTime() + SETTLE_NANOS;
        }
    }

    /** Home Assistant has started; it may know nothing yet. */
    private synchronized void born(Publication message) {
        if (birth
                || thread == null
                || !new String(message.payload(), StandardCharsets.UTF_8).equals(properties.birthPayload())) {
            return;
        }
        birth = true;
        long most = Math.max(LEAST_DELAY_MILLIS, properties.maxDelay().toMillis());
        long delay = ThreadLocalRandom.current().nextLong(LEAST_DELAY_MILLIS, most + 1);
        LOG.info("Home Assistant has started; all is sent again in {} ms", delay);
        thread.schedule(this::repeat, delay, TimeUnit.MILLISECONDS);
    }

    private synchronized void repeat() {
        birth = false;
        if (announced != null && !announced.isEmpty()) {
            mqtt.repeat(announced::containsKey);
            thread.schedule(
                    () -> mqtt.repeat(topic -> topic.startsWith(mqtt.base() + "/")),
                    BEFORE_STATES_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void propertyChanged(String device, String property, Object value) {
        if (capabilities.change(device, property, value)) {
            changed = true;
        }
    }

    private synchronized void look() {
        Optional<EntityTable> table = table();
        if (failing == routes.failures().isEmpty()) {
            failing = !failing;
            changed = true;
        }
        // the time for which something is missed counts as well
        if (!changed && !capabilities.areMissed()
                || !ready
                || !mqtt.isConnected()
                || System.nanoTime() - settledAt < 0
                || thread == null) {
            return;
        }
        changed = false;
        Map<String, String> wanted = properties.enabled() && table.isPresent()
                ? announcements.of(table.get(), devices.names(), capabilities::hasCommand, capabilities::hasProperty)
                : Map.of();
        // a broken file says nothing about what was announced before
        boolean sure = !properties.enabled() || table.isPresent();
        // twice the same: routes that are being replaced, and files that are being written, come in between
        boolean quiet = wanted.equals(candidate);
        candidate = wanted;
        if (!quiet) {
            changed = true;
        } else if (sure && !(checked && wanted.equals(announced))) {
            announce(wanted);
        }
    }

    private Optional<EntityTable> table() {
        boolean fixed = files.table().isPresent() && !reload;
        if (properties.enabled() && !fixed && files.look()) {
            changed = true;
        }
        return files.table();
    }

    private void announce(Map<String, String> wanted) {
        retained.replace(wanted, announced == null, properties.enabled());
        if (!wanted.equals(announced)) {
            LOG.info("Home Assistant finds {} devices", wanted.size());
        }
        announced = wanted;
        checked = true;
    }
}
