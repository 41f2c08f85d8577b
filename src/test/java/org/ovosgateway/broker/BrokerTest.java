// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.EmbeddedBroker;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the broker does for clients of MQTT 5. */
class BrokerTest {

    @RegisterExtension
    static final EmbeddedBroker BROKER = new EmbeddedBroker();

    private final String base = "test/" + UUID.randomUUID();

    @Test
    void passesMessagesOnInOrder() throws Exception {
        try (MqttProbe from = connect();
                MqttProbe to = connect().subscribe(base + "/+")) {
            for (int i = 0; i < 500; i++) {
                int qos = i % 3;
                from.send(base + "/a", Integer.toString(i).getBytes(StandardCharsets.UTF_8), m -> m.setQos(qos));
            }
            to.await(base + "/a", "499"::equals);
            assertThat(to.texts(base + "/a"))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 500).mapToObj(Integer::toString).toList());
        }
    }

    @Test
    void keepsRetainedMessagesUntilTheyAreCleared() throws Exception {
        try (MqttProbe from = connect()) {
            from.retain(base, "old");
            from.retain(base, "new");
            try (MqttProbe to = connect().subscribe(base)) {
                assertThat(to.await(base).text()).isEqualTo("new");
                assertThat(to.await(base).retained()).isTrue();
                from.retain(base, "live");
                assertThat(to.await(base, "live"::equals).retained()).isFalse();
            }
            from.retain(base, "");
            try (MqttProbe to = connect().subscribe(base)) {
                to.settle();
                assertThat(to.heard(base)).isEmpty();
            }
        }
    }

    @Test
    void keepsWhatIsRetainedNoLongerThanItIsGood() throws Exception {
        try (MqttProbe from = connect()) {
            from.publish(base, "gone", expiring(1, true));
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                try (MqttProbe to = connect().subscribe(base)) {
                    to.settle();
                    assertThat(to.heard(base)).isEmpty();
                }
            });
        }
    }

    @Test
    void passesOnWhatBelongsToAMessage() throws Exception {
        try (MqttProbe from = connect();
                MqttProbe to = connect().subscribe(base)) {
            from.publish(base, "question", message -> {
                MqttProperties properties = new MqttProperties();
                properties.setResponseTopic("answers/here");
                properties.setCorrelationData(new byte[] {1, 2, 3});
                properties.setContentType("text/plain");
                properties.setMessageExpiryInterval(60L);
                properties.setUserProperties(List.of(new UserProperty("colour", "red")));
                message.setProperties(properties);
            });
            MqttProperties heard = to.await(base).properties();
            assertThat(heard.getResponseTopic()).isEqualTo("answers/here");
            assertThat(heard.getCorrelationData()).containsExactly(1, 2, 3);
            assertThat(heard.getContentType()).isEqualTo("text/plain");
            assertThat(heard.getMessageExpiryInterval()).isBetween(58L, 60L);
            assertThat(heard.getUserProperties().get(0).getValue()).isEqualTo("red");
        }
    }

    @Test
    void sendsTheWillOfWhoLeavesWithoutAWord() throws Exception {
        try (MqttProbe heir = connect().subscribe(base + "/#")) {
            try (MqttProbe polite = MqttProbe.connect(uri(), options -> will(options, base + "/polite"))) {
                assertThat(polite.isLost()).isFalse();
            }
            new Mqtt311(BROKER.port(), "abrupt" + base, null, null, base + "/abrupt").drop();
            assertThat(heir.await(base + "/abrupt").text()).isEqualTo("offline");
            assertThat(heir.heard(base + "/polite")).isEmpty();
        }
    }

    @Test
    void keepsMessagesForWhoIsAwayAndForgetsWhatExpires() throws Exception {
        String client = "away-" + UUID.randomUUID();
        Consumer<MqttConnectionOptions> stay = options -> {
            options.setCleanStart(false);
            options.setSessionExpiryInterval(60L);
        };
        MqttProbe.connect(uri(), client, stay).subscribe(base + "/#").close();
        try (MqttProbe from = connect()) {
            from.publish(base + "/kept", "1");
            from.publish(base + "/expired", "1", expiring(1, false));
            from.publish(base + "/unsure", "1", message -> message.setQos(0));
            await().pollDelay(Duration.ofMillis(1100))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> true);
            from.publish(base + "/last", "1");
        }
        try (MqttProbe back = MqttProbe.connect(uri(), client, stay)) {
            back.await(base + "/last");
            assertThat(back.heard()).extracting(MqttProbe.Heard::topic).containsExactly(base + "/kept", base + "/last");
        }
    }

    @Test
    void startsAnewForWhoAsksForACleanStart() throws Exception {
        String client = "clean-" + UUID.randomUUID();
        MqttProbe.connect(uri(), client, options -> options.setSessionExpiryInterval(60L))
                .subscribe(base)
                .close();
        try (MqttProbe from = connect();
                MqttProbe anew = MqttProbe.connect(uri(), client, options -> options.setCleanStart(true))) {
            from.publish(base, "1");
            anew.settle();
            assertThat(anew.heard()).isEmpty();
        }
    }

    @Test
    void letsTheNewestConnectionOfAClientHaveItsSession() throws Exception {
        String client = "twice-" + UUID.randomUUID();
        try (MqttProbe first = MqttProbe.connect(uri(), client, options -> {});
                MqttProbe second = MqttProbe.connect(uri(), client, options -> {})) {
            await().atMost(Duration.ofSeconds(30)).until(first::isLost);
            second.subscribe(base);
            second.publish(base, "still here");
            assertThat(second.await(base).text()).isEqualTo("still here");
        }
    }

    @Test
    void deliversOnceWhereSubscriptionsOverlap() throws Exception {
        try (MqttProbe to = connect().subscribe(base + "/#").subscribe(base + "/+")) {
            to.publish(base + "/a", "1");
            to.settle();
            assertThat(to.texts(base + "/a")).containsExactly("1");
        }
    }

    @Test
    void keepsTopicsWithADollarToItself() throws Exception {
        try (MqttProbe nosy = connect().subscribe("#").subscribe("$SYS/#")) {
            assertThat(nosy.mayPublish("$SYS/broker/version")).isFalse();
            nosy.settle();
            assertThat(nosy.heard()).extracting(MqttProbe.Heard::topic).noneMatch(topic -> topic.startsWith("$"));
        }
    }

    @Test
    void freesPortAndThreadWhenItStops() throws Exception {
        EmbeddedBroker other = new EmbeddedBroker();
        for (int round = 0; round < 3; round++) {
            other.start();
            MqttProbe client = MqttProbe.connect(other.port());
            other.stop();
            await().atMost(Duration.ofSeconds(30)).until(client::isLost);
            client.close();
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> thread.getName().startsWith("mqtt-broker"))
                        .hasSize(1));
    }

    private static MqttProbe connect() throws MqttException {
        return MqttProbe.connect(BROKER.port());
    }

    private static String uri() {
        return "tcp://127.0.0.1:" + BROKER.port();
    }

    private static void will(MqttConnectionOptions options, String topic) {
        options.setWill(topic, new MqttMessage("offline".getBytes(StandardCharsets.UTF_8), 1, false, null));
    }

    private static Consumer<MqttMessage> expiring(long seconds, boolean retained) {
        return message -> {
            MqttProperties properties = new MqttProperties();
            properties.setMessageExpiryInterval(seconds);
            message.setProperties(properties);
            message.setRetained(retained);
        };
    }
}
