// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.time.Duration;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What the tests on the real Mosquitto rely on. */
class MosquittoIT {

    @RegisterExtension
    static final Mosquitto MOSQUITTO = new Mosquitto()
            .persistent()
            .user("ann", "secret")
            .user("bob", "other")
            .acl("user ann", "topic readwrite #", "user bob", "topic write bob/#");

    @Test
    void letsInWhoKnowsThePassword() throws Exception {
        MqttProbe.connect(MOSQUITTO.port(), "ann", "secret").close();
        assertThatThrownBy(() -> MqttProbe.connect(MOSQUITTO.port(), "ann", "wrong"))
                .isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> MqttProbe.connect(MOSQUITTO.port())).isInstanceOf(MqttException.class);
    }

    @Test
    void holdsUsersToTheirTopics() throws Exception {
        try (MqttProbe ann = MqttProbe.connect(MOSQUITTO.port(), "ann", "secret");
                MqttProbe bob = MqttProbe.connect(MOSQUITTO.port(), "bob", "other")) {
            ann.subscribe("#");
            assertThat(bob.mayPublish("ann/x")).isFalse();
            assertThat(bob.mayPublish("bob/x")).isTrue();
            assertThat(ann.await("bob/x").text()).isEqualTo("probe");
            assertThat(ann.heard("ann/x")).isEmpty();
        }
    }

    @Test
    void keepsWhatIsRetainedOverARestartAndLosesItWhenKilled() throws Exception {
        try (MqttProbe ann = MqttProbe.connect(MOSQUITTO.port(), "ann", "secret")) {
            ann.retain("kept", "yes");
        }
        MOSQUITTO.restart();
        try (MqttProbe ann = MqttProbe.connect(MOSQUITTO.port(), "ann", "secret")) {
            assertThat(ann.subscribe("kept").await("kept").retained()).isTrue();
            ann.retain("lost", "yes");
            MOSQUITTO.kill();
            await().atMost(Duration.ofSeconds(30)).until(ann::isLost);
        }
        MOSQUITTO.start();
        try (MqttProbe ann = MqttProbe.connect(MOSQUITTO.port(), "ann", "secret")) {
            ann.subscribe("#").await("kept");
            assertThat(ann.heard("lost")).isEmpty();
        }
    }

    @Test
    void standsStillWhilePaused() throws Exception {
        try (MqttProbe ann = MqttProbe.connect(MOSQUITTO.port(), "ann", "secret")) {
            ann.subscribe("paused");
            MOSQUITTO.pause();
            try {
                ann.send("paused", new byte[] {'1'}, message -> {});
                assertThat(ann.isLost()).isFalse();
            } finally {
                MOSQUITTO.resume();
            }
            assertThat(ann.await("paused").text()).isEqualTo("1");
        }
    }
}
