// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.springframework.stereotype.Component;

/** What happens at the devices, told to all who listen at that moment; nobody keeps it. */
@Component
public class Events {

    /**
     * Something has happened.
     *
     * @param device where
     * @param type such as {@code wakeword}
     * @param data what else is known of it, key by key
     */
    public record Event(String device, String type, Map<String, Object> data) {}

    private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();

    /**
     * Calls this at each event from now on, on the thread of the route that reports it; must not block.
     *
     * @return ends it
     */
    public Runnable onEvent(Consumer<Event> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void happened(Event event) {
        listeners.forEach(listener -> listener.accept(event));
    }
}
