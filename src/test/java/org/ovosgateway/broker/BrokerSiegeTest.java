// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.ovosgateway.testing.MqttProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.broker.Wire.NONE;
import static org.ovosgateway.broker.Wire.binary;
import static org.ovosgateway.broker.Wire.bytes;
import static org.ovosgateway.broker.Wire.join;
import static org.ovosgateway.broker.Wire.packet;
import static org.ovosgateway.broker.Wire.publish;
import static org.ovosgateway.broker.Wire.subscribe;
import static org.ovosgateway.broker.Wire.text;

/** One user tries to take the memory of the broker, while another gets every message. */
class BrokerSiegeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final byte[] PING = packet(0xC0);

    private final List<Wire> attackers = new ArrayList<>();
    private TestBroker broker;
    private MqttProbe honest;

    @BeforeEach
    void connect() throws Exception {
        start(Map.of());
    }

    private void start(Map<String, Object> limits) throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "ovos.mqtt.broker.port", 0,
                "ovos.mqtt.broker.limits.memory", "3MB",
                "ovos.mqtt.broker.limits.retained-memory", "1MB",
                "ovos.mqtt.broker.limits.stall", "500ms"));
        limits.forEach((key, value) -> settings.put("ovos.mqtt.broker.limits." + key, value));
        broker = TestBroker.start(settings, (user, password, address) -> TestBroker.welcome());
        honest = MqttProbe.connect(broker.port(), "honest", "secret").subscribe("honest");
    }

    @AfterEach
    void close() throws Exception {
        for (Wire attacker : attackers) {
            attacker.close();
        }
        honest.close();
        broker.close();
    }

    @Test
    void readsNothingMoreFromWhoDoesNotReadItsAnswers() throws Exception {
        byte[] pings = new byte[64 * 1024];
        for (int i = 0; i < pings.length; i += 2) {
            pings[i] = PING[0];
        }
        flood(attacker("pings"), pings);
        assertThat(broker.held()).isLessThan(500_000);
        honestlyPasses();
        await().atMost(PATIENCE).until(() -> broker.count("stalled") == 1);
    }

    @Test
    void readsNothingMoreFromWhoDoesNotReadItsAcknowledgements() throws Exception {
        flood(attacker("acks"), publish("nobody", 1, NONE, bytes()));
        assertThat(broker.held()).isLessThan(500_000);
        honestlyPasses();
        await().atMost(PATIENCE).until(() -> broker.count("stalled") == 1);
    }

    @Test
    void endsPacketsThatAreNeverFinished() throws Exception {
        for (int i = 0; i < 40; i++) {
            Wire wire = attacker("half" + i);
            wire.send(Arrays.copyOf(publish("t", 0, NONE, new byte[200_000]), 100_000));
        }
        assertThat(broker.held()).isLessThanOrEqualTo(3 << 20);
        honestlyPasses();
        await().atMost(PATIENCE).until(() -> broker.held() < 500_000);
    }

    @Test
    void makesRoomAtTheCostOfWhoHasMost() throws Exception {
        for (int i = 0; i < 100; i++) {
            var client = "away" + i;
            try (Wire wire = login(
                    client, 0x84, bytes(5, 0x11, 0, 0, 1, 0), join(NONE, text("will" + i), binary(new byte[10_000])))) {
                wire.read();
                for (int j = 0; j < 90; j++) {
                    wire.send(subscribe(j + 1, "f" + j + "x".repeat(900), 1));
                }
            }
            honestlyPasses();
        }
        assertThat(broker.held()).isLessThanOrEqualTo(3 << 20);
    }

    @Test
    void keepsWhatOthersRetainWhenOneRetainsTooMuch() throws Exception {
        honest.retain("mine", "1");
        Wire wire = attacker("hoarder");
        for (int i = 0; i < 60; i++) {
            wire.send(packet(0x33, text("hoard/" + i), bytes(0, 1), NONE, new byte[50_000]));
            wire.expect(4);
        }
        honest.retain("mine/too", "2");
        try (MqttProbe later =
                MqttProbe.connect(broker.port(), "honest", "secret").subscribe("mine/#")) {
            later.await("mine/too");
            assertThat(later.await("mine").text()).isEqualTo("1");
        }
    }

    @Test
    void forgetsNobodyForManyMessagesThatNobodyTakes() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (Wire wire = login("sleeper" + i, 0x80, bytes(5, 0x11, 0, 0, 1, 0), bytes())) {
                wire.read();
                wire.send(subscribe(1, "many", 1));
                wire.expect(9);
            }
        }
        Wire from = attacker("from");
        for (int i = 0; i < 2000; i++) {
            from.send(publish("many", 1, NONE, bytes(1)));
            from.expect(4);
            if (i % 100 == 0) {
                honestlyPasses();
            }
        }
        assertThat(broker.held()).isLessThanOrEqualTo(3 << 20);
    }

    @Test
    void answersOthersWhileOneAsksForEverythingRetained() throws Exception {
        for (int i = 0; i < 1000; i++) {
            honest.retain("a/".repeat(20) + i, "1");
        }
        for (int i = 0; i < 10; i++) {
            Wire wire = attacker("asks" + i);
            byte[][] filters = new byte[100][];
            for (int j = 0; j < filters.length; j++) {
                filters[j] = join(text("+/".repeat(j % 20) + "#"), bytes(0));
            }
            flood(wire, packet(0x82, bytes(0, 1), NONE, join(filters)));
        }
        honestlyPasses();
    }

    @Test
    void letsTheSilentMakeRoomForThoseWhoConnect() throws Exception {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            silent.add(new Socket(InetAddress.getLoopbackAddress(), broker.port()));
        }
        MqttProbe.connect(broker.port(), "late", "secret").close();
        for (Socket socket : silent) {
            socket.close();
        }
    }

    @Test
    void letsTheUserWithMostClientsMakeRoomForOthers() throws Exception {
        List<Wire> many = new ArrayList<>();
        for (int i = 0; i < 63; i++) {
            many.add(attacker("many" + i));
        }
        try (MqttProbe late = MqttProbe.connect(broker.port(), "late", "secret").subscribe("late")) {
            late.publish("late", "1");
            assertThat(late.await("late").text()).isEqualTo("1");
        }
        honestlyPasses();
    }

    private void honestlyPasses() throws Exception {
        honest.forget();
        honest.publish("honest", "1");
        assertThat(honest.await("honest").text()).isEqualTo("1");
    }

    private Wire attacker(String client) throws IOException {
        Wire wire = login(client, 0x82, NONE, bytes());
        wire.expect(2);
        attackers.add(wire);
        return wire;
    }

    private Wire login(String client, int flags, byte[] properties, byte[] afterClient) throws IOException {
        Wire wire = new Wire(broker.port());
        wire.send(Wire.connect(client, flags, properties, join(afterClient, text("attacker"))));
        return wire;
    }

    /** Sends the same over and over without reading; returns when nothing more is taken. */
    private static void flood(Wire wire, byte[] packet) {
        var taken = new AtomicBoolean(true);
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                OutputStream out = wire.out();
                byte[] chunk = new byte[packet.length * Math.max(1, 64 * 1024 / packet.length)];
                for (int i = 0; i < chunk.length; i += packet.length) {
                    System.arraycopy(packet, 0, chunk, i, packet.length);
                }
                for (int i = 0; i < 500; i++) {
                    out.write(chunk);
                    taken.set(true);
                }
            } catch (IOException cutOff) {
                // as it should be
            }
        });
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> sending.isDone() || !taken.getAndSet(false));
    }
}
