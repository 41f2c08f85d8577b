// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Holds the files of {@code packaging/mosquitto} to what they promise, in the real Mosquitto. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MosquittoAclIT {

    private static final String PASSWORD = "a password of the test";
    private static final Set<String> USERS =
            Set.of("gateway", "homeassistant", "hall", "shellybutton1-5443B2", "shellyplusi4-083af27b");

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = withUsers(new Mosquitto()
            .shipped(Path.of("packaging/mosquitto/mosquitto.conf"), Path.of("packaging/mosquitto/acl"))
            .with("log_type all"));

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .broker(MOSQUITTO::port)
            .with("ovos.mqtt.user", "gateway")
            .with("ovos.mqtt.password", PASSWORD)
            .routes("test.camel.yaml", """
            - templatedRoute:
                routeTemplateRef: text-button
                routeId: hall
                parameters:
                  - {name: topic, value: buttons/hall/1}
                  - {name: single, value: listen}
            - templatedRoute:
                routeTemplateRef: shelly-gen1-button
                routeId: desk
                parameters:
                  - {name: topic, value: shellies/shellybutton1-5443B2/input_event/0}
                  - {name: single, value: mute}
            """);

    private final Map<String, MqttProbe> clients = new LinkedHashMap<>();

    @BeforeAll
    void connect() throws MqttException {
        for (String user : USERS) {
            clients.put(
                    user, MqttProbe.connect(MOSQUITTO.port(), user, PASSWORD).subscribe("#"));
        }
    }

    @AfterAll
    void disconnect() throws MqttException {
        for (MqttProbe client : clients.values()) {
            client.close();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ovos/bridge/state                               | gateway                       | gateway homeassistant
            ovos/default/availability                       | gateway                       | gateway homeassistant
            ovos/default/last_answer                        | gateway                       | gateway homeassistant
            ovos/default/event/voice                        | gateway                       | gateway homeassistant
            ovos/default/response/ping                      | gateway                       | gateway homeassistant
            ovos/default/listen/set                         | gateway homeassistant         | gateway homeassistant
            ovos/default/request/ping                       | gateway homeassistant         | gateway homeassistant
            ovos/bridge/request/info                        | gateway homeassistant         | gateway homeassistant
            homeassistant/device/ovos_default/config        | gateway                       | gateway homeassistant
            homeassistant/status                            | gateway homeassistant         | gateway homeassistant
            buttons/hall/1                                  | hall                          | gateway
            buttons/hall                                    | hall                          | gateway
            buttons/attic/1                                 |                               |
            shellies/shellybutton1-5443B2/input_event/0     | shellybutton1-5443B2          | gateway
            shellies/shellybutton1-5443B2/sensor/battery    | shellybutton1-5443B2          |
            shellies/shellybutton1-000000/input_event/0     |                               |
            shellyplusi4-083af27b/events/rpc                | shellyplusi4-083af27b         | gateway
            shellyplusi4-083af27b/rpc                       |                               |
            stat/hall/RESULT                                | hall                          | gateway
            tele/hall/LWT                                   | hall                          |
            zigbee2mqtt/Kitchen remote                      |                               |
            cmnd/hall/POWER                                 |                               |
            $SYS/broker/version                             |                               |
            $CONTROL/dynamic-security/v1                    |                               |
            anything/else                                   |                               |
            """)
    void givesEachUserWhatItIsFor(String topic, String writers, String readers) throws Exception {
        clients.values().forEach(MqttProbe::forget);
        Set<String> mayWrite = new TreeSet<>();
        for (var client : clients.entrySet()) {
            if (client.getValue().mayPublish(topic)) {
                mayWrite.add(client.getKey());
            }
        }
        assertThat(mayWrite).isEqualTo(words(writers));
        for (String writer : mayWrite) {
            clients.values().forEach(MqttProbe::forget);
            clients.get(writer).publish(topic, "heard?");
            Set<String> heardBy = new TreeSet<>();
            for (var client : clients.entrySet()) {
                client.getValue().settle();
                if (!client.getValue().heard(topic).isEmpty()) {
                    heardBy.add(client.getKey());
                }
            }
            assertThat(heardBy).as("who hears what %s publishes", writer).isEqualTo(words(readers));
        }
    }

    @Test
    void letsTheGatewayDoAllThatItDoes() throws Exception {
        gateway.awaitBus();
        gateway.awaitBroker();
        clients.get("hall").publish("buttons/hall/1", "single");
        bus.awaitFrame("mycroft.mic.listen");
        // the first count that is heard may be of an old press
        for (int count = 1; count <= 2; count++) {
            clients.get("shellybutton1-5443B2")
                    .publish(
                            "shellies/shellybutton1-5443B2/input_event/0",
                            "{\"event\":\"S\",\"event_cnt\":" + count + "}");
        }
        bus.awaitFrame("mycroft.mic.mute.toggle");
        MqttProbe assistant = clients.get("homeassistant");
        assistant.publish("ovos/default/speak/set", "Dinner is ready");
        bus.awaitFrame("speak");
        assistant.publish("ovos/default/request/ping", "{\"transaction\":\"acl\"}");
        assistant.await("ovos/default/response/ping", answer -> answer.contains("\"acl\""));
        assistant.publish("homeassistant/status", "online");
        gateway.restart();
        gateway.awaitBroker();
        assistant.await("ovos/bridge/state", state -> state.contains("offline"));
        assertThat(MOSQUITTO.log()).contains("Received PUBLISH from ovos-gateway-");
        assertThat(MOSQUITTO.log()).doesNotContain("Denied PUBLISH from ovos-gateway-");
    }

    @Test
    void letsNobodyInWithoutNameAndPassword() {
        assertThatThrownBy(() -> MqttProbe.connect(MOSQUITTO.port())).isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> MqttProbe.connect(MOSQUITTO.port(), "gateway", "guessed"))
                .isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> MqttProbe.connect(MOSQUITTO.port(), "stranger", PASSWORD))
                .isInstanceOf(MqttException.class);
    }

    private static Mosquitto withUsers(Mosquitto mosquitto) {
        USERS.forEach(user -> mosquitto.user(user, PASSWORD));
        return mosquitto;
    }

    private static Set<String> words(String list) {
        return list == null ? Set.of() : new TreeSet<>(Set.of(list.split(" ")));
    }
}
