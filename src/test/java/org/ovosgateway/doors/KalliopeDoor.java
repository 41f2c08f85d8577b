// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Json;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** The API of Kalliope, on its own port. */
final class KalliopeDoor implements Door {

    private static final String WAITING = "waiting_for_answer";
    private static final String COMPLETE = "complete";

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    @Override
    public String name() {
        return "Kalliope";
    }

    @Override
    public void enable(Gateway gateway) {
        gateway.with("ovos.apis.kalliope.enabled", true);
        gateway.with("ovos.apis.kalliope.port", 0);
    }

    @Override
    public String verdict(String status) {
        return List.of(COMPLETE, WAITING).contains(status) ? status : "null";
    }

    /** It has no place for an apology. */
    @Override
    public String text(String status, String text) {
        return status.equals("not_understood") ? "" : text;
    }

    @Override
    public Chat begin(Gateway gateway) {
        return new Orders(gateway);
    }

    private final class Orders implements Chat {

        private final Gateway gateway;
        private String verdict;

        Orders(Gateway gateway) {
            this.gateway = gateway;
        }

        @Override
        public Answer say(String text) throws Exception {
            String pair = Gateway.USER + ":" + Gateway.PASSWORD;
            int port = gateway.property("local.apis.kalliope.port", Integer.class);
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/synapses/start/order"))
                            .header("Content-Type", "application/json")
                            .header(
                                    "Authorization",
                                    "Basic "
                                            + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                            .POST(BodyPublishers.ofString(Json.write(Map.of("order", text, "mute", true))))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as("%s: %s", text, answer.body()).isEqualTo(201);
            JsonNode outcome = Json.PLAIN.readTree(answer.body());
            List<String> said = new ArrayList<>();
            outcome.path("matched_synapses")
                    .forEach(synapse -> synapse.path("neuron_module_list")
                            .forEach(neuron ->
                                    said.add(neuron.path("generated_message").asText())));
            verdict = outcome.path("status").asText();
            return new Answer(String.join(" ", said), verdict);
        }

        /** The next order would be the answer. */
        @Override
        public void close() throws Exception {
            if (WAITING.equals(verdict)) {
                say("stop");
            }
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
