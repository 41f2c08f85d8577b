// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.vertx.core.Vertx;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.LogText;
import org.ovosgateway.bus.BusUnavailableException;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.NoAnswerException;
import org.ovosgateway.bus.Part;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Asks devices for their properties, with the routes that begin with {@code property:<name>}; what nobody answers is
 * unknown. What is answered becomes known by the route that hears the answer, in the order of the bus.
 */
@Component
class Readings {

    private static final Logger LOG = LoggerFactory.getLogger(Readings.class);

    private final Vertx vertx;
    private final Devices devices;
    private final States states;
    private final boolean asks;
    private final Map<String, PropertyConsumer> routes = new ConcurrentHashMap<>();
    private final Map<Key, Progress> underWay = new HashMap<>();
    private final Set<Key> scheduled = new HashSet<>();
    private Consumer<String> silence = device -> {};

    Readings(Vertx vertx, Devices devices, States states, AssistantProperties properties) {
        this.vertx = vertx;
        this.devices = devices;
        this.states = states;
        this.asks = properties.asks();
    }

    private record Key(String device, String property) {}

    private enum Progress {
        ASKING,
        /** It was asked for once more since. */
        ASKING_TO_BE_REPEATED
    }

    /** A new route, or an edited one, has its say at once. */
    void add(String property, PropertyConsumer route) {
        routes.put(property, route);
        devices.names().forEach(device -> read(device, property));
    }

    void remove(String property, PropertyConsumer route) {
        routes.remove(property, route);
    }

    /** Calls this with the name of a device that has not told a property which it told before. */
    void onSilence(Consumer<String> listener) {
        silence = listener;
    }

    /** A part of a device has come or gone: its properties are asked for, or unknown at once when nobody is left to ask. */
    void changed(String device, Part part, Predicate<Part> present) {
        routes.forEach((property, route) -> {
            if (route.parts().contains(part)) {
                if (route.parts().stream().anyMatch(present)) {
                    read(device, property);
                } else {
                    states.set(device, property, null);
                }
            }
        });
    }

    /** Asks a device for all its properties. */
    void readAll(String device) {
        routes.keySet().forEach(property -> read(device, property));
    }

    /**
     * Asks for a property after some time, once for all who want that meanwhile.
     *
     * @throws org.ovosgateway.problem.ProblemException when there is no such device
     */
    void read(String device, String property, Duration after) {
        devices.get(device);
        Key key = new Key(device, property);
        synchronized (scheduled) {
            if (!scheduled.add(key)) {
                return;
            }
        }
        vertx.setTimer(Math.max(1, after.toMillis()), due -> {
            synchronized (scheduled) {
                scheduled.remove(key);
            }
            read(device, property);
        });
    }

    private void read(String device, String property) {
        if (!asks) {
            return;
        }
        Key key = new Key(device, property);
        synchronized (underWay) {
            if (underWay.containsKey(key)) {
                underWay.put(key, Progress.ASKING_TO_BE_REPEATED);
                return;
            }
            underWay.put(key, Progress.ASKING);
        }
        ask(key);
    }

    private void ask(Key key) {
        // not on the worker: by then, a question of another reading may have been answered, and this one joins it
        long reportsBefore = states.heard(key.device(), key.property());
        vertx.executeBlocking(
                () -> {
                    PropertyConsumer route = routes.get(key.property());
                    if (route == null || !devices.get(key.device()).isConnected()) {
                        done(key);
                    } else {
                        run(key, route, reportsBefore);
                    }
                    return null;
                },
                false);
    }

    /** @param reportsBefore number of reports of the property when the reading was requested */
    private void run(Key key, PropertyConsumer route, long reportsBefore) {
        AtomicBoolean ended = new AtomicBoolean();
        Consumer<Throwable> end = failure -> {
            if (!ended.getAndSet(true)) {
                try {
                    if (failure != null) {
                        failed(key, failure, reportsBefore);
                    }
                } finally {
                    done(key);
                }
            }
        };
        try {
            route.run(key.device(), end::accept);
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            // such as a route that an edit has just stopped
            end.accept(e);
        }
    }

    private void failed(Key key, Throwable failure, long reportsBefore) {
        if (ObjectHelper.getException(NoAnswerException.class, failure) != null) {
            // what was told since the question is newer than that it was not answered
            if (states.heard(key.device(), key.property()) == reportsBefore) {
                boolean known = states.of(key.device(), key.property()) != null;
                states.set(key.device(), key.property(), null);
                if (known) {
                    silence.accept(key.device());
                }
            }
        } else if (ObjectHelper.getException(BusUnavailableException.class, failure) == null) {
            LOG.warn("Asking '{}' for {} failed: {}", key.device(), key.property(), LogText.of(failure));
        }
    }

    private void done(Key key) {
        boolean again;
        synchronized (underWay) {
            again = underWay.get(key) == Progress.ASKING_TO_BE_REPEATED;
            if (again) {
                underWay.put(key, Progress.ASKING);
            } else {
                underWay.remove(key);
            }
        }
        if (again) {
            ask(key);
        }
    }
}
