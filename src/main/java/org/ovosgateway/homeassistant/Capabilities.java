// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.ovosgateway.assistant.Commands;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.live.LiveRoutes;
import org.ovosgateway.mqtt.StateTopics;

/**
 * The commands and properties of each assistant that Home Assistant may show.
 *
 * <p>Home Assistant forgets what people changed on an entity that is gone. So what it shows already stays for a while when
 * only a service restarts, an assistant is away, or a route file is broken.
 */
final class Capabilities {

    private static final Duration GIVE_UP = Duration.ofMinutes(10);

    private final Devices devices;
    private final Commands commands;
    private final StateTopics topics;
    private final LiveRoutes routes;
    private final Predicate<String> shown;

    /** The properties that have a value, each as {@code <device>/<property>}. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    private final Map<String, Long> missingSince = new HashMap<>();

    /** @param shown whether Home Assistant shows this topic, below the base topic, already */
    Capabilities(Devices devices, Commands commands, StateTopics topics, LiveRoutes routes, Predicate<String> shown) {
        this.devices = devices;
        this.commands = commands;
        this.topics = topics;
        this.routes = routes;
        this.shown = shown;
    }

    /** Takes note of a value, null if there is none any more; whether the property has come or gone by that. */
    boolean change(String device, String property, Object value) {
        String key = device + "/" + property;
        return value == null ? known.remove(key) : known.add(key);
    }

    /** Whether a property is missed, so that it may be gone for good later. */
    boolean areMissed() {
        return !missingSince.isEmpty();
    }

    boolean hasProperty(String device, String property) {
        String key = device + "/" + property;
        if (topics.isPublic(property) && known.contains(key)) {
            missingSince.remove(key);
            return true;
        }
        if (!shown.test(key)) {
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
    boolean hasCommand(String device, String command) {
        return commands.names().contains(command)
                || !routes.failures().isEmpty() && shown.test(device + "/" + command + "/set");
    }
}
