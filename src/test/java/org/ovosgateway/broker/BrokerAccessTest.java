// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.MqttProbe;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.broker.Wire.NONE;
import static org.ovosgateway.broker.Wire.binary;
import static org.ovosgateway.broker.Wire.bytes;
import static org.ovosgateway.broker.Wire.join;
import static org.ovosgateway.broker.Wire.packet;
import static org.ovosgateway.broker.Wire.subscribe;
import static org.ovosgateway.broker.Wire.text;

/** Who gets into the broker of a gateway: its users, and nobody else. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrokerAccessTest {

    private static final int NOT_AUTHORIZED = 135;
    private static final int CLIENT_ID_NOT_VALID = 133;
    private static final int BUSY = 137;
    private static final int NOT_AUTHORIZED_3 = 5;

    @RegisterExtension
    @Order(1)
    static final FakeBus BUS = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway GATEWAY = Gateway.on(BUS::port)
            .with("ovos.mqtt.broker.enabled", true)
            .with("ovos.mqtt.broker.port", 0)
            .user("button", "mqtt:connect")
            .user("reader", "system:read")
            .user("left")
            .user("dismissed")
            .user("demoted", "mqtt:connect")
            .user("renewed", "mqtt:connect")
            .user("cook", "mqtt:connect")
            .devices("cook", "kitchen")
            .with("ovos.devices.kitchen.port", BUS::port)
            .routes("stray.camel.yaml", """
                    - route:
                        id: stray-button
                        from:
                          uri: paho-mqtt5:stray/+
                          steps:
                            - to: ovos:stray.press?device=default&data.topic=${header.CamelMqttTopic}
                    """)
            .active("left", false);

    @BeforeEach
    void awaitTheGatewaysOwnConnection() {
        await().atMost(Duration.ofSeconds(30)).until(() -> GATEWAY.gauge("ovos.mqtt.connected") == 1);
    }

    @Test
    @Order(1)
    void letsInUsersWhoMayDoEverythingOrConnect() throws Exception {
        MqttProbe.connect(port(), Gateway.USER, Gateway.PASSWORD).close();
        MqttProbe.connect(port(), "button", Gateway.PASSWORD).close();
        try (var old = new Mqtt311(port(), "old-button", "button", Gateway.PASSWORD, null)) {
            assertThat(old.result()).isZero();
        }
    }

    @Test
    @Order(2)
    void tellsNobodyWhyHeIsRefused() throws Exception {
        assertThat(reason(() -> MqttProbe.connect(port(), Gateway.USER, "wrong")))
                .isEqualTo(NOT_AUTHORIZED);
        assertThat(reason(() -> MqttProbe.connect(port(), "nobody", Gateway.PASSWORD)))
                .isEqualTo(NOT_AUTHORIZED);
        assertThat(reason(() -> MqttProbe.connect(port(), "left", Gateway.PASSWORD)))
                .isEqualTo(NOT_AUTHORIZED);
        assertThat(reason(() -> MqttProbe.connect(port(), "reader", Gateway.PASSWORD)))
                .isEqualTo(NOT_AUTHORIZED);
        assertThat(reason(() -> MqttProbe.connect(port()))).isEqualTo(NOT_AUTHORIZED);
        for (String user : new String[] {Gateway.USER, "nobody", "left"}) {
            try (var old = new Mqtt311(port(), "old", user, user.equals("left") ? Gateway.PASSWORD : "wrong", null)) {
                assertThat(old.result()).isEqualTo(NOT_AUTHORIZED_3);
            }
        }
        try (var old = new Mqtt311(port(), "old", null, null, null)) {
            assertThat(old.result()).isEqualTo(NOT_AUTHORIZED_3);
        }
    }

    @Test
    @Order(3)
    void servesTheGatewayItself() throws Exception {
        try (MqttProbe probe = MqttProbe.connect(port(), Gateway.USER, Gateway.PASSWORD)) {
            probe.subscribe("ovos/bridge/state");
            assertThat(probe.await("ovos/bridge/state").text()).contains("online");
        }
    }

    @Test
    @Order(4)
    void keepsTheGatewaysClientIdToTheGateway() throws Exception {
        String own = Files.readString(GATEWAY.folder().resolve("state").resolve("mqtt-client-id"));
        assertThat(reason(() -> MqttProbe.connect("tcp://127.0.0.1:" + port(), own, options -> {
                    options.setUserName(Gateway.USER);
                    options.setPassword(Gateway.PASSWORD.getBytes(StandardCharsets.UTF_8));
                })))
                .isEqualTo(CLIENT_ID_NOT_VALID);
        assertThat(GATEWAY.gauge("ovos.mqtt.connected")).isEqualTo(1);
    }

    @Test
    @Order(5)
    void disconnectsWhoMayNotBeThereAnyMore() throws Exception {
        try (Wire dismissed = login("dismissed");
                Wire demoted = login("demoted");
                Wire renewed = login("renewed");
                Wire stays = login("button")) {
            stays.send(subscribe(1, "will/#", 1));
            stays.expect(9);

            GATEWAY.active("dismissed", false);
            assertThat(dismissed.end()).isEqualTo(NOT_AUTHORIZED);
            GATEWAY.user("demoted", "system:read");
            assertThat(demoted.end()).isEqualTo(NOT_AUTHORIZED);
            changePassword("renewed");
            assertThat(renewed.end()).isEqualTo(NOT_AUTHORIZED);

            // and none of them leaves a will
            stays.send(packet(0xC0));
            assertThat(stays.read().type()).isEqualTo(13);
        }
    }

    @Test
    @Order(6)
    void letsInALongLivedTokenOfTheUserUntilItIsDeleted() throws Exception {
        JsonNode panel = GATEWAY.permatoken("{\"name\": \"panel\"}");
        JsonNode reader = GATEWAY.permatoken("{\"name\": \"reader\", \"scopes\": [\"system:read\"]}");
        String token = panel.path("token").asText();
        assertThat(reason(() -> MqttProbe.connect(port(), "button", token))).isEqualTo(NOT_AUTHORIZED);
        assertThat(reason(() -> MqttProbe.connect(
                        port(), Gateway.USER, reader.path("token").asText())))
                .isEqualTo(NOT_AUTHORIZED);

        try (Wire wire = login(Gateway.USER, token);
                Wire stays = login("button")) {
            GATEWAY.call("DELETE", "/v1/auth/permatokens/" + panel.path("id").asText())
                    .answers(204, "");
            assertThat(wire.end()).isEqualTo(NOT_AUTHORIZED);
            assertThat(reason(() -> MqttProbe.connect(port(), Gateway.USER, token)))
                    .isEqualTo(NOT_AUTHORIZED);
            stays.send(packet(0xC0));
            stays.expect(13);
        }
    }

    @Test
    @Order(7)
    void keepsAUserOfSomeDevicesToTheirTopics() throws Exception {
        try (MqttProbe all = MqttProbe.connect(port(), Gateway.USER, Gateway.PASSWORD);
                MqttProbe cook = MqttProbe.connect(port(), "cook", Gateway.PASSWORD)) {
            all.subscribe("#");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> topics(all).stream().anyMatch(topic -> topic.startsWith("homeassistant/"))
                            && topics(all).contains("ovos/default/availability")
                            && topics(all).contains("ovos/kitchen/availability"));
            cook.subscribe("#");
            assertThat(cook.mayPublish("ovos/default/volume/set")).isFalse();
            assertThat(cook.mayPublish("ovos/bridge/state")).isFalse();
            all.publish("ovos/default/own", "secret");
            cook.publish("ovos/kitchen/own", "mine");

            cook.await("ovos/kitchen/own");
            assertThat(topics(cook))
                    .contains("ovos/kitchen/availability", "ovos/bridge/state")
                    .anySatisfy(topic -> assertThat(topic).startsWith("homeassistant/"))
                    .allSatisfy(topic -> assertThat(topic).doesNotContain("default"))
                    .allSatisfy(topic -> assertThat(topic.startsWith("ovos/bridge/")
                                    && !topic.equals("ovos/bridge/state")
                                    && !topic.equals("ovos/bridge/info"))
                            .isFalse());
        }
    }

    @Test
    @Order(7)
    void actsForTheDevicesOfWhoPublishedOnly() throws Exception {
        try (MqttProbe all = MqttProbe.connect(port(), Gateway.USER, Gateway.PASSWORD);
                MqttProbe cook = MqttProbe.connect(port(), "cook", Gateway.PASSWORD)) {
            all.subscribe("ovos/bridge/event");
            cook.publish("stray/cook", "x");

            assertThat(all.await("ovos/bridge/event").text())
                    .contains("stray/cook", "forbidden", "may not use the device 'default'; it may use kitchen");
            all.publish("stray/all", "x");
            BUS.awaitFrame("stray.press");
            assertThat(BUS.frames("stray.press"))
                    .extracting(frame -> frame.data().path("topic").asText())
                    .containsExactly("stray/all");
        }
    }

    @Test
    @Order(8)
    void beginsAnewWithOtherDevices() throws Exception {
        try (Wire wire = login("cook")) {
            GATEWAY.devices("cook", "kitchen", "default");
            assertThat(wire.end()).isEqualTo(NOT_AUTHORIZED);
        }
    }

    @Test
    @Order(8)
    void leavesNoWillForAnotherDevice() throws Exception {
        GATEWAY.devices("cook", "kitchen");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            try (Wire wire = new Wire(port())) {
                wire.send(Wire.connect(
                        "will",
                        0xC6,
                        NONE,
                        join(
                                NONE,
                                text("ovos/default/volume/set"),
                                binary(bytes('9')),
                                text("cook"),
                                text(Gateway.PASSWORD))));
                assertThat(wire.expect(2).body()[1] & 0xFF).isEqualTo(NOT_AUTHORIZED);
            }
        });
    }

    private static List<String> topics(MqttProbe probe) {
        return probe.heard().stream().map(MqttProbe.Heard::topic).toList();
    }

    private static Wire login(String user) throws IOException {
        return login(user, Gateway.PASSWORD);
    }

    private static Wire login(String user, String password) throws IOException {
        Wire wire = new Wire(port());
        wire.send(Wire.connect(
                "client-of-" + user,
                0xC6,
                NONE,
                join(NONE, text("will/" + user), binary(bytes('x')), text(user), text(password))));
        assertThat(wire.expect(2).body()[1]).isZero();
        return wire;
    }

    private static void changePassword(String user) throws IOException {
        Path file = GATEWAY.folder().resolve("users.json");
        var json = new ObjectMapper();
        JsonNode users = json.readTree(file.toFile());
        for (JsonNode entry : users) {
            if (entry.path("user").asText().equals(user)) {
                ((ObjectNode) entry).put("password", new BCryptPasswordEncoder(4).encode("another"));
            }
        }
        Files.writeString(file, users.toString());
    }

    @Test
    @Order(9)
    void putsOffWhoGuesses() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> reason(() -> MqttProbe.connect(
                                port(), "victim", UUID.randomUUID().toString()))
                        == BUSY);
        // the limit is that of the API
        GATEWAY.call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"victim\", \"password\": \"guess\"}")
                .answers(429);
    }

    private static int port() {
        return GATEWAY.property("local.mqtt.port", Integer.class);
    }

    private static int reason(ThrowingCallable connect) {
        MqttException refused = catchThrowableOfType(MqttException.class, connect);
        assertThat(refused).isNotNull();
        return refused.getReasonCode();
    }
}
