// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class MessageBusTest {

    private static final int LIMIT = 200_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    final FakeBus bus = new FakeBus(null, LIMIT);

    @Test
    void greetsANewClientAlone() throws Exception {
        try (BusClient first = connect()) {
            first.await("connected");
            try (BusClient second = connect()) {
                second.await("connected");
                assertThat(second.received())
                        .containsExactly("{\"type\": \"connected\", \"data\": {}, "
                                + "\"context\": {\"session\": {\"session_id\": \"default\"}}}");
                flush(first);
                assertThat(first.received("connected")).hasSize(1);
            }
        }
    }

    @RepeatedTest(20)
    void relaysToAClientFromTheMomentItIsConnected() throws Exception {
        try (BusClient sender = connect();
                BusClient other = connect()) {
            sender.send("first");
            sender.send("second");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(other.received()).endsWith("first", "second"));
        }
    }

    @Test
    void relaysVerbatimToEverybodyTheSenderIncluded() throws Exception {
        try (BusClient sender = connect();
                BusClient other = connect()) {
            String frame = "{ \"type\" :\t\"x\",\"data\":{\"ü\":\"\\u00fc \uD83D\uDE00\"}, \"more\": [1.10]}";
            sender.send(frame);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(sender.received()).contains(frame);
                assertThat(other.received()).contains(frame);
            });
        }
    }

    @Test
    void relaysWhatIsNoMessage() throws Exception {
        try (BusClient sender = connect()) {
            List.of("not json", "[]", "42", "").forEach(sender::send);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sender.received()).endsWith("not json", "[]", "42", ""));
        }
    }

    @Test
    void relaysBinaryAsText() throws Exception {
        try (BusClient sender = connect()) {
            sender.sendBinary("{\"type\":\"binary\"}");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sender.received()).contains("{\"type\":\"binary\"}"));
        }
    }

    @Test
    void keepsOneOrderForAll() throws Exception {
        try (BusClient first = connect();
                BusClient second = connect();
                BusClient third = connect()) {
            IntStream.range(0, 500).forEach(i -> {
                first.send("a" + i);
                second.send("b" + i);
            });
            await().atMost(PATIENCE)
                    .until(() -> List.of(first, second, third).stream()
                            .allMatch(client -> client.received().size() == 1001));
            assertThat(second.received()).isEqualTo(first.received());
            assertThat(third.received()).isEqualTo(first.received());
        }
    }

    @Test
    void relaysUpToTheLimit() throws Exception {
        try (BusClient sender = connect()) {
            String frame = "x".repeat(LIMIT - 100);
            sender.send(frame);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sender.received()).contains(frame));
        }
    }

    @Test
    void dropsTheSenderOfMoreThanTheLimit() throws Exception {
        try (BusClient sender = connect();
                BusClient other = connect()) {
            sender.send("x".repeat(LIMIT + 1));
            await().atMost(PATIENCE).until(sender::isLost);
            flush(other);
            assertThat(other.isLost()).isFalse();
            assertThat(other.received()).hasSize(2);
        }
    }

    @Test
    void dropsTheSenderOfManyFramesThatAreTooMuchTogether() throws Exception {
        try (BusClient sender = new BusClient(bus.vertx(), bus.uri(), LIMIT / 10)) {
            sender.send("x".repeat(LIMIT + 1));
            await().atMost(PATIENCE).until(sender::isLost);
            assertThat(bus.rawFrames()).isEmpty();
        }
    }

    @Test
    void answersPings() throws Exception {
        try (BusClient client = connect()) {
            client.ping();
            await().atMost(PATIENCE).until(() -> client.pongs() == 1);
        }
    }

    @Test
    void refusesOtherPaths() {
        assertThatThrownBy(() -> new BusClient(bus.vertx(), URI.create("ws://127.0.0.1:" + bus.port() + "/other")))
                .hasMessageContaining("404");
    }

    @Test
    void cutsEverybodyAndTakesThemAgain() throws Exception {
        try (BusClient client = connect()) {
            bus.awaitClients(1);
            bus.cut();
            await().atMost(PATIENCE).until(client::isLost);
            bus.awaitClients(0);
            try (BusClient again = connect()) {
                again.await("connected");
            }
        }
    }

    @Test
    void cutsWithoutSayingGoodbye() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", bus.port())) {
            String upgrade = "GET /core HTTP/1.1\r\nHost: bus\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
            bus.awaitClients(1);
            bus.cut();
            assertThatThrownBy(() -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void isBackOnTheSamePortAfterItsDeath() throws Exception {
        int port = bus.port();
        try (BusClient client = connect()) {
            bus.kill();
            await().atMost(PATIENCE).until(client::isLost);
            assertThatThrownBy(this::connect).hasStackTraceContaining("refused");
            bus.restart();
            assertThat(bus.port()).isEqualTo(port);
            try (BusClient again = connect()) {
                flush(again);
            }
        }
    }

    @Test
    void frozenItKeepsConnectionsAndSaysNothing() throws Exception {
        try (BusClient client = connect()) {
            client.await("connected");
            bus.freeze();
            client.send("unread");
            client.ping();
            bus.send("unsent", Map.of());
            assertThat(bus.rawFrames()).isEmpty();
            assertThat(client.isLost()).isFalse();
            assertThat(client.pongs()).isZero();
            bus.thaw();
            await().atMost(PATIENCE).until(() -> client.pongs() == 1);
            assertThat(client.received()).hasSize(2).endsWith("unread");
        }
    }

    @Test
    void resetsClientsAtRandomWhenToldTo() throws Exception {
        try (BusClient first = connect();
                BusClient second = connect()) {
            bus.awaitClients(2);
            bus.resetOneIn(1);
            first.send("fatal for one of both");
            await().atMost(PATIENCE).until(() -> first.isLost() ^ second.isLost());
        }
    }

    private BusClient connect() throws Exception {
        return new BusClient(bus.vertx(), bus.uri());
    }

    /** Whatever the bus had for this client has arrived when its own next message has. */
    private static void flush(BusClient client) {
        client.send("{\"type\":\"flush\"}");
        client.await("flush");
    }
}
