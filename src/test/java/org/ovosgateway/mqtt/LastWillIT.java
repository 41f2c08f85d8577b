// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What others hear when the gateway, a process of its own, ends in one way or the other. */
class LastWillIT {

    private static final String STATE = "ovos/bridge/state";
    private static final String ONLINE = "{\"state\":\"online\"}";
    private static final String OFFLINE = "{\"state\":\"offline\"}";
    private static final Duration START = Duration.ofSeconds(60);

    @RegisterExtension
    static final Mosquitto MOSQUITTO = new Mosquitto();

    @RegisterExtension
    static final FakeBus bus = new FakeBus();

    @TempDir
    Path folder;

    private Process gateway;
    private MqttProbe probe;

    @BeforeEach
    void start() throws Exception {
        probe = MqttProbe.connect(MOSQUITTO.port());
        probe.retain(STATE, "");
        probe.subscribe(STATE);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                GatewayApplication.class.getName(),
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--ovos.management.port=0",
                "--ovos.auth.secret=" + Gateway.SECRET,
                "--ovos.auth.users=" + Files.writeString(folder.resolve("users.json"), "[]"),
                "--ovos.state=" + folder.resolve("state"),
                "--ovos.devices.default.host=127.0.0.1",
                "--ovos.devices.default.port=" + bus.port(),
                "--ovos.mqtt.host=127.0.0.1",
                "--ovos.mqtt.port=" + MOSQUITTO.port(),
                "--OVOS_ENV_FILE="));
        gateway = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("gateway.log").toFile())
                .start();
        await("the gateway, or its end")
                .atMost(START)
                .until(() -> probe.texts(STATE).contains(ONLINE) || !gateway.isAlive());
        assertThat(gateway.isAlive())
                .as(Files.readString(folder.resolve("gateway.log")))
                .isTrue();
    }

    @AfterEach
    void end() throws Exception {
        gateway.destroyForcibly().waitFor();
        probe.close();
    }

    @Test
    void theBrokerTellsThatAKilledGatewayIsGone() throws Exception {
        gateway.destroyForcibly().waitFor();

        probe.await(STATE, OFFLINE::equals);
        assertThat(retained()).isEqualTo(OFFLINE);
    }

    @Test
    void aGatewayThatIsStoppedTellsSoItself() throws Exception {
        gateway.destroy();
        assertThat(gateway.waitFor(60, TimeUnit.SECONDS)).isTrue();

        // it left in good order: a broker sends no will then
        probe.await(STATE, OFFLINE::equals);
        assertThat(probe.texts(STATE)).endsWith(ONLINE, OFFLINE);
        assertThat(MOSQUITTO.log()).containsPattern("Client ovos-gateway-\\w+ disconnected\\.");
        assertThat(retained()).isEqualTo(OFFLINE);
    }

    private static String retained() throws Exception {
        try (MqttProbe late = MqttProbe.connect(MOSQUITTO.port())) {
            return late.subscribe(STATE).await(STATE).text();
        }
    }
}
