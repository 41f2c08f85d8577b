// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.InvalidConfigurationException;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ovosgateway.mqtt.ScriptedBroker.bytes;
import static org.ovosgateway.mqtt.ScriptedBroker.length;
import static org.ovosgateway.mqtt.ScriptedBroker.packet;
import static org.ovosgateway.mqtt.ScriptedBroker.publish;

/** The link to a broker that does whatever a broker can do. */
class MqttTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ConditionFactory SOON =
            await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    private static final int QOS1 = 2;
    private static final byte[] TOPIC = utf8("a/b");
    private static final byte[] NOTHING = {};
    private static final byte[] GOOD = publish(0, utf8("good"), NOTHING, utf8("yes"));

    @RegisterExtension
    final ScriptedBroker broker = new ScriptedBroker();

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> settings = new LinkedHashMap<>(Map.of(
            "ovos.mqtt.host", "127.0.0.1",
            "ovos.mqtt.client-id", "gateway",
            "ovos.mqtt.reconnect-delay", "10ms",
            "ovos.mqtt.max-reconnect-delay", "50ms",
            "ovos.mqtt.max-packet", "128KB"));
    private final List<Publication> heard = new CopyOnWriteArrayList<>();
    private Connector.Resolver resolver = InetAddress::getAllByName;
    private Mqtt mqtt;

    @AfterEach
    void stop() throws Exception {
        if (mqtt != null) {
            mqtt.stop();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private MqttProperties properties() {
        settings.putIfAbsent("ovos.mqtt.port", broker.port());
        return new Binder(new MapConfigurationPropertySource(settings))
                .bind("ovos.mqtt", MqttProperties.class)
                .get();
    }

    private Mqtt start() {
        MqttProperties properties = properties();
        mqtt = new Mqtt(
                vertx,
                properties,
                new ClientId(properties, null),
                new StaticListableBeanFactory().getBeanProvider(LocalBroker.class),
                meters,
                resolver);
        mqtt.subscribeGuarded(
                "#",
                (message, done) -> {
                    heard.add(message);
                    done.run();
                },
                (message, refusal) -> {});
        mqtt.start();
        return mqtt;
    }

    private Mqtt startAndConnect() {
        start();
        SOON.until(mqtt::isConnected);
        SOON.until(() -> !broker.published("ovos/bridge/state").isEmpty());
        return mqtt;
    }

    private double count(String name) {
        return meters.get("ovos.mqtt." + name).counter().count();
    }

    private void awaitHeard(String topic) {
        SOON.alias(topic)
                .untilAsserted(
                        () -> assertThat(heard).extracting(Publication::topic).contains(topic));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** A property whose value has a length of two bytes. */
    private static byte[] property(int id, byte[] value) {
        return join(bytes(id, value.length >> 8, value.length), value);
    }

    private static byte[] userProperty(byte[] name, byte[] value) {
        return join(property(0x26, name), bytes(value.length >> 8, value.length), value);
    }

    private static byte[] times(int count, byte[] part) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static Stream<Arguments> valid() {
        byte[] long16 = utf8("x".repeat(65_535));
        return Stream.of(
                Arguments.of(
                        "40,000 bytes of correlation data",
                        publish(QOS1, TOPIC, property(9, new byte[40_000]), NOTHING)),
                Arguments.of(
                        "65,535 bytes of correlation data",
                        publish(QOS1, TOPIC, property(9, new byte[65_535]), NOTHING)),
                Arguments.of("a long content type", publish(QOS1, TOPIC, property(3, long16), NOTHING)),
                Arguments.of("a long response topic", publish(QOS1, TOPIC, property(8, long16), NOTHING)),
                Arguments.of("a long user property", publish(QOS1, TOPIC, userProperty(utf8("k"), long16), NOTHING)),
                Arguments.of(
                        "many user properties",
                        publish(QOS1, TOPIC, times(20_000, userProperty(NOTHING, NOTHING)), NOTHING)),
                Arguments.of("a long topic", publish(QOS1, long16, NOTHING, NOTHING)),
                Arguments.of("a control character in the topic", publish(QOS1, utf8("a/\u0001"), NOTHING, NOTHING)),
                Arguments.of("a non-character in the topic", publish(QOS1, utf8("a/\uffff"), NOTHING, NOTHING)),
                Arguments.of("a byte order mark in the topic", publish(QOS1, utf8("\ufeffa"), NOTHING, NOTHING)),
                Arguments.of(
                        "characters beyond 16 bits",
                        publish(QOS1, utf8("\ud83d\ude00"), userProperty(utf8("\ud83d\ude00"), NOTHING), NOTHING)),
                Arguments.of(
                        "a payload that is not the UTF-8 it says",
                        publish(QOS1, TOPIC, bytes(1, 1), bytes(0xc3, 0x28))),
                Arguments.of(
                        "several subscription ids",
                        publish(QOS1, TOPIC, bytes(0x0b, 1, 0x0b, 0xff, 0xff, 0xff, 0x7f), NOTHING)),
                Arguments.of("the longest expiry", publish(QOS1, TOPIC, bytes(2, 0xff, 0xff, 0xff, 0xff), NOTHING)),
                Arguments.of("no expiry left", publish(QOS1, TOPIC, bytes(2, 0, 0, 0, 0), NOTHING)),
                Arguments.of("QoS 2", publish(4, TOPIC, NOTHING, NOTHING)),
                Arguments.of("a topic with empty levels", publish(QOS1, utf8("//"), NOTHING, NOTHING)),
                Arguments.of("a topic of the broker", publish(QOS1, utf8("$SYS/x"), NOTHING, NOTHING)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valid")
    void hearsOnAfterWhateverIsValid(String name, byte[] packet) {
        startAndConnect();
        broker.send(join(packet, GOOD));
        awaitHeard("good");
        assertThat(count("connects")).isEqualTo(1);
        assertThat(mqtt.isConnected()).isTrue();
    }

    /** The same PUBLISH on another topic, if it is one with a topic of three bytes. */
    static byte[] onTopic(byte[] packet, String topic) {
        int at = 1;
        while (at < packet.length && packet[at] < 0) {
            at++;
        }
        at++;
        boolean fits = (packet[0] & 0xf0) == 0x30
                && packet.length > at + 5
                && packet[at] == 0
                && packet[at + 1] == TOPIC.length;
        if (!fits) {
            return packet;
        }
        byte[] rest = Arrays.copyOfRange(packet, at + 2 + TOPIC.length, packet.length);
        byte[] name = utf8(topic);
        return packet(packet[0] & 0xff, join(bytes(0, name.length), name, rest));
    }

    static Stream<Arguments> invalid() {
        return Stream.of(
                Arguments.of("malformed UTF-8 in the topic", publish(0, bytes(0xc3, 0x28), NOTHING, NOTHING)),
                Arguments.of("a surrogate in the topic", publish(0, bytes(0xed, 0xa0, 0x80), NOTHING, NOTHING)),
                Arguments.of("NUL in the topic", publish(0, utf8("a\u0000"), NOTHING, NOTHING)),
                Arguments.of("a wildcard in the topic", publish(0, utf8("a/#"), NOTHING, NOTHING)),
                Arguments.of("no topic", publish(0, NOTHING, NOTHING, NOTHING)),
                Arguments.of("an alias that was not allowed", publish(0, TOPIC, bytes(0x23, 0, 1), NOTHING)),
                Arguments.of("alias 0", publish(0, TOPIC, bytes(0x23, 0, 0), NOTHING)),
                Arguments.of(
                        "malformed UTF-8 in a user property",
                        publish(0, TOPIC, userProperty(bytes(0xff), NOTHING), NOTHING)),
                Arguments.of("NUL in the content type", publish(0, TOPIC, property(3, bytes(0)), NOTHING)),
                Arguments.of("a property twice", publish(0, TOPIC, bytes(1, 0, 1, 0), NOTHING)),
                Arguments.of("a property of another packet", publish(0, TOPIC, bytes(0x11, 0, 0, 0, 0), NOTHING)),
                Arguments.of("an unknown property", publish(0, TOPIC, bytes(0x7f, 0), NOTHING)),
                Arguments.of("subscription id 0", publish(0, TOPIC, bytes(0x0b, 0), NOTHING)),
                Arguments.of("a wrong payload format", publish(0, TOPIC, bytes(1, 2), NOTHING)),
                Arguments.of("properties longer than the packet", packet(0x30, bytes(0, 1, 'a', 0x7f, 1))),
                Arguments.of("a topic longer than the packet", packet(0x30, bytes(0xff, 0xff, 'a'))),
                Arguments.of("QoS 3", publish(6, TOPIC, NOTHING, NOTHING)),
                Arguments.of("DUP at QoS 0", publish(8, TOPIC, NOTHING, NOTHING)),
                Arguments.of("an empty PUBLISH", packet(0x30, NOTHING)),
                Arguments.of("a length of five bytes", bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0x01)),
                Arguments.of("a packet larger than agreed", publish(0, TOPIC, NOTHING, new byte[200_000])),
                Arguments.of("a length of 256 MB", bytes(0x30, 0xff, 0xff, 0xff, 0x7f)),
                Arguments.of("type 0", packet(0x00, NOTHING)),
                Arguments.of("AUTH that nobody began", packet(0xf0, bytes(0x18, 0))),
                Arguments.of("CONNECT", packet(0x10, utf8("MQTT"))),
                Arguments.of("SUBSCRIBE", packet(0x82, bytes(0, 1, 0, 0, 1, 'a', 0))),
                Arguments.of("PINGREQ", bytes(0xc0, 0)),
                Arguments.of("a second CONNACK", packet(0x20, bytes(0, 0, 0))),
                Arguments.of("PUBACK of nothing", packet(0x40, bytes(0x55, 0x55))),
                Arguments.of("SUBACK of nothing", packet(0x90, bytes(0x55, 0x55, 0, 0))),
                Arguments.of("UNSUBACK of nothing", packet(0xb0, bytes(0x55, 0x55, 0, 0))),
                Arguments.of("reserved bits in PUBACK", packet(0x4f, bytes(0, 1))),
                Arguments.of("reserved bits in PINGRESP", packet(0xdf, NOTHING)),
                Arguments.of("a long PINGRESP", packet(0xd0, bytes(0))),
                Arguments.of("DISCONNECT with an unknown reason", packet(0xe0, bytes(0x7e))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalid")
    void losesTheLinkAtOnceAndMakesANewOneAfterWhatIsNot(String name, byte[] packet) {
        startAndConnect();
        broker.send(packet);
        await().atMost(PATIENCE).until(() -> count("connects") == 2 && mqtt.isConnected());
        assertThat(mqtt.lastError()).isNotBlank().doesNotContain("Exception", "null");
        await().atMost(PATIENCE).untilAsserted(() -> {
            broker.send(GOOD);
            assertThat(heard).extracting(Publication::topic).contains("good");
        });
    }

    @Test
    void isConnectedAgainAfterAnyNoise() throws IOException {
        startAndConnect();
        Random random = new Random(20_261_127);
        for (int i = 0; i < 150; i++) {
            byte[] noise = new byte[1 + random.nextInt(60)];
            random.nextBytes(noise);
            // else most of it waits for its end
            byte[] sent = random.nextBoolean() ? packet(noise[0] & 0xff, noise) : noise;
            await().atMost(PATIENCE).until(mqtt::isConnected);
            broker.send(sent);
        }
        broker.close(socket -> true);
        // a connection may still be lost for the noise before
        await().atMost(PATIENCE).untilAsserted(() -> {
            broker.send(GOOD);
            assertThat(heard).extracting(Publication::topic).contains("good");
        });
    }

    @Test
    void leavesTheSessionBehindWhenItBreaksEachConnection() {
        broker.session(publish(QOS1, bytes(0xff), NOTHING, NOTHING));
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.published("ovos/bridge/event"))
                        .extracting(ScriptedBroker.Packet::payload)
                        .anyMatch(event -> event.contains("\"new_session\"")));
        assertThat(broker.packets(ScriptedBroker.CONNECT))
                .extracting(ScriptedBroker.Packet::cleanStart)
                .containsExactly(false, false, true);
        assertThat(mqtt.isConnected()).isTrue();
        assertThat(mqtt.renewed()).contains("not valid");
    }

    @Test
    void doesNotAskForWhatTheBrokerKeepsWhenThatBreaksEachConnection() {
        broker.keeps(publish(1, bytes(0xff), NOTHING, NOTHING));
        start();
        mqtt.subscribe("sensors/#", message -> {});
        await().atMost(PATIENCE).until(() -> mqtt.renewed() != null && mqtt.isConnected());
        await().atMost(PATIENCE)
                .until(() -> broker.packets(ScriptedBroker.CONNECT).size() >= 4);
        await().atMost(PATIENCE).until(mqtt::isConnected);
        broker.send(GOOD);
        awaitHeard("good");
    }

    @Test
    void staysConnectedWhenTheBrokerFindsAMessageTooLarge() {
        broker.findsTooLarge("large");
        startAndConnect();
        mqtt.publish("large", "x", true);
        mqtt.publish("small", "x", false);
        await().atMost(PATIENCE).until(() -> !broker.published("small").isEmpty());
        await().atMost(PATIENCE).until(() -> count("dropped") == 1);
        broker.send(GOOD);
        awaitHeard("good");
        assertThat(broker.published("large"))
                .extracting(ScriptedBroker.Packet::qos)
                .containsExactly(1);
        assertThat(count("connects")).isEqualTo(1);
    }

    /** As Mosquitto 2.0.11 passes it on. */
    @ParameterizedTest
    @ValueSource(strings = {"#", "ovos/+/response", ""})
    void dropsAndReportsAMessageWhoseResponseTopicIsNotValid(String responseTopic) {
        byte[] properties =
                join(bytes(2, 0, 0, 0, 9), userProperty(utf8("k"), utf8("#")), property(8, utf8(responseTopic)));
        byte[] poison = publish(QOS1, TOPIC, properties, utf8("x"));
        // it waits in the session too, and comes together with the answer of the broker
        broker.session(poison);
        start();
        List<String> refused = new CopyOnWriteArrayList<>();
        mqtt.onRefused((topic, refusal) -> refused.add(topic + " " + refusal.reason()));
        await().atMost(PATIENCE).until(mqtt::isConnected);
        broker.send(join(poison, publish(0, TOPIC, properties, NOTHING), GOOD));
        awaitHeard("good");
        assertThat(refused).hasSizeGreaterThanOrEqualTo(2).containsOnly("a/b invalid");
        assertThat(heard).extracting(Publication::topic).doesNotContain("a/b");
        assertThat(count("connects")).isEqualTo(1);
        assertThat(broker.packets(4))
                .extracting(acknowledgement -> (int) acknowledgement.body()[1])
                .contains(7, 7);
    }

    @Test
    void hearsWhatComesByteByByte() {
        startAndConnect();
        byte[] poison = publish(QOS1, TOPIC, property(8, utf8("#")), utf8("x"));
        for (byte each : join(poison, GOOD)) {
            broker.send(new byte[] {each});
        }
        awaitHeard("good");
        assertThat(count("connects")).isEqualTo(1);
    }

    @Test
    void keepsTheSessionWhenTheBrokerJustGoes() throws IOException {
        startAndConnect();
        for (int loss = 1; loss <= 4; loss++) {
            int connections = loss + 1;
            broker.close(socket -> true);
            await().atMost(PATIENCE).until(() -> count("connects") == connections && mqtt.isConnected());
        }
        assertThat(broker.packets(ScriptedBroker.CONNECT))
                .extracting(ScriptedBroker.Packet::cleanStart)
                .containsOnly(false);
    }

    @Test
    void asksForASignOfLifeAsOftenAsTheBrokerWants() {
        settings.put("ovos.mqtt.keep-alive", "1h");
        settings.put("ovos.mqtt.guard.max-age", "1h");
        broker.terms(0x13, 0, 1);
        startAndConnect();
        await().atMost(PATIENCE)
                .until(() -> broker.packets(ScriptedBroker.PINGREQ).size() >= 2);
    }

    @Test
    void publishesAsTheBrokerAllows() {
        // maximum QoS 0, no retained messages
        broker.terms(0x24, 0, 0x25, 0);
        startAndConnect();
        assertThat(broker.published("ovos/bridge/state")).allSatisfy(packet -> {
            assertThat(packet.qos()).isZero();
            assertThat(packet.retained()).isFalse();
        });
    }

    @Test
    void hasNoMoreUnderWayThanTheBrokerTakes() {
        broker.terms(0x21, 0, 1).acknowledges(false);
        startAndConnect();
        mqtt.publish("x", "1", false);
        mqtt.publish("x", "2", false);
        await().during(Duration.ofMillis(300))
                .atMost(PATIENCE)
                .until(() -> broker.packets(ScriptedBroker.PUBLISH).size() == 1);
    }

    @Test
    void sendsNothingThatIsLargerThanTheBrokerTakes() {
        broker.terms(0x27, 0, 0, 1, 0);
        startAndConnect();
        mqtt.publish("large", "x".repeat(1000), false);
        mqtt.publish("small", "x", false);
        await().atMost(PATIENCE).until(() -> !broker.published("small").isEmpty());
        assertThat(broker.published("large")).isEmpty();
        assertThat(count("dropped")).isEqualTo(1);
        assertThat(count("connects")).isEqualTo(1);
    }

    @Test
    void asksForNoWildcardsWhereThereAreNone() {
        broker.terms(0x28, 0);
        startAndConnect();
        mqtt.subscribe("plain", message -> {});
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.packets(ScriptedBroker.SUBSCRIBE))
                        .flatExtracting(ScriptedBroker.Packet::filters)
                        .anyMatch(filter -> filter.startsWith("plain ")));
        assertThat(broker.packets(ScriptedBroker.SUBSCRIBE))
                .flatExtracting(ScriptedBroker.Packet::filters)
                .noneMatch(filter -> filter.contains("#") || filter.contains("+"));
    }

    @Test
    void subscribesInPiecesThatTheBrokerTakes() {
        broker.terms(0x27, 0, 0, 0, 150);
        startAndConnect();
        for (int i = 0; i < 20; i++) {
            mqtt.subscribe("a/filter/of/some/length/" + i, message -> {});
        }
        broker.forget();
        mqtt.stop();
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.packets(ScriptedBroker.SUBSCRIBE))
                        .allMatch(packet -> packet.body().length <= 150)
                        .flatExtracting(ScriptedBroker.Packet::filters)
                        .isNotEmpty());
    }

    @Test
    void comesWithAnotherWillWhenItsOwnIsNotTaken() {
        broker.refuses(0x9b);
        start();
        await().atMost(PATIENCE)
                .until(() -> broker.packets(ScriptedBroker.CONNECT).stream().anyMatch(packet -> packet.willQos() == 0));
        broker.refuses(0x9a);
        await().atMost(PATIENCE)
                .until(() ->
                        broker.packets(ScriptedBroker.CONNECT).stream().anyMatch(packet -> !packet.willRetained()));
        broker.refuses(0);
        await().atMost(PATIENCE).until(mqtt::isConnected);
    }

    @Test
    void namesUserAndVariableWhenItIsNotLetIn() {
        settings.put("ovos.mqtt.user", "kitchen");
        settings.put("ovos.mqtt.password", "not-for-the-log");
        broker.refuses(0x87);
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mqtt.lastError())
                        .contains("'kitchen'", "MQTT_USER", "MQTT_PASSWORD", "ovos.mqtt.user")
                        .doesNotContain("not-for-the-log"));
        broker.refuses(0);
        await().atMost(PATIENCE).until(mqtt::isConnected);
    }

    @Test
    void asksForAUserWhenThereIsNone() {
        broker.refuses(0x86);
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mqtt.lastError()).contains("set MQTT_USER and MQTT_PASSWORD"));
    }

    @Test
    void repeatsWhatTheBrokerSaysInOneLine() {
        byte[] reason = property(0x1f, utf8("closed\nfor \u0085 repair"));
        byte[] reference = property(0x1c, utf8("other.example"));
        byte[] both = join(reason, reference);
        int[] properties = new int[both.length];
        Arrays.setAll(properties, i -> both[i]);
        broker.refuses(0x9c, properties);
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mqtt.lastError())
                        .contains("closed?for ? repair", "other.example")
                        .doesNotContain("\n"));
    }

    @Test
    void clearsWhatWasBeingClearedWhenTheLinkBroke() {
        startAndConnect();
        mqtt.publish("state", "on", true);
        await().atMost(PATIENCE).until(() -> !broker.published("state").isEmpty());
        broker.forget();
        broker.breaksAt("state");
        mqtt.publish("state", "", true);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.published("state"))
                        .extracting(ScriptedBroker.Packet::payload)
                        .containsExactly("", ""));
        // not at once: the broker has it before the gateway knows that
        await().atMost(PATIENCE).untilAsserted(() -> {
            broker.forget();
            mqtt.repeat(topic -> true);
            mqtt.publish("behind all of that", "x", false);
            await().atMost(PATIENCE)
                    .until(() -> !broker.published("behind all of that").isEmpty());
            assertThat(broker.published("state")).isEmpty();
        });
    }

    @Test
    void countsWhatIsLostWithTheLink() {
        startAndConnect();
        broker.breaksAt("once");
        double before = count("dropped");
        mqtt.publish("once", "x", false);
        await().atMost(PATIENCE).until(() -> count("dropped") == before + 1);
    }

    @Test
    void doesAllThatIsDoneAfterAConnectionThoughOneOfItFails() {
        AtomicInteger done = new AtomicInteger();
        start();
        mqtt.onConnected(() -> {
            throw new IllegalStateException("on purpose");
        });
        mqtt.onConnected(done::incrementAndGet);
        await().atMost(PATIENCE).until(mqtt::isConnected);
        await().atMost(PATIENCE).untilAsserted(() -> {
            broker.close(socket -> true);
            assertThat(done.get()).isPositive();
        });
    }

    @Test
    void takesWhateverTheSystemResolvesAtEachTry() {
        AtomicInteger tries = new AtomicInteger();
        settings.put("ovos.mqtt.host", "my_broker");
        resolver = name -> {
            assertThat(name).isEqualTo("my_broker");
            switch (tries.getAndIncrement()) {
                case 0:
                    throw new UnknownHostException(name);
                case 1:
                    throw new IllegalStateException("no network yet");
                case 2:
                    throw new LinkageError("nor this");
                default:
                    return new InetAddress[] {
                        // nobody listens at the first
                        InetAddress.getByAddress(name, new byte[] {127, 0, 0, 99}),
                        InetAddress.getByAddress(name, new byte[] {127, 0, 0, 1})
                    };
            }
        };
        start();
        await().atMost(PATIENCE).until(mqtt::isConnected);
        assertThat(tries.get()).isGreaterThan(3);
    }

    @Test
    void saysWhichVariableHasTheNameThatIsNotKnown() {
        settings.put("ovos.mqtt.host", "my_broker.local");
        resolver = name -> {
            throw new UnknownHostException(name);
        };
        start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(mqtt.lastError()).contains("name is not known", "MQTT_HOST"));
    }

    @ParameterizedTest
    @CsvSource({"::1, tcp://[::1]:1", "[::1], tcp://[::1]:1", "fe80::1%eth0, tcp://[fe80::1%eth0]:1", "a_b, tcp://a_b:1"
    })
    void takesAddressesWithAndWithoutBrackets(String host, String uri) {
        settings.put("ovos.mqtt.host", host);
        settings.put("ovos.mqtt.port", 1);
        MqttProperties properties = properties();
        properties.check();
        assertThat(properties.uri()).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource({"broker:1883", "mqtt://broker", "broker/mqtt", "'a b'"})
    void refusesWhatIsNoHost(String host) {
        settings.put("ovos.mqtt.host", host);
        assertThatThrownBy(this::start)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("MQTT_HOST")
                .hasMessageContaining(host);
    }

    @Test
    void losesALinkThatIsSilent() throws IOException {
        settings.put("ovos.mqtt.keep-alive", "5s");
        startAndConnect();
        broker.mute(true);
        await().atMost(PATIENCE).until(() -> count("connects") == 2);
        assertThat(mqtt.lastError()).contains("nothing was heard");
        broker.mute(false);
        await().atMost(PATIENCE).until(mqtt::isConnected);
    }

    @Test
    void holdsNoMoreMessagesThanThereIsMemoryFor() throws IOException {
        settings.put("ovos.mqtt.max-packet", "64KB");
        settings.put("ovos.mqtt.max-waiting", "256KB");
        start();
        mqtt.subscribe("slow", message -> await().atMost(PATIENCE).until(() -> count("dropped") > 20));
        await().atMost(PATIENCE).until(mqtt::isConnected);
        for (int i = 0; i < 40; i++) {
            broker.send(publish(0, utf8("slow"), NOTHING, new byte[40_000]));
        }
        await().atMost(PATIENCE).until(() -> count("dropped") > 20);
        broker.send(GOOD);
        awaitHeard("good");
    }

    /** So that a length that needs two bytes is one in the tests above too. */
    @Test
    void writesLengthsAsMqttDoes() {
        assertThat(length(321)).containsExactly(0xc1, 2);
    }
}
