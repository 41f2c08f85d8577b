// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.ovosgateway.GatewayApplication;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.WatchedFile;
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
 * Keeps what the broker holds for Home Assistant as it should be: looks again and again at the table, the commands and
 * the properties that there are, and at what is retained, also by a version of us before this one.
 */
@Component
@ConditionalOnMqtt
class Discovery implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    static final String FILE = "home-assistant.yaml";
    private static final int LARGEST_FILE = 1 << 20;
    private static final long LOOK_MILLIS = 1000;
    /** What the broker holds comes right after a connection is made. */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** Home Assistant forgets what people changed on an entity that is gone, so a service that restarts must not do that. */
    private static final Duration GIVE_UP = Duration.ofMinutes(10);

    private static final long LEAST_DELAY_MILLIS = 500;
    /** Until Home Assistant has made the entities, and listens for their states. */
    private static final long BEFORE_STATES_MILLIS = 1000;

    private static final int MAX_HEARD = 1000;
    private static final int LARGEST_HEARD = 1 << 16;
    private static final String MIGRATION = "{\"migrate_discovery\":true}";

    private final Mqtt mqtt;
    private final Devices devices;
    private final Commands commands;
    private final StateTopics topics;
    private final LiveRoutes routes;
    private final DiscoveryProperties properties;
    private final Announcements announcements;
    private final WatchedFile file;
    private final WatchedFile ownFile;
    private final boolean reload;

    private ScheduledExecutorService thread;
    private List<Runnable> subscriptions = List.of();

    /** The properties that have a value, each as {@code <device>/<property>}. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    /** Whether something that matters has changed since all was last found to be as announced. */
    private volatile boolean changed = true;

    // all below is guarded by this
    private final Map<String, String> heard = new TreeMap<>();
    private final Map<String, Long> missingSince = new HashMap<>();
    private EntityTable table;
    private EntityTable shipped = EntityTable.EMPTY;
    private EntityTable own = EntityTable.EMPTY;
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
        this.commands = commands;
        this.topics = topics;
        this.routes = routes;
        this.properties = properties;
        this.announcements = new Announcements(
                mqtt.base(),
                mqtt.discoveryPrefix(),
                properties.form(),
                GatewayApplication.class.getPackage().getImplementationVersion(),
                properties.url());
        this.file = new WatchedFile(folder.resolve(FILE), LARGEST_FILE);
        this.ownFile = new WatchedFile(own.resolve(FILE), LARGEST_FILE);
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

    /** What comes here was published by us, or by those who were us before. */
    private synchronized void heard(Publication message) {
        String payload = message.payload().length > LARGEST_HEARD
                ? "too large"
                : new String(message.payload(), StandardCharsets.UTF_8);
        if (payload.isEmpty()) {
            heard.remove(message.topic());
        } else if (heard.size() < MAX_HEARD || heard.containsKey(message.topic())) {
            heard.put(message.topic(), payload);
        }
        // what is not history is our own echo, or somebody with whom to argue about it would never end
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
        String key = device + "/" + property;
        if (value == null ? known.remove(key) : known.add(key)) {
            changed = true;
        }
    }

    private synchronized void look() {
        readTable();
        if (failing == routes.failures().isEmpty()) {
            failing = !failing;
            changed = true;
        }
        // the time for which something is missed counts as well
        if (!changed && missingSince.isEmpty()
                || !ready
                || !mqtt.isConnected()
                || System.nanoTime() - settledAt < 0
                || thread == null) {
            return;
        }
        changed = false;
        Map<String, String> wanted = properties.enabled() && table != null
                ? announcements.of(table, devices.names(), this::isCommanded, this::isKnown)
                : Map.of();
        // a broken file says nothing about what was announced before
        boolean sure = !properties.enabled() || table != null;
        // twice the same: routes that are being replaced, and files that are being written, come in between
        boolean quiet = wanted.equals(candidate);
        candidate = wanted;
        if (!quiet) {
            changed = true;
        } else if (sure && !(checked && wanted.equals(announced))) {
            announce(wanted);
        }
    }

    private void readTable() {
        if (!properties.enabled() || table != null && !reload) {
            return;
        }
        file.look().ifPresent(found -> {
            changed = true;
            read(file, found).ifPresent(read -> {
                shipped = read;
                table = shipped.with(own);
            });
        });
        ownFile.look().ifPresent(found -> {
            changed = true;
            var read = found.missing() ? Optional.of(EntityTable.EMPTY) : read(ownFile, found);
            read.ifPresent(mine -> {
                own = mine;
                tellReplaced();
                table = table == null ? null : shipped.with(own);
            });
        });
    }

    /** Empty when the file is refused. */
    private Optional<EntityTable> read(WatchedFile from, WatchedFile.Finding found) {
        try {
            if (found.trouble() != null) {
                throw new IllegalArgumentException("it cannot be read: " + found.trouble());
            }
            EntityTable read = EntityTable.parse(new String(found.content(), StandardCharsets.UTF_8));
            read.devices().keySet().stream()
                    .filter(name -> !devices.names().contains(name))
                    .forEach(name -> LOG.warn("{}: devices.{}: there is no such device", from.path(), name));
            return Optional.of(read);
        } catch (IllegalArgumentException e) {
            LOG.error("{} is refused, so Home Assistant shows what it showed before: {}", from.path(), e.getMessage());
            return Optional.empty();
        }
    }

    private void tellReplaced() {
        Stream.of(
                        own.assistant().keySet().stream()
                                .filter(shipped.assistant()::containsKey)
                                .map(key -> "assistant." + key),
                        own.gateway().keySet().stream()
                                .filter(shipped.gateway()::containsKey)
                                .map(key -> "gateway." + key))
                .flatMap(keys -> keys)
                .forEach(key -> LOG.info("{}: its {} replaces that of {}", ownFile.path(), key, file.path()));
    }

    private boolean isKnown(String device, String property) {
        String key = device + "/" + property;
        if (topics.isPublic(property) && known.contains(key)) {
            missingSince.remove(key);
            return true;
        }
        if (!isShown(key)) {
            missingSince.remove(key);
            return false;
        }
        if (!devices.get(device).isConnected()) {
            missingSince.remove(key);
            return true;
        }
        long since = missingSince.computeIfAbsent(key, first -> System.nanoTime());
        return System.nanoTime() - since < GIVE_UP.toNanos();
    }

    /** Commands that are not there because their file is broken will be again. */
    private boolean isCommanded(String device, String command) {
        return commands.names().contains(command)
                || !routes.failures().isEmpty() && isShown(device + "/" + command + "/set");
    }

    /** Whether a topic is in something that was announced before. */
    private boolean isShown(String topic) {
        String quoted = "\"" + mqtt.base() + "/" + topic + "\"";
        return heard.values().stream().anyMatch(payload -> payload.contains(quoted));
    }

    private void announce(Map<String, String> wanted) {
        List<String> stale = heard.keySet().stream()
                .filter(topic -> !wanted.containsKey(topic))
                .toList();
        if (properties.enabled()) {
            // so that entities keep their history while they change the form
            stale.stream().filter(announcements::isOtherForm).forEach(topic -> mqtt.publish(topic, MIGRATION, true));
        }
        wanted.forEach((topic, payload) -> {
            if (!payload.equals(heard.get(topic)) || announced == null) {
                announcements
                        .farewell(heard.get(topic), payload)
                        .ifPresent(farewell -> mqtt.publish(topic, farewell, true));
                mqtt.publish(topic, payload, true);
            }
        });
        stale.forEach(topic -> mqtt.publish(topic, "", true));
        if (!wanted.equals(announced)) {
            LOG.info("Home Assistant finds {} devices", wanted.size());
        }
        heard.keySet().removeAll(stale);
        heard.putAll(wanted);
        announced = wanted;
        checked = true;
    }
}
