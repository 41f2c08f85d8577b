// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Two gateways that were given one client id: a broker ends the connection of the one when the other connects. */
@ExtendWith(OutputCaptureExtension.class)
class SameClientIdIT {

    private static final Duration WATCHED = Duration.ofSeconds(5);

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = new Mosquitto();

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway one = twin();

    @RegisterExtension
    @Order(3)
    static final Gateway other = twin();

    @Test
    void takeTurnsSlowlyAndSayWhy(CapturedOutput log) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(log.getAll())
                        .contains("another client has the same client id, 'twin'")
                        .contains("ovos.mqtt.client-id"));
        double before = connects();

        await().pollDelay(WATCHED).atMost(WATCHED.plusSeconds(5)).until(() -> true);

        assertThat(connects() - before).isLessThanOrEqualTo(WATCHED.toSeconds());
        assertThat(one.gauge("ovos.mqtt.connected") + other.gauge("ovos.mqtt.connected"))
                .isLessThanOrEqualTo(1);
        one.call("GET", "/v1/network/ping").answers(200);
        other.call("GET", "/v1/network/ping").answers(200);
    }

    private static double connects() {
        return one.count("ovos.mqtt.connects") + other.count("ovos.mqtt.connects");
    }

    /** With the waits that are shipped. */
    private static Gateway twin() {
        return Gateway.on(bus::port)
                .with("ovos.mqtt.host", "127.0.0.1")
                .with("ovos.mqtt.port", MOSQUITTO::port)
                .with("ovos.mqtt.client-id", "twin");
    }
}
