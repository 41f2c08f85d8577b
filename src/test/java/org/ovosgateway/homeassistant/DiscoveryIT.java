// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.MqttProbe.Heard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the gateway tells Home Assistant, as a real broker holds it. */
class DiscoveryIT {

    private static final String NODE = "/ovos-gateway_ovos/";
    private static final String ASSISTANT = "homeassistant/device" + NODE + "default/config";
    private static final String GATEWAY = "homeassistant/device" + NODE + "bridge/config";
    private static final String LISTEN = "homeassistant/button" + NODE + "default-listen/config";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));

    private static String form = "device";
    private static boolean enabled = true;

    @RegisterExtension
    @Order(1)
    static final Mosquitto broker = new Mosquitto();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.mqtt.host", "127.0.0.1")
            .with("ovos.mqtt.port", broker::port)
            .with("ovos.mqtt.discovery.form", () -> form)
            .with("ovos.mqtt.discovery.enabled", () -> enabled)
            .with("ovos.mqtt.discovery.max-delay", "500ms")
            .routes("home-assistant.yaml", shipped());

    private MqttProbe probe;

    private static String shipped() {
        try {
            return Files.readString(Path.of("routes/home-assistant.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        probe = MqttProbe.connect(broker.port()).subscribe("homeassistant/#");
        awaitVolume();
    }

    @AfterEach
    void leave() throws Exception {
        probe.close();
    }

    /** What the broker holds under the prefix. */
    private static Map<String, String> held() throws Exception {
        try (MqttProbe fresh = MqttProbe.connect(broker.port()).subscribe("homeassistant/#")) {
            fresh.publish("homeassistant/fence", "");
            fresh.await("homeassistant/fence");
            Map<String, String> held = new TreeMap<>();
            fresh.heard().stream().filter(Heard::retained).forEach(one -> held.put(one.topic(), one.text()));
            return held;
        }
    }

    private static void awaitHeld(ThrowingConsumer<Map<String, String>> fact) {
        PATIENTLY.untilAsserted(() -> fact.accept(held()));
    }

    private static void awaitVolume() {
        awaitHeld(held -> assertThat(held.get(ASSISTANT)).isNotNull().contains("/volume/set"));
    }

    private void assertSilence() {
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(probe.texts(ASSISTANT)).isEmpty());
    }

    /** Returns when the new gateway has told what there is. */
    private void restart() {
        long before = told();
        gateway.restart();
        PATIENTLY.until(() -> told() > before);
    }

    private long told() {
        return probe.heard(form.equals("device") ? ASSISTANT : LISTEN).stream()
                .filter(one -> !one.retained() && !one.text().isEmpty())
                .count();
    }

    private static JsonNode component(String payload, String key) throws Exception {
        return JSON.readTree(payload).path("components").path(key);
    }

    private static void edit(String table) throws Exception {
        Files.writeString(gateway.folder().resolve("routes/home-assistant.yaml"), table);
    }

    @Test
    void keepsTheRulesOfHomeAssistant() throws Exception {
        Map<String, String> held = held();

        assertThat(held).containsOnlyKeys(ASSISTANT, GATEWAY);
        DiscoveryRules.assertKept(held);
    }

    @Test
    void sendsAllAgainWhenHomeAssistantHasStarted() throws Exception {
        probe.subscribe("ovos/#").await("ovos/default/mic_mute");
        probe.forget();

        probe.publish("homeassistant/status", "online");

        probe.await("ovos/default/mic_mute");
        List<String> topics = probe.heard().stream().map(Heard::topic).toList();
        assertThat(topics)
                .containsSubsequence(ASSISTANT, "ovos/default/mic_mute")
                .containsSubsequence(GATEWAY, "ovos/bridge/state");
    }

    @Test
    void sendsNothingAgainWhenHomeAssistantStops() throws Exception {
        probe.forget();

        probe.publish("homeassistant/status", "offline");

        assertSilence();
    }

    @Test
    void takesOverTheTableWhileItRuns() throws Exception {
        double reloads = gateway.gauge("ovos.routes.reloads");
        try {
            probe.forget();
            edit(shipped().replaceFirst("(?s)  sleep:.*?(  volume:)", "$1").replace("name: Listen", "name: Hear"));

            awaitHeld(held -> {
                assertThat(component(held.get(ASSISTANT), "sleep").isMissingNode())
                        .isTrue();
                assertThat(component(held.get(ASSISTANT), "listen").path("name").asText())
                        .isEqualTo("Hear");
            });
            assertThat(probe.texts(ASSISTANT)).hasSize(2);
            assertThat(component(probe.texts(ASSISTANT).get(0), "sleep"))
                    .isEqualTo(JSON.readTree("{\"platform\":\"switch\"}"));
            assertThat(gateway.gauge("ovos.routes.reloads")).isEqualTo(reloads);
        } finally {
            edit(shipped());
        }
        awaitHeld(held ->
                assertThat(component(held.get(ASSISTANT), "sleep").isObject()).isTrue());
    }

    @Test
    void takesOwnEntitiesAndGivesTheShippedOnesBack() throws Exception {
        Map<String, String> shipped = held();
        Path own = Files.createDirectories(gateway.folder().resolve("routes.d")).resolve("home-assistant.yaml");
        try {
            Files.writeString(own, """
                    assistant:
                      listen: { platform: button, name: Hear me, command: listen }
                      bell: { platform: button, name: Bell, command: stop }
                    """);

            awaitHeld(held -> {
                JsonNode listen = component(held.get(ASSISTANT), "listen");
                assertThat(listen.path("name").asText()).isEqualTo("Hear me");
                assertThat(listen.path("command_topic").asText()).isEqualTo("ovos/default/listen/set");
                assertThat(component(held.get(ASSISTANT), "bell")
                                .path("command_topic")
                                .asText())
                        .isEqualTo("ovos/default/stop/set");
                assertThat(component(held.get(ASSISTANT), "sleep").isObject()).isTrue();
            });
        } finally {
            Files.deleteIfExists(own);
        }

        awaitHeld(held -> assertThat(held).isEqualTo(shipped));
    }

    @Test
    void keepsWhatWasToldWhenTheTableIsBroken() throws Exception {
        probe.forget();
        try {
            edit("assistant: {listen: {platform: button, object_id: x, command: listen}}");
            assertSilence();
        } finally {
            edit(shipped());
        }
    }

    @Test
    void clearsWhatIsLeftOfAVersionBefore() throws Exception {
        String gone = "homeassistant/device" + NODE + "gone/config";
        String old = "homeassistant/button" + NODE + "default-restart/config";
        String foreign = "homeassistant/button/zigbee2mqtt/default-restart/config";
        Map<String, String> held = held();
        probe.retain(gone, "{\"components\":{\"x\":{\"platform\":\"button\"}}}");
        probe.retain(old, "{}");
        probe.retain(foreign, "{}");
        probe.retain(
                ASSISTANT,
                held.get(ASSISTANT).replace("\"components\":{", "\"components\":{\"older\":{\"platform\":\"siren\"},"));
        probe.forget();

        restart();

        awaitHeld(now -> assertThat(now).hasSize(3).containsEntry(foreign, "{}").containsAllEntriesOf(held));
        List<String> told = probe.texts(ASSISTANT);
        assertThat(component(told.get(told.size() - 2), "older")).isEqualTo(JSON.readTree("{\"platform\":\"siren\"}"));
        assertThat(component(told.get(told.size() - 1), "older").isMissingNode())
                .isTrue();
        probe.retain(foreign, "");
    }

    @Test
    void neverTellsLessWhileItStarts() throws Exception {
        String held = held().get(ASSISTANT);
        probe.forget();

        restart();

        assertThat(probe.texts(ASSISTANT)).containsOnly(held);
    }

    @Test
    void saysNothingWhenItStops() throws Exception {
        probe.subscribe("ovos/bridge/state").forget();

        restart();

        assertThat(probe.heard().stream().takeWhile(one -> !one.text().contains("offline")))
                .noneMatch(one -> one.topic().startsWith("homeassistant/"));
        assertThat(probe.texts("ovos/bridge/state")).contains("{\"state\":\"offline\"}");
    }

    @Test
    void comesBackWithABrokerThatHasForgottenAll() throws Exception {
        Map<String, String> held = held();
        restart();

        broker.kill();
        broker.start();

        awaitHeld(now -> assertThat(now).isEqualTo(held));
        probe = MqttProbe.connect(broker.port());
    }

    @Test
    void changesTheFormAndKeepsTheEntities() throws Exception {
        try {
            probe.forget();
            form = "components";
            restart();
            awaitHeld(held -> {
                assertThat(held).hasSize(18).containsKey(LISTEN);
                DiscoveryRules.assertKept(held);
            });
            List<String> topics = probe.heard().stream().map(Heard::topic).toList();
            assertThat(topics).containsSubsequence(ASSISTANT, LISTEN, ASSISTANT);
            assertThat(probe.texts(ASSISTANT)).containsExactly("{\"migrate_discovery\":true}", "");

            probe.forget();
        } finally {
            form = "device";
            restart();
        }
        awaitHeld(held -> assertThat(held).hasSize(2).containsKey(ASSISTANT));
        List<String> topics = probe.heard().stream().map(Heard::topic).toList();
        assertThat(topics).containsSubsequence(LISTEN, ASSISTANT, LISTEN);
        assertThat(probe.texts(LISTEN)).containsExactly("{\"migrate_discovery\":true}", "");
    }

    @Test
    void takesAllBackWhenItIsSwitchedOff() throws Exception {
        try {
            enabled = false;
            gateway.restart();
            awaitHeld(held -> assertThat(held).isEmpty());
        } finally {
            enabled = true;
            restart();
        }
    }
}
