// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the broker does with who asks too much of it. */
class BrokerLimitsTest {

    private TestBroker broker;

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void servesClientsOfMqtt311() throws Exception {
        start();
        try (var to = new Mqtt311(broker.port(), "to", null, null, null);
                var from = new Mqtt311(broker.port(), "from", null, null, null)) {
            to.subscribe("shellies/+/input_event/0");
            assertThat(to.read().body()).containsExactly(0, 1, 0);
            from.publish("shellies/button/input_event/0", "{\"event\":\"S\"}");
            assertThat(to.read().text()).isEqualTo("{\"event\":\"S\"}");
        }
    }

    @Test
    void knowsTheSessionsOfMqtt311() throws Exception {
        start();
        new Mqtt311(broker.port(), "stays", null, null, null, false).close();
        try (var back = new Mqtt311(broker.port(), "stays", null, null, null, false)) {
            assertThat(back.sessionPresent()).isTrue();
        }
        new Mqtt311(broker.port(), "stays", null, null, null, true).close();
        try (var anew = new Mqtt311(broker.port(), "stays", null, null, null, false)) {
            assertThat(anew.sessionPresent()).isFalse();
        }
    }

    @Test
    void refusesClientsThatAreTooMany() throws Exception {
        start("limits.connections", 3);
        List<Mqtt311> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(new Mqtt311(broker.port(), "client" + i, null, null, null));
        }
        try (var more = new Mqtt311(broker.port(), "one-more", null, null, null)) {
            assertThat(more.result()).isEqualTo(3);
        }
        clients.remove(0).close();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            clients.add(new Mqtt311(broker.port(), "one-more", null, null, null));
            return clients.get(clients.size() - 1).result() == 0;
        });
        for (Mqtt311 client : clients) {
            client.close();
        }
    }

    @Test
    void bearsAFloodOfConnections() throws Exception {
        start("limits.connections", 20);
        try (MqttProbe quiet = MqttProbe.connect(broker.port()).subscribe("quiet")) {
            List<Socket> flood = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), broker.port()));
            }
            quiet.publish("quiet", "still here");
            assertThat(quiet.await("quiet").text()).isEqualTo("still here");
            assertThat(broker.broker().connections()).isLessThanOrEqualTo(20);
            for (Socket socket : flood) {
                socket.close();
            }
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> broker.broker().connections() == 0);
    }

    @Test
    void waitsForNobodyWhoConnectsAndSaysNothing() throws Exception {
        start("limits.connect-timeout", "200ms");
        try (var silent = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
            silent.setSoTimeout(5000);
            silent.getOutputStream().write(0x10);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void endsConnectionsThatSendGarbageOrTooMuch() throws Exception {
        start("limits.packet", "2KB");
        for (byte[] bytes : List.of(
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[] {0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F, 0, 4, 'M', 'Q', 'T', 'T', 5},
                new byte[] {0x30, 3, 0, 1, 'a'},
                new byte[] {(byte) 0xC0, 0})) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(bytes);
                assertThat(ends(socket)).isTrue();
            }
        }
        try (MqttProbe large = MqttProbe.connect(broker.port());
                MqttProbe other = MqttProbe.connect(broker.port()).subscribe("ok")) {
            large.send("large", new byte[4096], message -> message.setQos(0));
            await().atMost(Duration.ofSeconds(30)).until(large::isLost);
            other.publish("ok", "1");
            assertThat(other.await("ok").text()).isEqualTo("1");
        }
    }

    @Test
    void dropsTheOldestForWhoIsAwayTooLong() throws Exception {
        start("limits.queue", 10);
        MqttProbe.connect(uri(), "away", BrokerLimitsTest::stay).subscribe("a").close();
        try (MqttProbe from = MqttProbe.connect(broker.port())) {
            for (int i = 0; i < 25; i++) {
                from.publish("a", Integer.toString(i));
            }
        }
        try (MqttProbe back = MqttProbe.connect(uri(), "away", BrokerLimitsTest::stay)) {
            back.await("a", "24"::equals);
            assertThat(back.texts("a")).hasSize(10).startsWith("15");
        }
        assertThat(broker.count("lost")).isEqualTo(15);
    }

    @Test
    void takesMemoryFromWhoHasMost() throws Exception {
        start("limits.packet", "2KB", "limits.retained-memory", "10KB", "limits.memory", "150KB");
        MqttProbe.connect(uri(), "greedy", BrokerLimitsTest::stay)
                .subscribe("large")
                .close();
        MqttProbe.connect(uri(), "modest", BrokerLimitsTest::stay)
                .subscribe("small")
                .close();
        try (MqttProbe from = MqttProbe.connect(broker.port())) {
            from.publish("small", "kept");
            for (int i = 0; i < 200; i++) {
                from.send("large", new byte[1000], message -> {}).waitForCompletion(5000);
            }
        }
        try (MqttProbe modest = MqttProbe.connect(uri(), "modest", BrokerLimitsTest::stay);
                MqttProbe greedy = MqttProbe.connect(uri(), "greedy", BrokerLimitsTest::stay)) {
            assertThat(modest.await("small").text()).isEqualTo("kept");
            greedy.settle();
            assertThat(greedy.heard("large")).hasSizeBetween(5, 100);
        }
    }

    @Test
    void refusesToRetainMoreThanItMay() throws Exception {
        start("limits.retained", 3);
        try (MqttProbe from = MqttProbe.connect(broker.port())) {
            for (int i = 0; i < 3; i++) {
                from.retain("r/" + i, "1");
            }
            var refused = from.send("r/3", new byte[] {'1'}, message -> message.setRetained(true));
            refused.waitForCompletion(5000);
            assertThat(refused.getReasonCodes()).containsExactly(151);
            from.retain("r/0", "");
            from.retain("r/3", "1");
            try (MqttProbe to = MqttProbe.connect(broker.port()).subscribe("r/#")) {
                to.settle();
                assertThat(to.heard()).extracting(MqttProbe.Heard::topic).containsExactly("r/1", "r/2", "r/3");
            }
        }
    }

    @Test
    void forgetsTheSessionThatIsAwayLongest() throws Exception {
        start("limits.sessions", 2);
        MqttProbe.connect(uri(), "first", BrokerLimitsTest::stay).subscribe("a").close();
        MqttProbe.connect(uri(), "second", BrokerLimitsTest::stay)
                .subscribe("a")
                .close();
        try (MqttProbe third = MqttProbe.connect(uri(), "third", BrokerLimitsTest::stay)) {
            third.publish("a", "1");
        }
        try (MqttProbe second = MqttProbe.connect(uri(), "second", BrokerLimitsTest::stay)) {
            assertThat(second.await("a").text()).isEqualTo("1");
        }
        try (MqttProbe first = MqttProbe.connect(uri(), "first", BrokerLimitsTest::stay)) {
            first.settle();
            assertThat(first.heard()).isEmpty();
        }
    }

    @Test
    void letsASlowReaderStandInNobodysWay() throws Exception {
        start("limits.packet", "16KB", "limits.retained-memory", "10KB", "limits.memory", "500KB");
        try (var slow = new Mqtt311(broker.port(), "slow", null, null, null);
                MqttProbe quick = MqttProbe.connect(broker.port()).subscribe("flood/#")) {
            slow.subscribe("flood/#");
            for (int i = 0; i < 2000; i++) {
                quick.send("flood/" + i, new byte[8192], message -> message.setQos(0))
                        .waitForCompletion(5000);
            }
            quick.publish("flood/end", "1");
            assertThat(quick.await("flood/end").text()).isEqualTo("1");
            assertThat(broker.count("lost")).isPositive();
        }
    }

    @Test
    void readsNothingFromWhoIsNotLetInYet() throws Exception {
        var verdict = new CompletableFuture<ClientAuthenticator.Decision>();
        var asked = new AtomicInteger();
        broker = TestBroker.start(Map.of("ovos.mqtt.broker.port", 0), (user, password, address) -> {
            asked.incrementAndGet();
            return verdict;
        });
        var connected = CompletableFuture.supplyAsync(() -> {
            try {
                return new Mqtt311(broker.port(), "waits", "ann", "secret", null);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() == 1);
        assertThat(connected).isNotDone();
        verdict.complete(ClientAuthenticator.Decision.of(ClientAuthenticator.Verdict.BUSY));
        assertThat(connected.join().result()).isEqualTo(3);
        assertThat(broker.count("refused")).isEqualTo(1);
    }

    @Test
    void hasAnAddressAlsoWhileItDoesNotRun() {
        start();
        broker.close();
        assertThat(broker.broker().host()).isEqualTo("127.0.0.1");
        assertThat(broker.broker().port()).isZero();
    }

    private void start(Object... settings) {
        Map<String, Object> all = new HashMap<>(Map.of("ovos.mqtt.broker.port", 0));
        for (int i = 0; i < settings.length; i += 2) {
            all.put("ovos.mqtt.broker." + settings[i], settings[i + 1]);
        }
        broker = TestBroker.start(all, (user, password, address) -> TestBroker.welcome());
    }

    private String uri() {
        return "tcp://127.0.0.1:" + broker.port();
    }

    private static void stay(MqttConnectionOptions options) {
        options.setCleanStart(false);
        options.setSessionExpiryInterval(60L);
    }

    private static boolean ends(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }
}
