// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.WyomingClient;
import org.ovosgateway.testing.WyomingClient.Heard;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What no client of the Wyoming protocol can do. */
class WyomingLimitsTest {

    private static final String FORMAT = "{\"rate\": 16000, \"width\": 2, \"channels\": 1}";
    private static final int CONNECTIONS = 8;
    private static final ConditionFactory PATIENTLY = await().atMost(Duration.ofSeconds(30));

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("panel", "conversation:ask")
            .with("ovos.apis.wyoming.enabled", true)
            .with("ovos.apis.wyoming.port", 0)
            .with("ovos.apis.wyoming.user", "panel")
            .with("ovos.apis.wyoming.max-connections", CONNECTIONS)
            .with("ovos.apis.wyoming.max-sound", "64KB")
            .withRoutesToEdit();

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
        gateway.active("panel", true);
        // its routes may just be coming back
        PATIENTLY.ignoreException(SocketException.class).untilAsserted(() -> {
            try (WyomingClient client = connect()) {
                assertThat(client.send("transcript", "{\"text\": \"stay silent\"}")
                                .read()
                                .type())
                        .isEqualTo("handled");
            }
        });
    }

    /** Whatever was sent: nothing of it is held. */
    @AfterEach
    void holdsNothing() {
        PATIENTLY.untilAsserted(() -> {
            assertThat(gateway.gauge("ovos.wyoming.connections")).isZero();
            assertThat(gateway.gauge("ovos.http.bodies")).isZero();
            assertThat(gateway.gauge("ovos.http.uploads")).isZero();
        });
    }

    private static WyomingClient connect() throws IOException {
        return new WyomingClient(gateway.property("local.apis.wyoming.port", int.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "\n",
                "[]\n",
                "null\n",
                "{}\n",
                "{\"type\": 1}\n",
                "{\"type\": \"\"}\n",
                "{\"type\": \"ping\"} {}\n",
                "{\"type\": \"ping\", \"type\": \"ping\"}\n",
                "{\"type\": \"ping\", \"data\": []}\n",
                "{\"type\": \"ping\", \"data_length\": -1}\n",
                "{\"type\": \"ping\", \"data_length\": 1.5}\n",
                "{\"type\": \"ping\", \"data_length\": \"9\"}\n",
                "{\"type\": \"ping\", \"data_length\": 40000}\n",
                "{\"type\": \"ping\", \"data_length\": 99999999999999999999}\n",
                "{\"type\": \"ping\", \"data_length\": 2}\n[]",
                "{\"type\": \"ping\", \"data_length\": 5}\n{\"a\":",
                "{\"type\": \"ping\", \"payload_length\": 70000}\n",
                "{\"type\": \"ping\", \"payload_length\": 4294967296}\n",
                "{\"type\": \"audio-stop\"}\n",
                "{\"type\": \"audio-start\"}\n",
                "{\"type\": \"audio-start\", \"data\": {\"rate\": 0, \"width\": 2, \"channels\": 1}}\n",
                "{\"type\": \"audio-start\", \"data\": {\"rate\": 16000, \"width\": 4, \"channels\": 1}}\n",
                "{\"type\": \"audio-start\", \"data\": {\"rate\": 16000, \"width\": 2, \"channels\": 9}}\n",
                "{\"type\": \"audio-start\", \"data\": {\"rate\": \"16000\", \"width\": [2], \"channels\": {}}}\n",
                "{\"type\": \"audio-chunk\", \"payload_length\": 2}\n00",
                "{\"type\": \"synthesize\"}\n",
                "{\"type\": \"synthesize\", \"data\": {\"text\": 1, \"voice\": []}}\n",
                "{\"type\": \"synthesize\", \"data\": {\"text\": \"a\", \"voice\": {\"language\": \"a b\"}}}\n",
                "{\"type\": \"transcribe\", \"data\": {\"language\": \"en/us\"}}\n",
            })
    void tellsWhatIsWrongAndEndsTheConnection(String sent) throws IOException {
        try (WyomingClient client = connect()) {
            Heard error = client.raw(sent).read();

            assertThat(error.type()).isEqualTo("error");
            assertThat(error.text()).endsWith(".").doesNotContain("Exception", "jackson");
            assertThat(error.data().path("code").asText()).isIn("malformed", "validation");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void refusesALineDeepOrLongerThanAnyEvent() throws IOException {
        for (String sent : List.of("x".repeat(9000), "{\"type\":\"ping\",\"data\":" + "{\"a\":".repeat(500) + "1\n")) {
            try (WyomingClient client = connect()) {
                assertThat(client.raw(sent).read().data().path("code").asText()).isEqualTo("malformed");
            }
        }
    }

    @Test
    void passesOverWhatItDoesNotKnow() throws IOException {
        try (WyomingClient client = connect()) {
            client.send("run-satellite")
                    .send("detect", "{\"names\": []}", new byte[1000])
                    .send("", "{}");
            assertThat(client.read().type()).isEqualTo("error");
        }
        try (WyomingClient client = connect()) {
            client.send("run-satellite").send("detect", "{\"names\": []}", new byte[1000]);
            assertThat(client.send("ping").read().type()).isEqualTo("pong");
        }
    }

    @Test
    void refusesTooLongASound() throws IOException {
        try (WyomingClient client = connect()) {
            client.send("audio-start", FORMAT);
            for (int i = 0; i < 6; i++) {
                client.send("audio-chunk", FORMAT, new byte[10_000]);
            }
            client.raw("{\"type\": \"audio-chunk\", \"data\": " + FORMAT + ", \"payload_length\": 2000000000}\n");

            Heard error = client.read();
            assertThat(error.data().path("code").asText()).isEqualTo("content-too-large");
            assertThat(error.text()).contains("ovos.apis.wyoming.max-sound");
        }
    }

    @Test
    void refusesChunksOfAnotherFormat() throws IOException {
        try (WyomingClient client = connect()) {
            client.send("audio-start", FORMAT).send("audio-chunk", FORMAT.replace("16000", "22050"), new byte[100]);

            assertThat(client.read().data().path("code").asText()).isEqualTo("validation");
        }
    }

    @Test
    void givesNobodyMoreThanTheRightsOfItsUser() throws IOException {
        for (String type : List.of("audio-stop", "synthesize")) {
            try (WyomingClient client = connect()) {
                client.send("audio-chunk", FORMAT, Sounds.wav("hello"));
                Heard error = client.send(type, "{\"text\": \"hello\"}").read();

                assertThat(error.data().path("code").asText()).isEqualTo("forbidden");
            }
        }
        assertThat(bus.frames("recognizer_loop:b64_transcribe")).isEmpty();
        assertThat(bus.frames("speak:b64_audio")).isEmpty();
    }

    @Test
    void servesNobodyWhileItsUserIsInactive() {
        gateway.active("panel", false);

        PATIENTLY.untilAsserted(() -> {
            try (WyomingClient client = connect()) {
                Heard answer =
                        client.send("transcript", "{\"text\": \"stay silent\"}").read();
                assertThat(answer.type()).isEqualTo("not-handled");
                assertThat(answer.text()).contains("panel", "ovos.apis.wyoming.user");
                assertThat(client.send("describe").read().type()).isEqualTo("error");
            }
        });
    }

    @Test
    void closesTheIdlestConnectionForOneMore() throws IOException {
        List<WyomingClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(connect());
                clients.get(i).send("ping").read();
            }
            clients.get(0).send("ping").read();

            try (WyomingClient more = connect()) {
                assertThat(more.send("ping").read().type()).isEqualTo("pong");
            }
            assertThat(clients.get(1).isEnded()).isTrue();
            assertThat(clients.get(0).send("ping").read().type()).isEqualTo("pong");
        } finally {
            for (WyomingClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void closesTheOldestHalfSentEventForOneMore() throws IOException {
        List<WyomingClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(connect().raw("{\"type\": \"pi"));
            }
            try (WyomingClient more = connect()) {
                assertThat(more.send("ping").read().type()).isEqualTo("pong");
            }
        } finally {
            for (WyomingClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void holdsNothingForAClientThatLeaves() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (WyomingClient client = connect()) {
                client.send("audio-start", FORMAT)
                        .send("audio-chunk", FORMAT, new byte[20_000])
                        .raw("{\"type\": \"transcript\", \"data_len");
            }
        }
    }

    @Test
    void cutsOffWhoKeepsItWaiting() throws Exception {
        patience("1s");
        try {
            List<WyomingClient> clients = new ArrayList<>();
            for (String sent : List.of(
                    "",
                    "{\"type\": \"pi",
                    "{\"type\": \"ping\", \"data_length\": 10}\n{",
                    "{\"type\": \"audio-chunk\", \"data\": " + FORMAT + ", \"payload_length\": 10}\n00")) {
                clients.add(connect().raw(sent));
            }
            for (WyomingClient client : clients) {
                assertThat(client.isEnded()).isTrue();
                client.close();
            }
            // far more than the system keeps for a client who does not read
            String ping = "{\"type\": \"ping\", \"data\": {\"text\": \"" + "x".repeat(4000) + "\"}}\n";
            try (WyomingClient client =
                    new WyomingClient(gateway.property("local.apis.wyoming.port", int.class), 4096)) {
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 10_000; i++) {
                                client.raw(ping);
                            }
                        })
                        .isInstanceOf(IOException.class);
            }
        } finally {
            patience("60s");
        }
    }

    private static void patience(String time) {
        for (String limit : List.of("idle-timeout", "read-timeout", "write-timeout")) {
            gateway.with("ovos.http." + limit, time);
        }
        gateway.restart();
    }

    @Test
    void letsNobodyInWithoutItsRoutesUntilTheyAreBack() throws IOException {
        Path folder = gateway.routes().resolve("wyoming");
        Path aside = gateway.folder().resolve("wyoming");
        FileSystemUtils.copyRecursively(folder, aside);
        try (WyomingClient early = connect()) {
            assertThat(early.send("ping").read().type()).isEqualTo("pong");
            FileSystemUtils.deleteRecursively(folder);

            PATIENTLY.until(() -> {
                try (WyomingClient late = connect()) {
                    return late.send("ping").readOrEnd() == null;
                } catch (SocketException reset) {
                    return true;
                }
            });
            assertThat(early.isEnded()).isTrue();
        } finally {
            FileSystemUtils.copyRecursively(aside, folder);
        }
        awaitBus();
    }
}
