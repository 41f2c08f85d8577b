// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.io.IOException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.WyomingClient;

/** {@code wyoming:}, on a connection for each text, as Home Assistant makes it. */
record WyomingDoor(String name) implements Door {

    WyomingDoor() {
        this("Wyoming");
    }

    @Override
    public void enable(Gateway gateway) {
        gateway.with("ovos.apis.wyoming.enabled", true)
                .with("ovos.apis.wyoming.port", 0)
                .with("ovos.apis.wyoming.user", Gateway.USER);
    }

    @Override
    public Chat begin(Gateway gateway) {
        ObjectNode transcript = Json.PLAIN.createObjectNode();
        return text -> {
            WyomingClient.Heard answer = ask(gateway, transcript.put("text", text));
            transcript.set("context", answer.data().path("context"));
            return new Answer(answer.text(), answer.type());
        };
    }

    private static WyomingClient.Heard ask(Gateway gateway, ObjectNode transcript) throws IOException {
        try (WyomingClient client = new WyomingClient(gateway.property("local.apis.wyoming.port", int.class))) {
            return client.send("transcript", transcript.toString()).read();
        }
    }

    @Override
    public String verdict(String status) {
        return status.equals("complete") || status.equals("waiting_for_answer") ? "handled" : "not-handled";
    }

    @Override
    public String toString() {
        return name;
    }
}
