// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
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

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A gateway with three assistants, one of which is away, and without MQTT. */
class SeveralAssistantsTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final FakeBus kitchen =
            new FakeBus(SimulatedAssistant.builder().without(AssistantPart.PHAL, AssistantPart.COMPANION));

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("wallpanel", "voice:listen")
            .user("cook")
            .devices("cook", "kitchen")
            .user("climber")
            .devices("climber", "kitchen", "attic")
            .with("ovos.devices.default.api-key", Gateway.API_KEY)
            .with("ovos.devices.kitchen.port", kitchen::port)
            .with("ovos.devices.attic.port", SeveralAssistantsTest::nobody)
            .with("ovos.assistant.check-interval", "500ms")
            .routes("own.camel.yaml", """
                    - route:
                        id: own-state
                        from:
                          uri: platform-http:/own/state?access=system:read
                          steps:
                            - setHeader: { name: CamelOvosDevice, simple: "${header.of}" }
                            - bean: { ref: state, method: "of(*, 'last_answer')" }
                            - setBody: { simple: "${body}" }
                    - route:
                        id: own-command
                        from:
                          uri: command:hello?scope=voice:speak
                          steps:
                            - to: ovos:speak?data.utterance=Hello
                    - route:
                        id: own-volume
                        from:
                          uri: command:volume?scope=voice:volume&payload=text
                          steps:
                            - to: ovos:own.volume?data.text=${body}
                    - route:
                        id: own-commands
                        from:
                          uri: platform-http:/own/commands?access=voice:speak
                          steps:
                            - setBody: { constant: Dinner }
                            - to: command:speak?device=kitchen
                            - setBody: { constant: loud }
                            - to: command:volume?device=kitchen
                            - setBody: { simple: "${null}" }
                    - route:
                        id: own-path
                        from:
                          uri: platform-http:/own/hello?access=voice:speak
                          steps:
                            - setBody: { simple: "${null}" }
                            - to: command:hello?device=kitchen
                    """);

    private static int nobody() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void connect() {
        for (String device : List.of("default", "kitchen")) {
            await(device)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> gateway.call("GET", "/v1/network/websocket?device=" + device)
                            .answers(200)
                            .path("listening")
                            .asBoolean());
        }
        assertThat(gateway.gauge("ovos.routes.failed")).isZero();
        bus.clear();
        kitchen.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /v1/voice/listen, 204, mycroft.mic.listen",
        "DELETE, /v1/voice/speech, 204, mycroft.stop",
        "PUT, /v1/voice/microphone/unmute, 204, mycroft.mic.unmute",
        "GET, /v1/system/sleep, 200, recognizer_loop:state.get",
        "GET, /v1/skills, 200, skillmanager.list",
        "PUT, /v1/skills/ovos-skill-hello-world.openvoiceos/activate, 204, skillmanager.list",
    })
    void aCallReachesTheDeviceThatItNames(String method, String path, int status, String type) {
        gateway.call(method, path + "?device=kitchen").answers(status);
        gateway.call(method, path).answers(status);

        kitchen.awaitFrame(type);
        bus.awaitFrame(type);
        if (status == 204 && !type.equals("skillmanager.list")) {
            assertThat(kitchen.frames(type)).hasSize(1);
            assertThat(bus.frames(type)).hasSize(1);
        }
    }

    @Test
    void aCallFailsForTheDeviceThatItNames() {
        JsonNode problem = gateway.call("PUT", "/v1/voice/listen?device=attic").isRefused(503, "bus-unavailable");

        assertThat(problem.path("detail").asText()).contains("The bus of 'attic'");
    }

    @ParameterizedTest
    @CsvSource({"PUT, /v1/voice/listen?device=cellar", "GET, /v1/skills?device=cellar", "GET, /v1/devices/cellar"})
    void refusesADeviceThatDoesNotExist(String method, String path) {
        JsonNode problem = gateway.call(method, path).isRefused(404, "unknown-device");

        assertThat(problem.path("detail").asText())
                .isEqualTo("There is no device 'cellar'; there are attic, default, kitchen.");
    }

    @Test
    void whoMayNotCallDoesNotLearnWhichDevicesThereAre() {
        gateway.call("GET", "/v1/devices").as("wallpanel").isRefused(403, "forbidden");
        gateway.call("GET", "/v1/skills?device=cellar").as("wallpanel").isRefused(403, "forbidden");
        gateway.call("PUT", "/v1/voice/listen?device=cellar").anonymous().isRefused(401, "unauthorized");
    }

    @Test
    void aUserOfOneDeviceReachesThatOneOnly() {
        gateway.call("PUT", "/v1/voice/listen").as("cook").answers(204);
        kitchen.awaitFrame("mycroft.mic.listen");

        for (String other : List.of("default", "attic", "cellar")) {
            JsonNode problem = gateway.call("PUT", "/v1/voice/listen?device=" + other)
                    .as("cook")
                    .isRefused(403, "forbidden");
            assertThat(problem.path("detail").asText())
                    .isEqualTo("User 'cook' may not use the device '%s'; it may use kitchen.".formatted(other));
        }
        gateway.call("GET", "/v1/devices/default").as("cook").isRefused(403, "forbidden");
        // the routes of these name no device, or another one
        gateway.call("POST", "/own/hello").as("cook").answers(204);
        assertThat(gateway.call("GET", "/v1/devices")
                        .as("cook")
                        .answers(200)
                        .path("devices")
                        .findValuesAsText("name"))
                .containsExactly("kitchen");
        assertThat(bus.frames("mycroft.mic.listen")).isEmpty();
        gateway.call("POST", "/v1/auth/permatokens")
                .as("cook")
                .json("{\"name\": \"panel\", \"devices\": [\"default\"]}")
                .isRefused(422, "validation");
    }

    @Test
    void aUserOfSeveralDevicesNamesOne() {
        assertThat(gateway.call("GET", "/v1/skills")
                        .as("climber")
                        .isRefused(403, "forbidden")
                        .path("detail")
                        .asText())
                .contains("No device is named", "it may use attic, kitchen");
        gateway.call("GET", "/v1/skills?device=kitchen").as("climber").answers(200);
        assertThat(bus.frames("skillmanager.list")).isEmpty();
    }

    @Test
    void listsWhatEachDeviceIsAndCan() {
        JsonNode devices = gateway.call("GET", "/v1/devices").answers(200).path("devices");

        assertThat(devices.findValuesAsText("name")).containsExactly("attic", "default", "kitchen");
        assertThat(devices.findValuesAsText("default")).containsExactly("false", "true", "false");
        assertThat(devices.findValuesAsText("state")).containsExactly("offline", "online", "online");
        assertThat(devices.get(0).path("parts").toString())
                .isEqualTo("{\"bus\":false,\"core\":false,\"listener\":false,\"audio\":false,\"phal\":false}");
        assertThat(devices.get(0).path("can").toString()).doesNotContain("true");
        assertThat(devices.get(1).path("parts").toString()).doesNotContain("false");
        assertThat(devices.get(1).path("can").toString()).doesNotContain("false");
        assertThat(devices.get(2).path("parts").toString())
                .isEqualTo("{\"bus\":true,\"core\":true,\"listener\":true,\"audio\":true,\"phal\":false}");
        assertThat(devices.get(2).path("can").toString())
                .isEqualTo("{\"volume\":false,\"transcription\":true,\"synthesis\":true,\"companion\":false}");
        devices.findValuesAsText("since")
                .forEach(since -> assertThat(Instant.parse(since)).isBefore(Instant.now()));
    }

    @Test
    void aDeviceThatIsAwayIsOfflineSinceThen() {
        JsonNode before = gateway.call("GET", "/v1/devices/kitchen").answers(200);
        kitchen.kill();

        await().atMost(Duration.ofSeconds(30))
                .until(() -> gateway.call("GET", "/v1/devices/kitchen")
                        .answers(200)
                        .path("state")
                        .asText()
                        .equals("offline"));
        JsonNode after = gateway.call("GET", "/v1/devices/kitchen").answers(200);
        assertThat(Instant.parse(after.path("since").asText()))
                .isAfterOrEqualTo(Instant.parse(before.path("since").asText()));
        assertThat(after.at("/parts/bus").asBoolean()).isFalse();
        assertThat(gateway.call("GET", "/v1/devices/default")
                        .answers(200)
                        .path("state")
                        .asText())
                .isEqualTo("online");
    }

    @Test
    void getsOneDevice() {
        JsonNode device = gateway.call("GET", "/v1/devices/default").answers(200);

        assertThat(device.path("name").asText()).isEqualTo("default");
        assertThat(device.path("state").asText()).isEqualTo("online");
    }

    @Test
    void commandsRunWithoutMqtt() {
        gateway.call("POST", "/own/hello").answers(204);

        assertThat(kitchen.awaitFrame("speak").data().path("utterance").asText())
                .isEqualTo("Hello");
    }

    @Test
    void anOperationIsACommandAndARouteOfThatNameWins() {
        gateway.call("POST", "/own/commands").answers(204);

        assertThat(kitchen.awaitFrame("speak").data().path("utterance").asText())
                .isEqualTo("Dinner");
        assertThat(kitchen.awaitFrame("own.volume").data().path("text").asText())
                .isEqualTo("loud");
        assertThat(kitchen.frames("mycroft.volume.set")).isEmpty();
        assertThat(bus.frames("speak")).isEmpty();
    }

    @Test
    void theStateIsKeptWithoutMqtt() {
        kitchen.assistant().hear("hello");

        await().atMost(Duration.ofSeconds(30))
                .until(() -> gateway.call("GET", "/own/state?of=kitchen")
                        .send()
                        .body()
                        .contains("Hello human"));
        assertThat(gateway.call("GET", "/own/state?of=default").send().body()).doesNotContain("Hello human");
    }
}
