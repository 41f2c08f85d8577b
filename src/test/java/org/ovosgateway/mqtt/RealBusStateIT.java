// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.RealBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** State and events with the original ovos-messagebus and the real Mosquitto. */
class RealBusStateIT {

    private static final int DEATHS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    @Order(1)
    static final RealBus bus = new RealBus();

    @RegisterExtension
    @Order(2)
    static final Mosquitto broker = new Mosquitto();

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            // that the link is lost is what is tested
            .with("logging.level.org.ovosgateway.bus", "error");

    private static Vertx vertx;
    private static SimulatedAssistant assistant;

    @BeforeAll
    static void connectTheAssistant() throws Exception {
        vertx = Vertx.vertx();
        assistant = SimulatedAssistant.builder()
                .apiKey(Gateway.API_KEY)
                .speech(Duration.ofMillis(500))
                .backOff(Duration.ofMillis(200))
                .start(vertx, URI.create("ws://127.0.0.1:" + bus.port() + "/core"));
        assistant.connected().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @AfterAll
    static void disconnectTheAssistant() throws Exception {
        assistant
                .close()
                .transform(left -> vertx.close())
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void tellsConversationsBetweenDeathsOfTheBus() throws Exception {
        try (MqttProbe probe = MqttProbe.connect(broker.port()).subscribe("ovos/default/#")) {
            for (int i = 0; i <= DEATHS; i++) {
                probe.await("ovos/default/availability", state -> state.contains("online"));
                probe.await("ovos/default/state", "idle"::equals);
                await().atMost(PATIENCE).until(assistant::isConnected);
                probe.forget();
                assistant.hear("hello");

                probe.await("ovos/default/event/voice", event -> event.contains("spoken"));
                probe.await("ovos/default/state", "idle"::equals);
                assertThat(probe.texts("ovos/default/state"))
                        .containsExactly("listening", "processing", "speaking", "processing", "idle");
                assertThat(probe.texts("ovos/default/event/voice"))
                        .extracting(
                                event -> JSON.readTree(event).get("event_type").asText())
                        .containsExactly("wakeword", "utterance", "intent", "spoken");

                // the end of this speech is told to nobody, since there is no bus
                probe.forget();
                assistant.hear("what time is it");
                probe.await("ovos/default/state", "speaking"::equals);
                probe.forget();
                bus.kill();
                probe.await("ovos/default/availability", state -> state.contains("offline"));
                await().atMost(PATIENCE).until(() -> !assistant.isSpeaking());
                probe.forget();
                bus.restart();
            }
        }
    }
}
