// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A real broker that wants a sign of life sooner than the gateway would give one, and takes little. */
class BrokerTermsIT {

    /** Mosquitto ends a connection that was silent for one and a half times as long. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = new Mosquitto()
            .with("max_keepalive " + KEEP_ALIVE.toSeconds())
            .with("max_qos 0")
            .with("retain_available false")
            .with("max_packet_size 2000")
            .with("max_topic_alias 0");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .broker(MOSQUITTO::port)
            // so that only the broker's wish makes it ask
            .with("ovos.mqtt.keep-alive", "1h")
            .with("ovos.mqtt.guard.max-age", "1h")
            .with("ovos.assistant.check-interval", "1h")
            .with("ovos.mqtt.health-interval", "1h");

    @Test
    void staysConnectedAndActs() throws Exception {
        gateway.awaitBus();
        gateway.awaitBroker();
        double before = gateway.count("ovos.mqtt.connects");
        await().pollDelay(KEEP_ALIVE.multipliedBy(2))
                .atMost(KEEP_ALIVE.multipliedBy(3))
                .until(() -> true);
        assertThat(gateway.count("ovos.mqtt.connects")).isEqualTo(before);
        try (MqttProbe probe = MqttProbe.connect(MOSQUITTO.port())) {
            probe.publish("ovos/default/speak/set", "still there", message -> message.setQos(0));
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(bus.frames("speak"))
                        .extracting(frame -> frame.data().path("utterance").asText())
                        .contains("still there"));
    }
}
