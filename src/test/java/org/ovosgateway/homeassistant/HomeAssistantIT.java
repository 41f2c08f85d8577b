// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.Json;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.HomeAssistant;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.ovosgateway.testing.OutsideProgram;
import org.springframework.security.crypto.bcrypt.BCrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A real Home Assistant, a real broker, and the gateway as a process that can be killed. */
class HomeAssistantIT {

    private static final String NODE = "/ovos-gateway_ovos/";
    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));

    @RegisterExtension
    @Order(1)
    static final Mosquitto broker = new Mosquitto();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder().oneConnection());

    @RegisterExtension
    @Order(3)
    static final HomeAssistant home = new HomeAssistant();

    @TempDir
    Path folder;

    private final int wyoming = OutsideProgram.freePort();
    private Process gateway;

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // it starts twice as fast, and has little to do
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                GatewayApplication.class.getName(),
                "--server.port=0",
                "--ovos.management.port=-1",
                "--ovos.state=" + folder.resolve("state"),
                "--ovos.devices.default.host=127.0.0.1",
                "--ovos.devices.default.port=" + bus.port(),
                "--ovos.mqtt.host=127.0.0.1",
                "--ovos.mqtt.port=" + broker.port(),
                "--ovos.mqtt.discovery.max-delay=500ms",
                "--ovos.auth.users=" + users(),
                "--ovos.apis.wyoming.enabled=true",
                "--ovos.apis.wyoming.port=" + wyoming,
                "--ovos.apis.wyoming.user=home-assistant"));
        command.addAll(List.of(options));
        File log = folder.resolve("gateway.log").toFile();
        gateway = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private Path users() throws IOException {
        Map<String, Object> user = Map.of(
                "user",
                "home-assistant",
                "password",
                BCrypt.hashpw("secret", BCrypt.gensalt(4)),
                "active",
                true,
                "scopes",
                List.of("conversation:ask", "voice:transcribe", "voice:synthesize"));
        return Files.writeString(folder.resolve("users.json"), Json.write(List.of(user)));
    }

    private void kill() {
        gateway.destroyForcibly().onExit().join();
    }

    @AfterEach
    void forget() throws Exception {
        if (gateway != null) {
            kill();
        }
        try (MqttProbe probe = MqttProbe.connect(broker.port()).subscribe("#")) {
            probe.publish("fence", "");
            probe.await("fence");
            for (MqttProbe.Heard heard : probe.heard()) {
                if (heard.retained()) {
                    probe.retain(heard.topic(), "");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2024.3, components", "2025.4, components", "2025.4, device"})
    void findsTheAssistantAndCommandsIt(String release, String form) throws Exception {
        home.start(release, broker.port());
        start("--ovos.mqtt.discovery.form=" + form);

        home.awaitState("switch.ovos_assistant_microphone_mute", "off");
        home.awaitState("switch.ovos_assistant_sleep", "off");
        home.awaitState("number.ovos_assistant_volume", "50");
        home.awaitState("sensor.ovos_assistant_state", "idle");
        home.awaitState("switch.ovos_assistant_volume_mute", "off");
        home.awaitState("binary_sensor.ovos_assistant_core", "on");
        home.awaitState("binary_sensor.ovos_assistant_audio", "on");
        home.awaitState("binary_sensor.ovos_gateway_connection", "on");
        home.awaitState("sensor.ovos_gateway_version", "development");
        home.awaitState("sensor.ovos_gateway_refused_messages", "0");
        assertThat(home.states())
                .containsKeys(
                        "button.ovos_assistant_listen",
                        "button.ovos_assistant_stop",
                        "text.ovos_assistant_ask",
                        "sensor.ovos_assistant_last_answer",
                        "event.ovos_assistant_voice");

        home.act("button.press", "button.ovos_assistant_stop");
        bus.awaitFrame("mycroft.stop");
        home.act("button.press", "button.ovos_assistant_listen");
        bus.awaitFrame("mycroft.mic.listen");
        home.act("text.set_value", "text.ovos_assistant_ask", "value", "what time is it");
        assertThat(bus.awaitFrame("recognizer_loop:utterance")
                        .data()
                        .at("/utterances/0")
                        .asText())
                .isEqualTo("what time is it");
        PATIENTLY.untilAsserted(() -> {
            assertThat(home.entity("sensor.ovos_assistant_last_answer")
                            .at("/attributes/text")
                            .asText())
                    .isNotEmpty();
            assertThat(home.entity("event.ovos_assistant_voice")
                            .at("/attributes/event_type")
                            .asText())
                    .isNotEmpty();
        });
        home.act("switch.turn_on", "switch.ovos_assistant_microphone_mute");
        bus.awaitFrame("mycroft.mic.mute");
        home.awaitState("switch.ovos_assistant_microphone_mute", "on");
        home.act("number.set_value", "number.ovos_assistant_volume", "value", 30);
        assertThat(bus.awaitFrame("mycroft.volume.set").data().path("percent").asDouble())
                .isEqualTo(0.3);
        home.awaitState("number.ovos_assistant_volume", "30");
        home.act("number.set_value", "number.ovos_assistant_volume", "value", 50);
        home.act("switch.turn_off", "switch.ovos_assistant_microphone_mute");
        home.act("switch.turn_on", "switch.ovos_assistant_sleep");
        bus.awaitFrame("recognizer_loop:sleep");
        home.awaitState("switch.ovos_assistant_sleep", "on");
        home.act("switch.turn_off", "switch.ovos_assistant_sleep");
        bus.awaitFrame("recognizer_loop:wake_up");
        if (!release.equals("2024.3")) {
            bus.clear();
            home.act("notify.send_message", "notify.ovos_assistant_announce", "message", "Dinner is ready");
            assertThat(bus.awaitFrame("speak").data().path("utterance").asText())
                    .isEqualTo("Dinner is ready");
        }
        home.awaitState("switch.ovos_assistant_sleep", "off");
        if (form.equals(release.equals("2024.3") ? "components" : "device")) {
            talksByWyoming(release);
        }
        assertNothingToComplainOf();
    }

    private void talksByWyoming(String release) {
        assertThat(home.setUp("wyoming", Map.of("host", "127.0.0.1", "port", wyoming)))
                .isEqualTo("ovos");

        home.awaitState("stt.ovos", "unknown");
        home.awaitState("tts.ovos", "unknown");
        assertThat(home.hear("stt.ovos", "en-US", Sounds.wav("what time is it")))
                .isEqualTo("what time is it");
        assertThat(home.speak("tts.ovos", "dinner is ready")).startsWith("RIFF").hasSizeGreaterThan(4000);
        assertThat(bus.awaitFrame("speak:b64_audio").data().path("utterance").asText())
                .isEqualTo("dinner is ready");
        if (!release.equals("2024.3")) {
            // it makes a connection for each text, and keeps the id of its conversation to itself
            assertThat(converse("ask my name")).isEqualTo("What is your name?");
            assertThat(converse("Ada")).isEqualTo("Nice to meet you, Ada");
            assertThat(converse("make a boom")).isNotEmpty();
        }
    }

    private static String converse(String text) {
        return home.post("/api/conversation/process", Map.of("text", text, "agent_id", "conversation.ovos"))
                .at("/response/speech/plain/speech")
                .asText();
    }

    @ParameterizedTest
    @CsvSource({"2024.3, components", "2025.4, device"})
    void isToldAgainWhenItStartsAgain(String release, String form) throws Exception {
        home.start(release, broker.port());
        start("--ovos.mqtt.discovery.form=" + form);
        home.awaitState("sensor.ovos_assistant_state", "idle");
        String topic = form.equals("device")
                ? "homeassistant/device" + NODE + "default/config"
                : "homeassistant/button" + NODE + "default-listen/config";
        try (MqttProbe probe = MqttProbe.connect(broker.port()).subscribe(topic)) {
            probe.await(topic);
            probe.forget();

            home.restart();

            probe.await(topic);
        }
        home.awaitState("sensor.ovos_assistant_state", "idle");
        assertNothingToComplainOf();
    }

    @ParameterizedTest
    @CsvSource({"2024.3, components", "2025.4, device"})
    void seesThatTheGatewayWasKilled(String release, String form) throws Exception {
        home.start(release, broker.port());
        start("--ovos.mqtt.discovery.form=" + form);
        home.awaitState("sensor.ovos_assistant_state", "idle");

        kill();

        home.awaitState("binary_sensor.ovos_gateway_connection", "off");
        Map<String, String> states = home.states();
        states.keySet().removeIf(id -> !id.contains(".ovos_") || id.endsWith("_gateway_connection"));
        assertThat(states)
                .hasSizeGreaterThan(8)
                .allSatisfy((id, state) -> assertThat(state).as(id).isEqualTo("unavailable"));

        start("--ovos.mqtt.discovery.form=" + form);
        home.awaitState("sensor.ovos_assistant_state", "idle");
        home.awaitState("binary_sensor.ovos_gateway_connection", "on");
    }

    @Test
    void keepsItsEntitiesWhenTheFormChanges() throws Exception {
        home.start("2025.4", broker.port());
        start("--ovos.mqtt.discovery.form=components");
        home.awaitState("number.ovos_assistant_volume", "50");
        Map<String, String> before = home.states();

        for (String form : List.of("device", "components")) {
            kill();
            home.awaitState("number.ovos_assistant_volume", "unavailable");
            start("--ovos.mqtt.discovery.form=" + form);
            home.awaitState("number.ovos_assistant_volume", "50");
            awaitForm(form);
            home.awaitState("number.ovos_assistant_volume", "50");
            assertThat(home.states()).containsOnlyKeys(before.keySet());
        }
        assertNothingToComplainOf();
    }

    @ParameterizedTest
    @CsvSource({"2024.3, components", "2025.4, device"})
    void forgetsAllWhenDiscoveryIsSwitchedOff(String release, String form) throws Exception {
        home.start(release, broker.port());
        start("--ovos.mqtt.discovery.form=" + form);
        home.awaitState("sensor.ovos_assistant_state", "idle");
        kill();

        try (MqttProbe probe = MqttProbe.connect(broker.port())) {
            // a busy machine takes its time to start it
            probe.subscribe("ovos/bridge/state").await("ovos/bridge/state", text -> text.contains("offline"));
            probe.forget();
            start("--ovos.mqtt.discovery.enabled=false");
            probe.await("ovos/bridge/state", text -> text.contains("online"));
        }

        PATIENTLY.untilAsserted(() -> assertThat(home.states().keySet()).noneMatch(id -> id.contains("ovos")));
    }

    private static void awaitForm(String form) {
        PATIENTLY.untilAsserted(() -> {
            try (MqttProbe probe = MqttProbe.connect(broker.port()).subscribe("homeassistant/+" + NODE + "+/config")) {
                probe.publish("homeassistant/x" + NODE + "fence/config", "");
                probe.await("homeassistant/x" + NODE + "fence/config");
                assertThat(probe.heard().stream().filter(MqttProbe.Heard::retained))
                        .isNotEmpty()
                        .allMatch(heard -> heard.topic().contains("/device/") == form.equals("device"));
            }
        });
    }

    private static void assertNothingToComplainOf() {
        assertThat(home.log().lines())
                .filteredOn(line -> line.contains("components.mqtt") && line.matches(".*\\b(ERROR|WARNING)\\b.*"))
                // a release that does not have it yet
                .filteredOn(line -> !line.contains("Integration notify is not supported"))
                // it has migrated them before
                .filteredOn(line -> !line.contains("No device components to cleanup"))
                .isEmpty();
    }
}
