// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.BrokerProxy;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Commands that wait at a real broker while the gateway is away. */
class AwayIT {

    private static final String SPEAK = "ovos/default/speak/set";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration MAX_AGE = Duration.ofSeconds(4);

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = new Mosquitto().persistent();

    @RegisterExtension
    @Order(2)
    static final BrokerProxy proxy = BrokerProxy.tcp(MOSQUITTO::port);

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(3)
    static final Gateway gateway =
            Gateway.on(bus::port).broker(proxy::port).with("ovos.mqtt.guard.max-age", MAX_AGE.toMillis() + "ms");

    private MqttProbe probe;

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        gateway.awaitBroker();
        probe = MqttProbe.connect(MOSQUITTO.port()).subscribe("ovos/bridge/event");
    }

    @AfterEach
    void disconnect() throws Exception {
        probe.close();
        proxy.open();
        gateway.awaitBroker();
    }

    @Test
    void actsOnWhatWaitedShortly() throws Exception {
        leave();
        probe.publish(SPEAK, "waited shortly");
        comeBack();
        awaitSpoken("waited shortly");
    }

    @Test
    void doesNotActOnWhatMayBeOld() throws Exception {
        leave();
        probe.publish(SPEAK, "waited too long");
        awaitTooOld();
        comeBack();
        probe.await("ovos/bridge/event", event -> event.contains("\"expired\""));
        probe.publish(SPEAK, "new");
        awaitSpoken("new");
        assertThat(spoken()).doesNotContain("waited too long");
    }

    @Test
    void doesNotActOnWhatWaitedBehindALinkThatOnlyLookedAlive() throws Exception {
        proxy.freeze();
        probe.publish(SPEAK, "published while frozen");
        awaitTooOld();
        leave();
        comeBack();
        probe.await("ovos/bridge/event", event -> event.contains("\"expired\""));
        probe.publish(SPEAK, "after the frost");
        awaitSpoken("after the frost");
        assertThat(spoken()).doesNotContain("published while frozen");
    }

    @Test
    void doesNotActOnWhatALinkBringsThatStoodStill() throws Exception {
        double before = gateway.count("ovos.mqtt.connects");
        proxy.freeze();
        probe.publish(SPEAK, "published while it stood still");
        awaitTooOld();
        proxy.thaw();
        probe.await("ovos/bridge/event", event -> event.contains("\"expired\""));
        // all that was held has passed
        await().atMost(PATIENCE).untilAsserted(() -> {
            probe.publish(SPEAK, "live again " + System.nanoTime());
            assertThat(spoken()).anyMatch(text -> text.startsWith("live again"));
        });
        assertThat(spoken()).doesNotContain("published while it stood still");
        assertThat(gateway.count("ovos.mqtt.connects")).isEqualTo(before);
    }

    @Test
    void leavesTheAgeToTheSenderWhoTellsIt() throws Exception {
        leave();
        probe.publish(
                SPEAK, "good for a second", message -> message.getProperties().setMessageExpiryInterval(1L));
        probe.publish(
                SPEAK, "good for a minute", message -> message.getProperties().setMessageExpiryInterval(60L));
        awaitTooOld();
        comeBack();
        awaitSpoken("good for a minute");
        assertThat(spoken()).doesNotContain("good for a second");
    }

    @Test
    void keepsTheSessionOverItsOwnRestartAndTheBrokers() throws Exception {
        leave();
        probe.publish(SPEAK, "kept by both", message -> message.getProperties().setMessageExpiryInterval(60L));
        probe.publish(SPEAK, "of unknown age");
        MOSQUITTO.restart();
        probe = MqttProbe.connect(MOSQUITTO.port()).subscribe("ovos/bridge/event");
        gateway.restart();
        gateway.awaitBus();
        assertThat(gateway.gauge("ovos.mqtt.connected")).isZero();
        comeBack();
        awaitSpoken("kept by both");
        probe.await("ovos/bridge/event", event -> event.contains("\"expired\""));
        assertThat(spoken()).doesNotContain("of unknown age");
    }

    @Test
    void losesNothingThatIsRetained() throws Exception {
        probe.subscribe("ovos/bridge/state");
        probe.await("ovos/bridge/state", state -> state.contains("online"));
        leave();
        probe.await("ovos/bridge/state", state -> state.contains("offline"));
        probe.forget();
        comeBack();
        probe.await("ovos/bridge/state", state -> state.contains("online"));
    }

    @Test
    void actsOnWhatCameWhileItWasRestarted() throws Exception {
        whenHeard(
                "offline",
                SPEAK,
                "while away",
                message -> message.getProperties().setMessageExpiryInterval(60L));
        awaitSpoken("while away");
    }

    @Test
    void actsOnWhatComesOnceItSaysThatItIsOnline() throws Exception {
        whenHeard("online", SPEAK, "just now", message -> {});
        awaitSpoken("just now");
    }

    /** Restarts the gateway, and publishes at once when it says that it goes, or is there again. */
    private void whenHeard(String state, String topic, String payload, Consumer<MqttMessage> settings)
            throws Exception {
        probe.subscribe("ovos/bridge/state");
        probe.await("ovos/bridge/state");
        probe.forget();
        CompletableFuture<Void> published = CompletableFuture.runAsync(() -> {
            try {
                probe.await("ovos/bridge/state", text -> text.contains("\"" + state + "\""));
                probe.publish(topic, payload, settings);
            } catch (MqttException e) {
                throw new CompletionException(e);
            }
        });
        gateway.restart();
        published.get(30, TimeUnit.SECONDS);
    }

    private static void awaitTooOld() {
        await().pollDelay(MAX_AGE.plusMillis(500)).atMost(PATIENCE).until(() -> true);
    }

    private static void leave() {
        proxy.shut();
        gateway.awaitNoBroker();
    }

    private static void comeBack() {
        proxy.open();
        gateway.awaitBroker();
    }

    private static void awaitSpoken(String text) {
        await(text).atMost(PATIENCE).untilAsserted(() -> assertThat(spoken()).contains(text));
    }

    private static List<String> spoken() {
        return bus.frames("speak").stream()
                .map(frame -> frame.data().path("utterance").asText())
                .toList();
    }
}
