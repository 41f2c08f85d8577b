// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

import org.apache.camel.Header;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.springframework.stereotype.Component;

/**
 * The properties of each device as they are now: kept here for routes, which call it as the bean {@code state}, and
 * retained at the broker on {@code <base>/<device>/<property>}.
 */
@Component("state")
@ConditionalOnMqtt
public class States {

    /** Properties that hold what was said. */
    private static final Set<String> CONVERSATION = Set.of("last_utterance", "last_answer");

    /** Names come from routes; one that makes them up must not fill the memory of gateway and publisher. */
    private static final int MAX_PROPERTIES = 100;

    private final Devices devices;
    private final Publisher publisher;
    private final boolean conversation;
    private final Map<String, Map<String, Object>> values = new ConcurrentHashMap<>();
    /** By topic; empty for what was cleared. */
    private final Map<String, String> published = new TreeMap<>();

    private final List<BiConsumer<String, String>> onNewProperty = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<String, String>> onLostProperty = new CopyOnWriteArrayList<>();

    States(Devices devices, Publisher publisher, StateProperties properties) {
        this.devices = devices;
        this.publisher = publisher;
        this.conversation = properties.conversation();
        if (!conversation) {
            for (String device : devices.names()) {
                CONVERSATION.forEach(name -> publish(topic(device, name), ""));
            }
        }
        // what was cleared while the broker was away is still there
        publisher.onConnected(this::clearAgain);
    }

    /**
     * The value of a property: string, number, boolean, map or list; null while it is unknown.
     *
     * @param device name under {@code ovos.devices}; null means the default
     */
    public Object of(@Header(OvosConstants.DEVICE) String device, String property) {
        return values.getOrDefault(device == null ? "default" : device, Map.of())
                .get(property);
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
        return new TreeSet<>(values.getOrDefault(device, Map.of()).keySet());
    }

    /** Told the device and the property when a property that was unknown gets a value. */
    public void onNewProperty(BiConsumer<String, String> listener) {
        onNewProperty.add(listener);
    }

    /** Told the device and the property when a property becomes unknown. */
    public void onLostProperty(BiConsumer<String, String> listener) {
        onLostProperty.add(listener);
    }

    /** Whether what was said may be told. */
    boolean tellsConversation() {
        return conversation;
    }

    /**
     * Sets a property, and publishes it if that changes it.
     *
     * @param given null, or an empty text, for unknown; what is longer than a property may be is cut
     * @throws org.ovosgateway.problem.ProblemException when there is no such device
     * @throws IllegalArgumentException when it cannot be told
     */
    void set(String device, String property, Object given) {
        devices.get(device);
        Object value = conversation || !CONVERSATION.contains(property) ? Value.cut(given) : null;
        String payload = Value.payload(value);
        Object before;
        synchronized (published) {
            Map<String, Object> properties = values.computeIfAbsent(device, first -> new ConcurrentHashMap<>());
            if (payload.isEmpty()) {
                before = properties.remove(property);
            } else {
                if (properties.size() >= MAX_PROPERTIES && !properties.containsKey(property)) {
                    throw new IllegalArgumentException("'%s' has %d properties already, too many to add '%s'"
                            .formatted(device, MAX_PROPERTIES, property));
                }
                before = properties.put(property, value);
            }
            publish(topic(device, property), payload);
        }
        if (before == null && !payload.isEmpty()) {
            onNewProperty.forEach(listener -> listener.accept(device, property));
        } else if (before != null && payload.isEmpty()) {
            onLostProperty.forEach(listener -> listener.accept(device, property));
        }
    }

    private void publish(String topic, String payload) {
        if (!payload.equals(published.put(topic, payload))) {
            publisher.publish(topic, payload, true);
        }
    }

    private void clearAgain() {
        synchronized (published) {
            published.forEach((topic, payload) -> {
                if (payload.isEmpty()) {
                    publisher.publish(topic, payload, true);
                }
            });
        }
    }

    private String topic(String device, String property) {
        return publisher.base() + "/" + device + "/" + property;
    }
}
