// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.Json;
import org.ovosgateway.assistant.Commands;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.Incident;
import org.ovosgateway.bus.Part;
import org.ovosgateway.live.Failure;
import org.ovosgateway.live.LiveRoutes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The gateway itself by MQTT: what it is on {@code <base>/bridge/info}, how it is on {@code <base>/bridge/health}. */
@Component
@ConditionalOnMqtt
class Bridge implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final long FIRST_MILLIS = 2_000;

    private final Vertx vertx;
    private final Mqtt mqtt;
    private final StateTopics topics;
    private final States states;
    private final Presence presence;
    private final Commands commands;
    private final MeterRegistry meters;
    private final MqttProperties properties;
    private final Devices devices;
    private final long started = System.nanoTime();
    private String info = "";
    private long timer = -1;
    private boolean failed;
    private volatile boolean running;
    private final List<Runnable> unlisten = new ArrayList<>();

    Bridge(
            Vertx vertx,
            Mqtt mqtt,
            StateTopics topics,
            States states,
            Presence presence,
            Commands commands,
            MeterRegistry meters,
            MqttProperties properties,
            Devices devices,
            LiveRoutes routes) {
        this.vertx = vertx;
        this.mqtt = mqtt;
        this.topics = topics;
        this.states = states;
        this.presence = presence;
        this.commands = commands;
        this.meters = meters;
        this.properties = properties;
        this.devices = devices;
        routes.onChange(taken -> tellInfo());
        routes.onMissing(this::tellMissing);
    }

    @Override
    public void start() {
        running = true;
        devices.all().forEach(device -> {
            unlisten.add(device.onIncident(this::tellIncident));
            unlisten.add(device.onLink(up -> tell()));
        });
        unlisten.add(states.onChange((device, property, value) -> {
            if (property.equals("parts")) {
                partsChanged();
            }
        }));
        unlisten.add(presence.onChange((device, online) -> partsChanged()));
        next(Math.min(FIRST_MILLIS, properties.healthInterval().toMillis()));
    }

    @Override
    public void stop() {
        running = false;
        unlisten.forEach(Runnable::run);
        unlisten.clear();
        vertx.cancelTimer(timer);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After devices and mqtt. */
    @Override
    public int getPhase() {
        return 20;
    }

    private void next(long millis) {
        timer = vertx.setTimer(millis, due -> {
            if (running) {
                next(properties.healthInterval().toMillis());
            }
            try {
                tell();
                failed = false;
            } catch (RuntimeException e) {
                if (!failed) {
                    failed = true;
                    LOG.warn("The health of the gateway could not be told by MQTT: {}", e.toString());
                }
            }
        });
    }

    /** Told on a thread of its own, since whoever changes a state must not wait. */
    private void partsChanged() {
        vertx.runOnContext(then -> tellInfo());
    }

    private void tell() {
        tellInfo();
        mqtt.publish(mqtt.base() + "/bridge/health", Json.write(health()), true);
    }

    private void tellIncident(Incident incident) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("device", incident.device());
        data.put("reason", incident.type());
        data.put("detail", incident.detail());
        mqtt.publish(mqtt.base() + "/bridge/event", Json.write(Map.of("type", "incident", "data", data)), false);
    }

    private synchronized void tellInfo() {
        String now = Json.write(info());
        if (running && !now.equals(info)) {
            info = now;
            mqtt.publish(mqtt.base() + "/bridge/info", now, true);
        }
    }

    private void tellMissing(Failure failure) {
        mqtt.publish(
                mqtt.base() + "/bridge/event",
                Json.write(Map.of(
                        "type", "incident", "data", Map.of("reason", "name-missing", "detail", failure.toString()))),
                false);
    }

    /** Commands and properties come and go with routes and assistants. */
    private Map<String, Object> info() {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put(
                "version",
                Optional.ofNullable(GatewayApplication.class.getPackage().getImplementationVersion())
                        .orElse("development"));
        Map<String, Object> byName = new LinkedHashMap<>();
        devices.names().forEach(device -> byName.put(device, device(device)));
        about.put("devices", byName);
        about.put("commands", commands.names());
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("base", mqtt.base());
        settings.put("conversation", properties.conversation());
        about.put("settings", settings);
        return about;
    }

    private Map<String, Object> device(String device) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("state", presence.state(device).name().toLowerCase(Locale.ROOT));
        Map<String, Object> parts = new LinkedHashMap<>();
        parts.put("bus", devices.get(device).isConnected());
        for (Part part : Part.values()) {
            parts.put(part.label(), presence.isPresent(device, part));
        }
        about.put("parts", parts);
        about.put("properties", properties(device));
        return about;
    }

    private List<String> properties(String device) {
        return states.names(device).stream().filter(topics::isPublic).toList();
    }

    private Map<String, Object> health() {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("uptime_s", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started));
        Runtime runtime = Runtime.getRuntime();
        health.put(
                "memory",
                Map.of(
                        "heap_used_mb", (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                        "heap_max_mb", runtime.maxMemory() >> 20));
        Map<String, Object> counts = new LinkedHashMap<>();
        for (String what : new String[] {"connects", "received", "published", "dropped"}) {
            counts.put(what, count("ovos.mqtt." + what));
        }
        Map<String, Object> refused = new TreeMap<>();
        meters.find("ovos.mqtt.refused")
                .counters()
                .forEach(counter -> refused.put(counter.getId().getTag("reason"), (long) counter.count()));
        counts.put("refused", refused);
        health.put("mqtt", counts);
        Map<String, Object> byName = new LinkedHashMap<>();
        devices.all()
                .forEach(device -> byName.put(
                        device.name(),
                        new TreeMap<>(Map.of(
                                "bus", device.isConnected(), "core", presence.isPresent(device.name(), Part.CORE)))));
        health.put("devices", byName);
        return health;
    }

    private long count(String name) {
        Counter counter = meters.find(name).counter();
        return counter == null ? 0 : (long) counter.count();
    }
}
