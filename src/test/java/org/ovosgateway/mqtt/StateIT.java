// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.MqttProbe.Heard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the gateway tells of an assistant through a real broker. */
class StateIT {

    private static final String ONLINE = "{\"state\":\"online\"}";
    private static final String OFFLINE = "{\"state\":\"offline\"}";
    private static final Map<String, Object> DEFAULT = Map.of("session", Map.of("session_id", "default"));
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    @Order(1)
    static final Mosquitto broker = new Mosquitto().persistent();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder()
            .apiKey(Gateway.API_KEY)
            .speech(Duration.ofMillis(300))
            .backOff(Duration.ofMillis(20)));

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            .with("ovos.mqtt.reconnect-delay", "20ms")
            .with("ovos.mqtt.max-reconnect-delay", "200ms")
            .with("ovos.assistant.check-interval", "500ms")
            .with("ovos.mqtt.health-interval", "500ms");

    private MqttProbe probe;

    @BeforeEach
    void connect() throws Exception {
        assertThat(gateway.gauge("ovos.routes.failed")).isZero();
        gateway.awaitBus();
        listen();
        awaitRetained("ovos/default/availability", ONLINE);
        awaitRetained("ovos/default/state", "idle");
        awaitRetained("ovos/default/mic_mute", "OFF");
        awaitRetained("ovos/default/sleep", "OFF");
        awaitRetained("ovos/default/volume", "50");
    }

    @AfterEach
    void leave() throws Exception {
        assertThat(probe.heard().toString()).doesNotContain(SimulatedAssistant.SECRET_MARK);
        probe.close();
    }

    private void listen() throws Exception {
        probe = MqttProbe.connect(broker.port()).subscribe("ovos/#");
    }

    /** Waits until whoever subscribes now is told this. */
    private static void awaitRetained(String topic, String payload) {
        await(topic + " " + payload).atMost(Duration.ofSeconds(30)).until(() -> retained(topic), payload::equals);
    }

    /** What the broker keeps; empty for nothing. */
    private static String retained(String topic) throws Exception {
        try (MqttProbe fresh = MqttProbe.connect(broker.port()).subscribe(topic)) {
            fresh.settle();
            return fresh.texts(topic).stream().findFirst().orElse("");
        }
    }

    @Test
    void tellsAConversationAsItHappens() {
        probe.forget();
        bus.assistant().hear("hello");

        probe.await("ovos/default/event/voice", event -> event.contains("spoken"));
        probe.await("ovos/default/state", "idle"::equals);
        assertThat(probe.texts("ovos/default/state"))
                .containsExactly("listening", "processing", "speaking", "processing", "idle");
        assertThat(probe.texts("ovos/default/event/voice"))
                .extracting(event -> JSON.readTree(event).get("event_type").asText())
                .containsExactly("wakeword", "utterance", "intent", "spoken");
        assertThat(probe.heard("ovos/default/last_answer"))
                .extracting(heard -> JSON.readTree(heard.text()).get("text").asText())
                .containsExactly("Hello human");
    }

    @Test
    void aLateSubscriberIsToldTheStateButNoEvents() throws Exception {
        bus.assistant().hear("hello");
        probe.await("ovos/default/event/voice", event -> event.contains("spoken"));
        awaitRetained("ovos/default/state", "idle");

        try (MqttProbe late = MqttProbe.connect(broker.port()).subscribe("ovos/default/#")) {
            late.settle();
            assertThat(late.heard())
                    .extracting(Heard::topic)
                    .containsExactlyInAnyOrder(
                            "ovos/default/availability",
                            "ovos/default/state",
                            "ovos/default/sleep",
                            "ovos/default/mic_mute",
                            "ovos/default/volume",
                            "ovos/default/volume_mute",
                            "ovos/default/parts",
                            "ovos/default/last_utterance",
                            "ovos/default/last_answer");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mic_mute, ON, OFF",
        "sleep, ON, OFF",
        "volume, 30, 50",
        "volume_mute, ON, OFF",
    })
    void whatIsCommandedIsTold(String property, String payload, String back) throws Exception {
        probe.forget();
        probe.publish("ovos/default/" + property + "/set", payload);
        probe.await("ovos/default/" + property, payload::equals);
        probe.publish("ovos/default/" + property + "/set", back);
        probe.await("ovos/default/" + property, back::equals);
    }

    @Test
    void aSingleButtonStopsWhatSpeaks() throws Exception {
        probe.forget();
        int listened = bus.assistant().listened();
        bus.assistant().hear("count to 50");
        probe.await("ovos/default/state", "speaking"::equals);

        probe.publish("ovos/default/toggle/set", "PRESS");

        bus.awaitFrame("mycroft.stop");
        awaitRetained("ovos/default/state", "idle");
        assertThat(bus.assistant().listened()).isEqualTo(listened);
    }

    @Test
    void tellsTheTruthAfterTheBusWasAway() {
        bus.send("recognizer_loop:sleep", Map.of(), DEFAULT);
        awaitRetained("ovos/default/state", "sleeping");
        bus.kill();
        awaitRetained("ovos/default/availability", OFFLINE);
        bus.restart();

        awaitRetained("ovos/default/availability", ONLINE);
        awaitRetained("ovos/default/sleep", "ON");
        bus.send("recognizer_loop:wake_up", Map.of(), DEFAULT);
        awaitRetained("ovos/default/state", "idle");
    }

    @Test
    void tellsTheTruthAfterTheBrokerForgotEverything() throws Exception {
        broker.kill();
        bus.send("mycroft.volume.set", Map.of("percent", 0.1), DEFAULT);
        bus.send("mycroft.mic.mute", Map.of(), DEFAULT);
        broker.restart();

        awaitRetained("ovos/default/volume", "10");
        awaitRetained("ovos/default/mic_mute", "ON");
        awaitRetained("ovos/default/availability", ONLINE);
        awaitRetained("ovos/bridge/state", ONLINE);
        bus.send("mycroft.volume.set", Map.of("percent", 0.5), DEFAULT);
        bus.send("mycroft.mic.unmute", Map.of(), DEFAULT);
    }

    @Test
    void whatBecameUnknownWhileTheBrokerWasAwayIsCleared() throws Exception {
        broker.stop();
        bus.assistant().switchOff(AssistantPart.PHAL);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> bus.frames("mycroft.volume.get").size() > 3);
        broker.restart();

        awaitRetained("ovos/default/volume", "");
        awaitRetained("ovos/default/state", "idle");
        bus.assistant().switchOn(AssistantPart.PHAL);
        awaitRetained("ovos/default/volume", "50");
    }

    @Test
    void anAssistantWithoutCoreIsNotAvailable() {
        bus.assistant().switchOff(AssistantPart.CORE);
        awaitRetained("ovos/default/availability", OFFLINE);
        bus.assistant().switchOn(AssistantPart.CORE);
        awaitRetained("ovos/default/availability", ONLINE);
    }

    @Test
    void tellsWhichPartsRun() {
        bus.assistant().switchOff(AssistantPart.AUDIO);
        awaitRetained(
                "ovos/default/parts", "{\"bus\":true,\"core\":true,\"listener\":true,\"audio\":false,\"phal\":true}");
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> JSON.readTree(retained("ovos/bridge/info")).at("/devices/default/parts/audio"),
                        audio -> audio.isBoolean() && !audio.asBoolean());
        bus.assistant().switchOn(AssistantPart.AUDIO);
        awaitRetained(
                "ovos/default/parts", "{\"bus\":true,\"core\":true,\"listener\":true,\"audio\":true,\"phal\":true}");
    }

    @Test
    void tellsAboutItself() throws Exception {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> JSON.readTree(retained("ovos/bridge/info"))
                                .at("/devices/default/properties")
                                .size()
                        >= 4);
        JsonNode info = JSON.readTree(retained("ovos/bridge/info"));
        assertThat(info.path("version").asText()).isNotEmpty();
        assertThat(info.path("commands")).extracting(JsonNode::asText).contains("listen", "stop", "volume");
        assertThat(info.at("/settings/conversation").asBoolean()).isTrue();
        assertThat(info.at("/devices/default/state").asText()).isEqualTo("online");
        assertThat(info.at("/devices/default/parts").toString())
                .isEqualTo("{\"bus\":true,\"core\":true,\"listener\":true,\"audio\":true,\"phal\":true}");

        JsonNode health = JSON.readTree(probe.await("ovos/bridge/health", one -> one.contains("\"core\":true"))
                .text());
        assertThat(health.at("/mqtt/published").asLong()).isPositive();
        assertThat(health.at("/memory/heap_used_mb").asLong()).isPositive();
        assertThat(health.at("/devices/default/bus").asBoolean()).isTrue();
    }

    @Test
    void countsWhatItRefused() throws Exception {
        probe.retain("ovos/default/listen/set", "PRESS");
        probe.publish("ovos/default/nonsense/set", "PRESS");
        probe.retain("ovos/default/listen/set", "");

        Heard health = probe.await("ovos/bridge/health", one -> one.contains("unknown-command"));
        assertThat(JSON.readTree(health.text())
                        .at("/mqtt/refused/unknown-command")
                        .asLong())
                .isPositive();
    }

    @Test
    void nothingTheSessionHoldsLeaves() throws Exception {
        Map<String, Object> context = Map.of(
                "session",
                Map.of("session_id", "default", "location", Map.of("city", SimulatedAssistant.SECRET_MARK + "town")),
                "skill_id",
                "a.b");
        for (String type : List.of("recognizer_loop:utterance", "speak", "recognizer_loop:wakeword", "a.b:c")) {
            bus.send(type, Map.of("app_key", SimulatedAssistant.SECRET_MARK + "key", "utterance", "hi"), context);
        }

        probe.await("ovos/default/event/voice", event -> event.contains("\"intent\":\"c\""));
        probe.settle();
    }
}
