// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Mosquitto;
import org.ovosgateway.testing.MqttProbe;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What must not act, through a real broker: history, echoes, floods and nonsense. */
@ExtendWith(OutputCaptureExtension.class)
class HostileMqttIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String STOP = "ovos/default/stop_speech/set";
    private static final String STOPPED = "mycroft.audio.speech.stop";
    private static final String EVENTS = "ovos/bridge/event";
    /** How the assistant is. */
    private static final String ASKED_BY_ITSELF = ".*(is_alive|is_ready|get_status|get_alerts|\\.get|\\.status)";

    private static final String MARK = "mark-";
    private static final int MALFORMED = 1000;
    private static final long SEED = 20_261_121;

    private static final List<String> BUTTONS =
            List.of("shelly-gen1", "shelly-rpc", "tasmota", "zigbee2mqtt", "theengs", "text", "json");

    @RegisterExtension
    @Order(1)
    static final Mosquitto MOSQUITTO = new Mosquitto().with("max_queued_messages 0");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .broker(MOSQUITTO::port)
            .routes(
                    "test.camel.yaml",
                    BUTTONS.stream().map(HostileMqttIT::button).collect(Collectors.joining()));

    private MqttProbe probe;

    @BeforeEach
    void connect() throws Exception {
        gateway.awaitBus();
        gateway.awaitBroker();
        probe = MqttProbe.connect(MOSQUITTO.port()).subscribe(EVENTS).subscribe("ovos/+/response/+");
    }

    @AfterEach
    void disconnect() throws Exception {
        probe.close();
    }

    @Test
    void neverActsOnWhatTheBrokerKept() throws Exception {
        probe.retain(STOP, "PRESS");
        bus.awaitFrame(STOPPED);
        for (int start = 0; start < 2; start++) {
            gateway.restart();
            gateway.awaitBus();
            gateway.awaitBroker();
            assertThatNothingIsPending();
        }
        assertThat(bus.frames(STOPPED)).hasSize(1);
        probe.retain(STOP, "");
    }

    @Test
    void actsOnceOnWhatCameTwice() throws Exception {
        for (int copy = 0; copy < 3; copy++) {
            probe.publish("ovos/default/speak/set", "the same press");
        }
        assertThatNothingIsPending();
        assertThat(bus.frames("speak")).hasSize(1);
        probe.await(EVENTS, event -> event.contains("\"duplicate\""));
    }

    @Test
    void staysWithItsRateInAFlood() throws Exception {
        // each is proved before the next
        bus.whenAsked("mycroft.audio.speak.status").reply("mycroft.audio.is_speaking", Map.of("speaking", false));
        double before = gateway.count("ovos.mqtt.refused", "reason", "too-many");
        int flood = 3000;
        long begin = System.nanoTime();
        for (int i = 0; i < flood; i++) {
            probe.publish("ovos/default/speak/set", "flood " + i);
            if (i % 500 == 0) {
                gateway.call("GET", "/v1/network/ping").answers(200);
            }
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(gateway.count("ovos.mqtt.refused", "reason", "too-many")
                                - before
                                + bus.frames("speak").size())
                        .isEqualTo(flood));
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(bus.frames("speak").size()).isBetween(10, (int) (20 + 10 * seconds + 1));
        probe.await(EVENTS, event -> event.contains("\"too-many\""));
        assertThat(probe.texts(EVENTS).size()).isLessThan(200);
        // and another topic is not held up by it
        probe.publish(STOP, "PRESS");
        bus.awaitFrame(STOPPED);
    }

    @Test
    void refusesAThousandMalformedPayloads(CapturedOutput log) throws Exception {
        Random random = new Random(SEED);
        List<String> commands = List.of(
                "listen",
                "cancel",
                "stop",
                "stop_speech",
                "toggle",
                "speak",
                "utterance",
                "mic_mute",
                "mute",
                "sleep",
                "volume",
                "volume_up",
                "volume_mute",
                "ping",
                "skills",
                "activate_skill",
                "clear_cache");
        double before = gateway.count("ovos.mqtt.refused");
        int toCommands = 0;
        bus.clear();
        for (int i = 0; i < MALFORMED; i++) {
            String topic = "buttons/" + BUTTONS.get(random.nextInt(BUTTONS.size()));
            if (random.nextInt(4) > 0) {
                toCommands++;
                String command = commands.get(random.nextInt(commands.size()));
                String device =
                        List.of("default", "default", "nobody", "bridge").get(random.nextInt(4));
                topic = "ovos/" + device + (random.nextBoolean() ? "/request/" + command : "/" + command + "/set");
            }
            probe.publish(topic, malformed(random), message -> {});
        }
        assertThatNothingIsPending();
        double refused = toCommands;
        // what a button says besides presses is not refused
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(gateway.count("ovos.mqtt.refused") - before).isBetween(refused, (double) MALFORMED));

        assertThat(bus.frames()).extracting(Message::type).allMatch(type -> type.matches(ASKED_BY_ITSELF));
        probe.await(EVENTS, event -> event.contains("\"unreadable\""));
        probe.await(EVENTS, event -> event.contains("\"too-large\""));
        assertThat(probe.heard())
                .extracting(MqttProbe.Heard::text)
                .filteredOn(told -> !told.contains(MARK))
                .allSatisfy(told -> assertThat(told)
                        .doesNotContain("\"status\":\"ok\"")
                        .doesNotContain("\"internal\"")
                        .doesNotContain("Exception")
                        .doesNotContain("org.ovosgateway"));
        assertThat(log.getAll()).doesNotContain("\tat ").doesNotContain("ERROR").doesNotContain("Exception");
        gateway.call("GET", "/v1/network/ping").answers(200);
    }

    @Test
    void survivesWhatIsFarTooLarge() throws Exception {
        for (int size : new int[] {9_000, 200_000, 300_000, 5_000_000}) {
            probe.publish("ovos/default/speak/set", "x".repeat(size));
        }
        assertThatNothingIsPending();
        assertThat(bus.frames("speak")).isEmpty();
        assertThat(gateway.gauge("ovos.mqtt.connected")).isOne();
    }

    /** Whether a real broker passes them on or not: with properties of each size and kind, and with what is not valid. */
    @Test
    void hearsOnAfterAnyPacketThatAnybodySends() throws Exception {
        // Paho, which the probe is made of, does not survive what the gateway must
        probe.close();
        List<byte[]> packets = Stream.concat(MqttTest.valid(), MqttTest.invalid())
                .map(arguments -> (byte[]) arguments.get()[1])
                .collect(Collectors.toCollection(ArrayList::new));
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            packets.add(mutated(packets.get(random.nextInt(packets.size())), random));
        }
        String topic = "ovos/default/request/ping";
        for (byte[] packet : packets) {
            sendRaw(packet);
            sendRaw(MqttTest.onTopic(packet, topic));
        }
        connect();
        bus.clear();
        await().atMost(PATIENCE).untilAsserted(() -> {
            probe.publish(STOP, "PRESS");
            assertThat(bus.frames(STOPPED)).isNotEmpty();
        });
    }

    /** Mosquitto 2.0.11 passes it on; newer ones do not. */
    @Test
    void staysConnectedAfterAResponseTopicWithWildcards() throws Exception {
        double connects = gateway.count("ovos.mqtt.connects");
        byte[] responseTopic = ScriptedBroker.bytes(8, 0, 3, 'a', '/', '#');
        for (int i = 0; i < 3; i++) {
            sendRaw(ScriptedBroker.publish(
                    2, text("ovos/default/request/ping"), responseTopic, text("{\"transaction\":" + i + "}")));
        }
        probe.publish(STOP, "PRESS");

        bus.awaitFrame(STOPPED);
        assertThat(gateway.count("ovos.mqtt.connects")).isEqualTo(connects);
    }

    private static byte[] mutated(byte[] packet, Random random) {
        byte[] mutated = packet.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            mutated[random.nextInt(Math.min(mutated.length, 60))] = (byte) random.nextInt(256);
        }
        return mutated;
    }

    private static void sendRaw(byte[] packet) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", MOSQUITTO.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            // MQTT 5, clean start, no keep-alive, no client id
            socket.getOutputStream().write(new byte[] {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 0});
            socket.getInputStream().readNBytes(2);
            socket.getOutputStream().write(packet);
            // what it does not understand, it answers by closing
            socket.getOutputStream().write(new byte[] {(byte) 0xe0, 0});
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (SocketException closed) {
            // that is an answer too
        }
    }

    @Test
    void answersEachRequestEvenIfItIsNonsense() throws Exception {
        String topic = "ovos/default/response/listen";
        for (String nonsense :
                Set.of("{\"transaction\":\"t1\",\"x\":1}", "{\"a\":", "[1,2]", "ring", "{\"a\":".repeat(50))) {
            probe.forget();
            probe.publish("ovos/default/request/listen", nonsense);
            assertThat(probe.await(topic).text())
                    .contains("\"status\":\"error\"")
                    .contains("\"type\":");
        }
        assertThat(bus.frames("mycroft.mic.listen")).isEmpty();
    }

    private static String button(String family) {
        return """
                - templatedRoute:
                    routeTemplateRef: %1$s-button
                    routeId: a-%1$s-button
                    parameters:
                      - {name: topic, value: buttons/%1$s}
                %2$s
                """.formatted(family, family.equals("json") ? "      - {name: path, value: /action}" : "");
    }

    /** All that was published before has been judged when this has acted. */
    private void assertThatNothingIsPending() throws Exception {
        String mark = MARK + System.nanoTime();
        probe.publish("ovos/default/request/ping", "{\"transaction\":\"" + mark + "\"}");
        probe.await("ovos/default/response/ping", answer -> answer.contains(mark));
    }

    /** What no command can take, whatever it takes. */
    private static byte[] malformed(Random random) {
        byte[] noise = new byte[1 + random.nextInt(200)];
        random.nextBytes(noise);
        return switch (random.nextInt(7)) {
            case 0 -> {
                noise[random.nextInt(noise.length)] = (byte) 0xff;
                yield noise;
            }
            case 1 -> text("{" + new String(noise, StandardCharsets.ISO_8859_1));
            case 2 -> text("{\"a\":".repeat(11 + random.nextInt(1500)));
            case 3 -> text("{\"a\":".repeat(20) + "1" + "}".repeat(20));
            case 4 -> text("x".repeat(8193 + random.nextInt(100_000)));
            case 5 -> text("{\"" + random.nextInt() + "\":" + random.nextInt() + "}");
            default -> text("{\"utterance\":\"a\",\"utterance\":\"b\",\"mute\":[],\"volume\":{}}");
        };
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
