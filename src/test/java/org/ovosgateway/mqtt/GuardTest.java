// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

class GuardTest {

    private static final Duration AT_ONCE = Duration.ZERO;

    private final AtomicLong now = new AtomicLong();
    private final Guard guard = new Guard(
            new org.ovosgateway.mqtt.MqttProperties.Limits(
                    Duration.ofSeconds(10), Duration.ofMillis(400), DataSize.ofBytes(100), 10),
            now::get);

    private record Sent(String topic, String payload, boolean retained, boolean late, MqttProperties properties) {

        Sent(String payload) {
            this("a/set", payload, false, false, new MqttProperties());
        }

        Publication publication() {
            return new Publication(topic, payload.getBytes(StandardCharsets.UTF_8), 1, retained, late, properties);
        }
    }

    private String judged(Sent sent, Duration away) {
        Optional<Refusal> refusal = guard.judge(sent.publication(), away);
        refusal.ifPresent(why -> assertThat(why.detail()).isNotBlank());
        return refusal.map(Refusal::reason).orElse("acts");
    }

    private String judged(Sent sent) {
        return judged(sent, AT_ONCE);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void letsALiveMessageAct() {
        assertThat(judged(new Sent("ON"))).isEqualTo("acts");
    }

    @Test
    void refusesHistory() {
        assertThat(judged(new Sent("a", "ON", true, false, new MqttProperties())))
                .isEqualTo("retained");
    }

    @Test
    void letsADuplicateActOnceAndAgainAfterTheWindow() {
        assertThat(judged(new Sent("ON"))).isEqualTo("acts");
        pass(Duration.ofMillis(399));
        assertThat(judged(new Sent("ON"))).isEqualTo("duplicate");
        assertThat(judged(new Sent("OFF"))).isEqualTo("acts");
        pass(Duration.ofMillis(2));
        assertThat(judged(new Sent("ON"))).isEqualTo("acts");
    }

    @Test
    void tellsRequestsApartByTheirCorrelationData() {
        MqttProperties one = new MqttProperties();
        one.setCorrelationData(new byte[] {1});
        MqttProperties other = new MqttProperties();
        other.setCorrelationData(new byte[] {2});

        assertThat(judged(new Sent("a", "", false, false, one))).isEqualTo("acts");
        assertThat(judged(new Sent("a", "", false, false, other))).isEqualTo("acts");
        assertThat(judged(new Sent("a", "", false, false, one))).isEqualTo("duplicate");
    }

    @Test
    void refusesWhatWaitedLongerThanTheLimit() {
        Sent late = new Sent("a", "1", false, true, new MqttProperties());

        assertThat(judged(late, Duration.ofSeconds(11))).isEqualTo("expired");
        assertThat(judged(late, null)).isEqualTo("expired");
        assertThat(judged(late, Duration.ofSeconds(9))).isEqualTo("acts");
    }

    @Test
    void leavesTheAgeToASenderWhoSetAnExpiry() {
        MqttProperties expiry = new MqttProperties();
        expiry.setMessageExpiryInterval(600L);

        assertThat(judged(new Sent("a", "1", false, true, expiry), Duration.ofMinutes(5)))
                .isEqualTo("acts");
    }

    @Test
    void refusesAPayloadThatIsTooLarge() {
        assertThat(judged(new Sent("x".repeat(100)))).isEqualTo("acts");
        assertThat(judged(new Sent("x".repeat(101)))).isEqualTo("too-large");
    }

    @Test
    void bearsAShortFloodAndThenTheRatePerTopic() {
        for (int i = 0; i < 20; i++) {
            assertThat(judged(new Sent("n" + i))).isEqualTo("acts");
        }
        assertThat(judged(new Sent("one more"))).isEqualTo("too-many");
        assertThat(judged(new Sent("b", "other topic", false, false, new MqttProperties())))
                .isEqualTo("acts");
        pass(Duration.ofMillis(100));
        assertThat(judged(new Sent("later"))).isEqualTo("acts");
        assertThat(judged(new Sent("too soon"))).isEqualTo("too-many");
    }

    @Test
    void refusesWhatBecameTooOldWhileItWaitedForItsTurn() {
        Publication message = new Sent("ON").publication();
        assertThat(guard.outdated(message, Duration.ofSeconds(10))).isEmpty();
        assertThat(guard.outdated(message, Duration.ofSeconds(11)))
                .map(Refusal::reason)
                .contains("expired");
    }

    @Test
    void holdsWaitingMessagesToTheExpiryOfTheirSender() {
        MqttProperties properties = new MqttProperties();
        properties.setMessageExpiryInterval(60L);
        Publication message = new Sent("a", "ON", false, false, properties).publication();
        assertThat(guard.outdated(message, Duration.ofSeconds(59))).isEmpty();
        assertThat(guard.outdated(message, Duration.ofSeconds(61))).isPresent();
    }
}
