// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What one part of the assistant listens to on the bus; all of it runs on one event loop. */
abstract class OvosService {

    // as ovos-audio and the listener ship it in Audio.native_sources
    private static final Set<String> NATIVE_SOURCES = Set.of("debug_cli", "audio", "mycroft-gui");

    private final Map<String, List<Consumer<Message>>> handlers = new HashMap<>();
    private final Consumer<Message> bus;

    OvosService(Consumer<Message> bus) {
        this.bus = bus;
    }

    final void on(String type, Consumer<Message> handler) {
        handlers.computeIfAbsent(type, none -> new ArrayList<>()).add(handler);
    }

    final void handle(Message message) {
        handlers.getOrDefault(message.type(), List.of()).forEach(handler -> handler.accept(message));
    }

    final void emit(Message message) {
        bus.accept(message);
    }

    /** Answers the questions of health that each process of OVOS answers under its name. */
    final void reportHealthAs(String name) {
        for (String question : List.of("is_alive", "is_ready", "all_loaded")) {
            on("mycroft." + name + "." + question, asked -> emit(asked.response(status(true))));
        }
    }

    static boolean ofDefaultSession(Message message) {
        return Message.DEFAULT_SESSION.equals(message.sessionId());
    }

    /** Whether a message is meant for this device, or for whoever is named as its destination. */
    static boolean forThisDevice(Message message) {
        var destination = message.context().path("destination");
        if (destination.isArray()) {
            for (var one : destination) {
                if (NATIVE_SOURCES.contains(one.asText())) {
                    return true;
                }
            }
            return destination.isEmpty();
        }
        // a text is searched for the names, as Python's "in" does
        String text = destination.asText("");
        return text.isEmpty() || NATIVE_SOURCES.stream().anyMatch(text::contains);
    }

    static ObjectNode status(boolean status) {
        return Message.object().put("status", status);
    }
}
