// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.List;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Somebody else on the bus: answers to questions of others, of the types that the gateway waits for and with contents
 * that would be wrong, and the chatter of a graphical surface.
 *
 * <p>Only answers that name another question in their context, or none where the right one names it, are made up: those
 * that never name it (the list of skills, {@code ovos.api.*}) cannot be told from the right ones by anybody.
 */
final class ForeignTraffic {

    private static final List<Message> REPERTOIRE = List.of(
            answer(
                    "ovos.PHAL.internet_check.response",
                    object -> object.put("internet_connected", false).put("network_connected", false)),
            answer(
                    "recognizer_loop:state",
                    object -> object.put("mode", "sleeping").put("state", "sleeping")),
            answer("mycroft.mic.get_status.response", object -> object.put("muted", true)),
            answer("mycroft.skills.is_alive.response", object -> object.put("status", false)),
            answer("mycroft.skills.is_ready.response", object -> object.put("status", false)),
            answer("skillmanager.deactivate.response", object -> object.put("error", "of somebody else")),
            answer("skillmanager.activate.response", object -> object.put("error", "of somebody else")),
            Message.bare("gui.value.set", Message.object().put("__from", "skill-homescreen")),
            Message.bare("enclosure.mouth.reset", Message.object()));

    private final Consumer<Message> bus;
    private int next;

    ForeignTraffic(Consumer<Message> bus) {
        this.bus = bus;
    }

    void next() {
        bus.accept(REPERTOIRE.get(next++ % REPERTOIRE.size()));
    }

    private static Message answer(String type, Consumer<ObjectNode> filling) {
        ObjectNode data = Message.object();
        filling.accept(data);
        return new Message(type, data, Message.object().put("gw_request_id", "of-somebody-else"));
    }
}
