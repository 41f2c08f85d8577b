// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A real broker that takes little at a time, goes, and comes back with nothing remembered, while others go on talking. */
class BrokerRestartIT {

    private static final int RESTARTS = 10;
    private static final int KEPT = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = new Mosquitto()
            .with("max_inflight_messages 2")
            // of more than 1,000 that wait for the gateway it would drop some, presses too
            .with("max_queued_messages 0");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).broker(MOSQUITTO::port).routes("test.camel.yaml", """
            - route:
                id: press
                from:
                  uri: paho-mqtt5:test/press/+
                  steps:
                    - setHeader:
                        name: scope
                        constant: speech
                    - to: command:speak
            - route:
                id: sensor
                from:
                  uri: paho-mqtt5:test/sensor/#?guard=false
                  steps:
                    - toD: paho-mqtt5:test/kept/${header.CamelMqttTopic}?retained=true
            """);

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.awaitBroker();
    }

    @AfterEach
    void bringBack() {
        MOSQUITTO.stop();
        gateway.awaitNoBroker();
        MOSQUITTO.start();
        gateway.awaitBroker();
    }

    @Test
    void startsWithoutTheBrokerAndFindsItLater() throws Exception {
        MOSQUITTO.stop();
        gateway.restart();
        gateway.awaitBus();
        gateway.call("GET", "/v1/network/ping").answers(200);
        assertThat(gateway.gauge("ovos.mqtt.connected")).isZero();

        MOSQUITTO.start();

        gateway.awaitBroker();
        assertThatItActs("found it");
    }

    @Test
    void actsAfterEachRestartUnderLoad() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger published = new AtomicInteger();
        Thread load = new Thread(() -> talk(stop, published), "load");
        load.start();
        try {
            for (int restart = 0; restart < RESTARTS; restart++) {
                int before = published.get();
                await().atMost(PATIENCE).until(() -> published.get() > before + 20);
                MOSQUITTO.kill();
                gateway.awaitNoBroker();
                MOSQUITTO.start();
                gateway.awaitBroker();
                assertThatItActs("press " + restart);
            }
        } finally {
            stop.set(true);
            load.join();
        }
        assertThat(gateway.count("ovos.mqtt.connects")).isLessThan(RESTARTS + 20);
    }

    @Test
    void restoresWhatIsRetained() throws Exception {
        try (MqttProbe sensors = MqttProbe.connect(MOSQUITTO.port())) {
            for (int sensor = 0; sensor < KEPT; sensor++) {
                sensors.publish("test/sensor/" + sensor, "20.5");
            }
        }
        await().atMost(PATIENCE).until(() -> retained().size() > KEPT);
        Map<String, String> before = retained();
        assertThat(before).containsEntry("ovos/bridge/state", "{\"state\":\"online\"}");

        MOSQUITTO.kill();
        gateway.awaitNoBroker();
        MOSQUITTO.start();
        gateway.awaitBroker();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(retained().keySet()).containsAll(before.keySet()));
    }

    private static void assertThatItActs(String text) throws MqttException {
        try (MqttProbe button = MqttProbe.connect(MOSQUITTO.port())) {
            button.publish("ovos/default/speak/set", "set " + text);
            button.publish("test/press/1", "button " + text);
        }
        await(text)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(bus.frames("speak"))
                        .extracting(frame -> frame.data().path("utterance").asText())
                        .contains("set " + text, "button " + text));
    }

    private static Map<String, String> retained() throws MqttException {
        try (MqttProbe probe = MqttProbe.connect(MOSQUITTO.port())) {
            probe.subscribe("#");
            probe.settle();
            Map<String, String> found = new TreeMap<>();
            probe.heard().stream().filter(MqttProbe.Heard::retained).forEach(one -> found.put(one.topic(), one.text()));
            return found;
        }
    }

    /** As sensors do, on a connection that is made again whenever it is lost. */
    private static void talk(AtomicBoolean stop, AtomicInteger published) {
        while (!stop.get()) {
            try (MqttProbe sensor = MqttProbe.connect(MOSQUITTO.port())) {
                while (!stop.get() && !sensor.isLost()) {
                    sensor.publish("test/sensor/" + published.incrementAndGet() % 10, "20.5");
                }
            } catch (MqttException away) {
                // the next connection
            }
        }
    }
}
