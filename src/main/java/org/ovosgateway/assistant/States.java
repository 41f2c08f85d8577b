// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.Header;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.springframework.stereotype.Component;

/** The properties of each device as they are now; routes call it as the bean {@code state}. */
@Component("state")
public class States {

    /** Names come from routes; one that makes them up must not fill the memory of the gateway and of those who listen. */
    private static final int MAX_PROPERTIES = 100;

    /** In place of a value, since a property that is known to be unknown differs from one that was never asked for. */
    private static final Object UNKNOWN = new Object();

    /** Hears of changes. */
    public interface Listener {

        /**
         * A property has another value than before. Changes come one after the other; must not block.
         *
         * @param value text, number, boolean, map or list; null for unknown
         */
        void changed(String device, String property, Object value);
    }

    private final Devices devices;
    private final Map<String, Map<String, Object>> values = new ConcurrentHashMap<>();
    /** How often each property was told. */
    private final Map<String, Map<String, Long>> heard = new ConcurrentHashMap<>();

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Object changing = new Object();

    States(Devices devices) {
        this.devices = devices;
    }

    /**
     * Calls this at each change from now on.
     *
     * @return ends it
     */
    public Runnable onChange(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * The value of a property: string, number, boolean, map or list; null while it is unknown.
     *
     * @param device name under {@code ovos.devices}; null means the default
     */
    public Object of(@Header(OvosConstants.DEVICE) String device, String property) {
        Object value = values.getOrDefault(device == null ? Devices.DEFAULT : device, Map.of())
                .get(property);
        return value == UNKNOWN ? null : value;
    }

    /**
     * Whether a device is busy with something now.
     *
     * @param word {@code idle}, {@code listening}, {@code processing}, {@code speaking} or {@code sleeping}
     * @param device name under {@code ovos.devices}; null means the default
     */
    public boolean is(String word, @Header(OvosConstants.DEVICE) String device) {
        // one that sleeps may speak
        return word.equals(of(device, "state")) || word.equals("sleeping") && Boolean.TRUE.equals(of(device, "sleep"));
    }

    /** The names of the properties of a device that have a value, sorted. */
    public Set<String> names(String device) {
        Set<String> names = new TreeSet<>();
        new HashMap<>(values.getOrDefault(device, Map.of())).forEach((name, value) -> {
            if (value != UNKNOWN) {
                names.add(name);
            }
        });
        return names;
    }

    /**
     * Sets a property.
     *
     * @param given null, or an empty text, for unknown; a text that is longer than a property may be is cut
     * @throws org.ovosgateway.problem.ProblemException when there is no such device
     * @throws IllegalArgumentException when no property can have this value
     */
    void set(String device, String property, Object given) {
        devices.get(device);
        Object value = Value.of(given);
        synchronized (changing) {
            Map<String, Object> properties = values.computeIfAbsent(device, first -> new ConcurrentHashMap<>());
            if (properties.size() >= MAX_PROPERTIES && !properties.containsKey(property)) {
                throw new IllegalArgumentException("'%s' has %d properties already, too many to add '%s'"
                        .formatted(device, MAX_PROPERTIES, property));
            }
            if (value != null) {
                heard.computeIfAbsent(device, first -> new ConcurrentHashMap<>())
                        .merge(property, 1L, Long::sum);
            }
            Object now = value == null ? UNKNOWN : value;
            if (!now.equals(properties.put(property, now))) {
                listeners.forEach(listener -> listener.changed(device, property, value));
            }
        }
    }

    /** How often a property had a value given, the same one too: tells whether one came since. */
    long heard(String device, String property) {
        return heard.getOrDefault(device, Map.of()).getOrDefault(property, 0L);
    }
}
