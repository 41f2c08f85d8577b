// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.testing.MosquittoClients;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;

/** The broker as the clients of Mosquitto see it. */
class BrokerIT {

    @RegisterExtension
    static final MosquittoClients MOSQUITTO = new MosquittoClients();

    @ParameterizedTest
    @CsvSource({
        "mqttv31, 0", "mqttv31, 1", "mqttv31, 2",
        "mqttv311, 0", "mqttv311, 1", "mqttv311, 2",
        "mqttv5, 0", "mqttv5, 1", "mqttv5, 2"
    })
    void servesEveryVersionAtEveryQualityOfService(String version, int qos) throws Exception {
        try (TestBroker broker = TestBroker.open(0);
                MqttProbe probe = MqttProbe.connect(broker.port()).subscribe("up")) {
            probe.retain("down", "hello");
            Process heard = MOSQUITTO.start(
                    "mosquitto_sub", "-p", broker.port(), "-V", version, "-q", qos, "-t", "down", "-C", 1, "-W", 20);
            Process sent = MOSQUITTO.start(
                    "mosquitto_pub", "-p", broker.port(), "-V", version, "-q", qos, "-t", "up", "-m", "there");
            assertThat(output(heard)).isEqualTo("hello");
            assertThat(output(sent)).isEmpty();
            assertThat(sent.exitValue()).isZero();
            assertThat(probe.await("up").text()).isEqualTo("there");
        }
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, not authorised", "mqttv5, Not authorized"})
    void tellsWhoIsRefusedInWordsThatTheyHave(String version, String words) throws Exception {
        try (TestBroker broker = TestBroker.start(
                Map.of("ovos.mqtt.broker.port", 0),
                (user, password, address) -> TestBroker.answer(ClientAuthenticator.Verdict.REFUSED))) {
            Process refused = MOSQUITTO.start(
                    "mosquitto_pub", "-p", broker.port(), "-V", version, "-u", "a", "-P", "b", "-t", "t", "-m", "m");
            assertThat(output(refused)).containsIgnoringCase(words);
            assertThat(refused.exitValue()).isNotZero();
        }
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
