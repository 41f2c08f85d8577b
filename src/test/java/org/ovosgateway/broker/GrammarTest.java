// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.testing.EmbeddedBroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.ovosgateway.broker.Wire.NONE;
import static org.ovosgateway.broker.Wire.binary;
import static org.ovosgateway.broker.Wire.bytes;
import static org.ovosgateway.broker.Wire.join;
import static org.ovosgateway.broker.Wire.packet;
import static org.ovosgateway.broker.Wire.properties;
import static org.ovosgateway.broker.Wire.publish;
import static org.ovosgateway.broker.Wire.subscribe;
import static org.ovosgateway.broker.Wire.text;

/** Every packet that MQTT 5.0 does not allow a client ends its connection, with the reason of its chapter 4.13. */
class GrammarTest {

    private static final int SILENTLY = -1;
    private static final int MALFORMED = 0x81;
    private static final int PROTOCOL_ERROR = 0x82;
    private static final int UNSUPPORTED_VERSION = 0x84;
    private static final int CLIENT_ID = 0x85;
    private static final int BAD_METHOD = 0x8C;
    private static final int TOPIC_NAME = 0x90;
    private static final int TOPIC_ALIAS = 0x94;
    private static final int TOO_LARGE = 0x95;
    private static final int QUOTA = 0x97;
    private static final int SHARED = 0x9E;

    @RegisterExtension
    static final EmbeddedBroker BROKER = new EmbeddedBroker();

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesToConnect(String what, int reason, byte[] first) throws Exception {
        try (Wire wire = new Wire(BROKER.port())) {
            wire.send(first);
            assertThat(wire.end()).isEqualTo(reason);
        }
    }

    static List<Arguments> refusesToConnect() {
        List<Arguments> all = new ArrayList<>(List.of(
                arguments("a first packet that is no CONNECT", SILENTLY, packet(0xC0)),
                arguments("HTTP", SILENTLY, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                arguments("AUTH first", SILENTLY, packet(0xF0)),
                arguments("flags in the first byte", MALFORMED, packet(0x11, head(5, 2), NONE, text("c"))),
                arguments("a length of five bytes", SILENTLY, bytes(0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1)),
                arguments(
                        "another protocol",
                        UNSUPPORTED_VERSION,
                        packet(0x10, text("MQXX"), bytes(5, 2, 0, 60), NONE, text("c"))),
                arguments("version 6", UNSUPPORTED_VERSION, packet(0x10, head(6, 2), NONE, text("c"))),
                arguments("version 0", UNSUPPORTED_VERSION, packet(0x10, head(0, 2), NONE, text("c"))),
                arguments("version 3 by the name of 4", 1, packet(0x10, head(3, 2), text("c"))),
                arguments("the reserved flag", MALFORMED, connect(3, NONE)),
                arguments("a will of QoS 3", MALFORMED, connect(2 | 4 | 0x18, NONE, NONE, text("t"), binary(bytes(1)))),
                arguments("QoS without a will", MALFORMED, connect(2 | 8, NONE)),
                arguments("retain without a will", MALFORMED, connect(2 | 0x20, NONE)),
                arguments("something left over", MALFORMED, connect(2, NONE, bytes(0))),
                arguments("a user that is missing", MALFORMED, connect(2 | 0x80, NONE)),
                arguments("a password that is missing", MALFORMED, connect(2 | 0x40, NONE)),
                arguments("a will that is missing", MALFORMED, connect(2 | 4, NONE)),
                arguments(
                        "a password without user in 3.1.1",
                        SILENTLY,
                        packet(0x10, head(4, 2 | 0x40), text("c"), binary(bytes(1)))),
                arguments(
                        "a client id that is too long",
                        CLIENT_ID,
                        packet(0x10, head(5, 2), NONE, text("c".repeat(257)))),
                arguments(
                        "a packet that is too large",
                        TOO_LARGE,
                        connect(2 | 4, NONE, NONE, text("t"), binary(new byte[60_000]))),
                arguments("a property twice", PROTOCOL_ERROR, connect(2, bytes(0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 1))),
                arguments("receive maximum 0", PROTOCOL_ERROR, connect(2, bytes(0x21, 0, 0))),
                arguments("maximum packet size 0", PROTOCOL_ERROR, connect(2, bytes(0x27, 0, 0, 0, 0))),
                arguments("request problem information 2", PROTOCOL_ERROR, connect(2, bytes(0x17, 2))),
                arguments("request response information 2", PROTOCOL_ERROR, connect(2, bytes(0x19, 2))),
                arguments("a property of PUBLISH", MALFORMED, connect(2, bytes(0x01, 0))),
                arguments("an unknown property", MALFORMED, connect(2, bytes(0x7E, 0))),
                arguments("a property that is cut", MALFORMED, connect(2, bytes(0x11, 0))),
                arguments(
                        "properties longer than the packet",
                        MALFORMED,
                        packet(0x10, head(5, 2), bytes(100), text("c"))),
                arguments(
                        "a length of properties in more bytes than it needs",
                        MALFORMED,
                        packet(0x10, head(5, 2), bytes(0x80, 0), text("c"))),
                arguments(
                        "authentication data without a method",
                        PROTOCOL_ERROR,
                        connect(2, join(bytes(0x16), binary(bytes(1))))),
                arguments("enhanced authentication", BAD_METHOD, connect(2, join(bytes(0x15), text("SCRAM")))),
                arguments(
                        "a will with a property of CONNECT",
                        MALFORMED,
                        connect(2 | 4, NONE, properties(bytes(0x21, 0, 1)), text("t"), binary(bytes()))),
                arguments(
                        "a will with a property twice",
                        PROTOCOL_ERROR,
                        connect(2 | 4, NONE, properties(bytes(1, 0, 1, 0)), text("t"), binary(bytes()))),
                arguments(
                        "a will with payload format 2",
                        PROTOCOL_ERROR,
                        connect(2 | 4, NONE, properties(bytes(1, 2)), text("t"), binary(bytes()))),
                arguments(
                        "a will whose response topic has a wildcard",
                        PROTOCOL_ERROR,
                        connect(2 | 4, NONE, properties(bytes(8), text("a/+")), text("t"), binary(bytes()))),
                arguments("a will on a wildcard", TOPIC_NAME, connect(2 | 4, NONE, NONE, text("a/#"), binary(bytes()))),
                arguments("a will on no topic", TOPIC_NAME, connect(2 | 4, NONE, NONE, text(""), binary(bytes()))),
                arguments("too many properties", QUOTA, connect(2, many(300)))));
        for (String poison : POISON) {
            byte[] bad = binary(HexFormat.of().parseHex(poison));
            all.add(arguments("client id " + poison, MALFORMED, packet(0x10, head(5, 2), NONE, bad)));
            all.add(arguments("user " + poison, MALFORMED, connect(2 | 0x80, NONE, bad)));
            all.add(arguments("will topic " + poison, MALFORMED, connect(2 | 4, NONE, NONE, bad, binary(bytes()))));
            all.add(arguments("user property " + poison, MALFORMED, connect(2, join(bytes(0x26), text("k"), bad))));
            all.add(arguments(
                    "will response topic " + poison,
                    MALFORMED,
                    connect(2 | 4, NONE, properties(bytes(8), bad), text("t"), binary(bytes()))));
        }
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void endsTheConnection(String what, int reason, byte[] bad) throws Exception {
        try (Wire wire = Wire.connected(BROKER.port(), "bad-" + UUID.randomUUID(), true)) {
            wire.send(bad);
            assertThat(wire.end()).isEqualTo(reason);
        }
    }

    static List<Arguments> endsTheConnection() {
        List<Arguments> all = new ArrayList<>(List.of(
                arguments("CONNECT twice", PROTOCOL_ERROR, connect(2, NONE)),
                arguments("AUTH", PROTOCOL_ERROR, packet(0xF0)),
                arguments("type 0", MALFORMED, packet(0x00)),
                arguments("CONNACK", PROTOCOL_ERROR, packet(0x20, bytes(0, 0, 0))),
                arguments("SUBACK", PROTOCOL_ERROR, packet(0x90, bytes(0, 1, 0, 0))),
                arguments("PINGRESP", PROTOCOL_ERROR, packet(0xD0)),
                arguments("PUBREC, though nothing was sent at QoS 2", PROTOCOL_ERROR, packet(0x50, bytes(0, 1))),
                arguments("PUBCOMP, though nothing was sent at QoS 2", PROTOCOL_ERROR, packet(0x70, bytes(0, 1))),
                arguments("a length of five bytes", MALFORMED, bytes(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1)),
                arguments("a length in more bytes than it needs", MALFORMED, bytes(0xC0, 0x80, 0)),
                arguments("a packet that is too large", TOO_LARGE, publish("t", 0, NONE, new byte[300_000])),
                arguments("PINGREQ with a body", MALFORMED, packet(0xC0, bytes(0))),
                arguments("PINGREQ with flags", MALFORMED, packet(0xC1)),
                arguments("PUBACK with flags", MALFORMED, packet(0x42, bytes(0, 1))),
                arguments("PUBACK of packet 0", PROTOCOL_ERROR, packet(0x40, bytes(0, 0))),
                arguments("PUBACK without a packet id", MALFORMED, packet(0x40, bytes(0))),
                arguments("PUBACK with an unknown reason", PROTOCOL_ERROR, packet(0x40, bytes(0, 1, 0x42))),
                arguments("PUBACK with a property of PUBLISH", MALFORMED, packet(0x40, bytes(0, 1, 0, 2, 1, 0))),
                arguments("PUBREL without its flag", MALFORMED, packet(0x60, bytes(0, 1))),
                arguments("PUBREL of packet 0", PROTOCOL_ERROR, packet(0x62, bytes(0, 0))),
                arguments("PUBLISH of QoS 3", MALFORMED, packet(0x36, text("t"), bytes(0, 1), NONE)),
                arguments("PUBLISH of QoS 0 again", MALFORMED, packet(0x38, text("t"), NONE)),
                arguments("PUBLISH of packet 0", PROTOCOL_ERROR, packet(0x32, text("t"), bytes(0, 0), NONE)),
                arguments("PUBLISH on +", TOPIC_NAME, publish("a/+/b", 0, NONE, bytes())),
                arguments("PUBLISH on #", TOPIC_NAME, publish("a/#", 1, NONE, bytes())),
                arguments("PUBLISH on nothing", PROTOCOL_ERROR, publish("", 0, NONE, bytes())),
                arguments("PUBLISH that is cut", MALFORMED, packet(0x30, bytes(0, 5, 'a'))),
                arguments("topic alias 0", TOPIC_ALIAS, publish("t", 0, properties(bytes(0x23, 0, 0)), bytes())),
                arguments(
                        "topic alias above the maximum",
                        TOPIC_ALIAS,
                        publish("t", 0, properties(bytes(0x23, 0, 1)), bytes())),
                arguments(
                        "an unknown topic alias alone",
                        TOPIC_ALIAS,
                        publish("", 0, properties(bytes(0x23, 0, 1)), bytes())),
                arguments(
                        "a subscription id in PUBLISH",
                        PROTOCOL_ERROR,
                        publish("t", 0, properties(bytes(0x0B, 1)), bytes())),
                arguments("payload format 2", PROTOCOL_ERROR, publish("t", 0, properties(bytes(1, 2)), bytes())),
                arguments(
                        "a content type twice",
                        PROTOCOL_ERROR,
                        publish("t", 0, properties(bytes(3), text("a"), bytes(3), text("a")), bytes())),
                arguments(
                        "a property of CONNECT in PUBLISH",
                        MALFORMED,
                        publish("t", 0, properties(bytes(0x21, 0, 1)), bytes())),
                arguments(
                        "a response topic with +",
                        PROTOCOL_ERROR,
                        publish("t", 0, properties(bytes(8), text("+")), bytes())),
                arguments(
                        "a response topic with #",
                        PROTOCOL_ERROR,
                        publish("t", 0, properties(bytes(8), text("a/#")), bytes())),
                arguments(
                        "an empty response topic",
                        PROTOCOL_ERROR,
                        publish("t", 0, properties(bytes(8), text("")), bytes())),
                arguments("SUBSCRIBE to nothing", PROTOCOL_ERROR, packet(0x82, bytes(0, 1), NONE)),
                arguments(
                        "SUBSCRIBE without its flag", MALFORMED, packet(0x80, bytes(0, 1), NONE, text("t"), bytes(0))),
                arguments("SUBSCRIBE of packet 0", PROTOCOL_ERROR, subscribe(0, "t", 0)),
                arguments("SUBSCRIBE without options", MALFORMED, packet(0x82, bytes(0, 1), NONE, text("t"))),
                arguments("SUBSCRIBE at QoS 3", PROTOCOL_ERROR, subscribe(1, "t", 3)),
                arguments("retain handling 3", PROTOCOL_ERROR, subscribe(1, "t", 0x30)),
                arguments("the first reserved option", MALFORMED, subscribe(1, "t", 0x40)),
                arguments("the second reserved option", MALFORMED, subscribe(1, "t", 0x80)),
                arguments(
                        "subscription id 0",
                        PROTOCOL_ERROR,
                        packet(0x82, bytes(0, 1), properties(bytes(0x0B, 0)), text("t"), bytes(0))),
                arguments(
                        "a subscription id twice",
                        PROTOCOL_ERROR,
                        packet(0x82, bytes(0, 1), properties(bytes(0x0B, 1, 0x0B, 2)), text("t"), bytes(0))),
                arguments(
                        "a property of PUBLISH in SUBSCRIBE",
                        MALFORMED,
                        packet(0x82, bytes(0, 1), properties(bytes(1, 0)), text("t"), bytes(0))),
                arguments("an empty filter", MALFORMED, subscribe(1, "", 0)),
                arguments("# in the middle", MALFORMED, subscribe(1, "a/#/b", 0)),
                arguments("# within a level", MALFORMED, subscribe(1, "a#", 0)),
                arguments("+ within a level", MALFORMED, subscribe(1, "a/b+", 0)),
                arguments("+ before a level", MALFORMED, subscribe(1, "+b", 0)),
                arguments("a shared subscription", SHARED, subscribe(1, "$share/g/t", 0)),
                arguments("a shared subscription without group", MALFORMED, subscribe(1, "$share//t", 0)),
                arguments("a shared subscription without filter", MALFORMED, subscribe(1, "$share/g", 0)),
                arguments("a shared subscription with an empty filter", MALFORMED, subscribe(1, "$share/g/", 0)),
                arguments("a shared subscription of +", MALFORMED, subscribe(1, "$share/+/t", 0)),
                arguments("a shared subscription that is not local", PROTOCOL_ERROR, subscribe(1, "$share/g/t", 4)),
                arguments(
                        "more filters than a client may have", QUOTA, packet(0x82, bytes(0, 1), NONE, filters(101, 0))),
                arguments("UNSUBSCRIBE from nothing", PROTOCOL_ERROR, packet(0xA2, bytes(0, 1), NONE)),
                arguments("UNSUBSCRIBE of packet 0", PROTOCOL_ERROR, packet(0xA2, bytes(0, 0), NONE, text("t"))),
                arguments("UNSUBSCRIBE without its flag", MALFORMED, packet(0xA0, bytes(0, 1), NONE, text("t"))),
                arguments("UNSUBSCRIBE from an empty filter", MALFORMED, packet(0xA2, bytes(0, 1), NONE, text(""))),
                arguments("DISCONNECT with flags", MALFORMED, packet(0xE1)),
                arguments("DISCONNECT with an unknown reason", PROTOCOL_ERROR, packet(0xE0, bytes(0x42))),
                arguments(
                        "DISCONNECT with a property twice",
                        PROTOCOL_ERROR,
                        packet(0xE0, bytes(0), properties(bytes(0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 1)))),
                arguments(
                        "DISCONNECT with a property of PUBLISH",
                        MALFORMED,
                        packet(0xE0, bytes(0), properties(bytes(1, 0)))),
                arguments("too many user properties", QUOTA, publish("t", 0, properties(many(300)), bytes()))));
        for (String poison : POISON) {
            byte[] bad = binary(HexFormat.of().parseHex(poison));
            all.add(arguments("topic " + poison, MALFORMED, packet(0x30, bad, NONE)));
            all.add(arguments("retained topic " + poison, MALFORMED, packet(0x31, bad, NONE, bytes('x'))));
            all.add(arguments(
                    "response topic " + poison, MALFORMED, publish("t", 0, properties(bytes(8), bad), bytes())));
            all.add(arguments(
                    "content type " + poison, MALFORMED, publish("t", 0, properties(bytes(3), bad), bytes())));
            all.add(arguments(
                    "key " + poison, MALFORMED, publish("t", 0, properties(bytes(0x26), bad, text("v")), bytes())));
            all.add(arguments(
                    "value " + poison, MALFORMED, publish("t", 0, properties(bytes(0x26), text("k"), bad), bytes())));
            all.add(arguments("filter " + poison, MALFORMED, packet(0x82, bytes(0, 1), NONE, bad, bytes(0))));
            all.add(arguments("filter to leave " + poison, MALFORMED, packet(0xA2, bytes(0, 1), NONE, bad)));
            all.add(arguments("reason " + poison, MALFORMED, packet(0xE0, bytes(0), properties(bytes(0x1F), bad))));
        }
        return all;
    }

    /** MQTT 5.0, 1.5.4: NUL, control characters, surrogates, non-characters, and what is no UTF-8. */
    private static final List<String> POISON = List.of(
            "00",
            "6100",
            "01",
            "1f",
            "7f",
            "c280",
            "c29b",
            "c29f",
            "eda080",
            "edbfbf",
            "efb790",
            "efbfbe",
            "efbfbf",
            "f09fbfbe",
            "f48fbfbf",
            "80",
            "c0af",
            "c1bf",
            "e08080",
            "f08080af",
            "f4908080",
            "f5808080",
            "ff",
            "c3",
            "e282",
            "f09f98");

    @ParameterizedTest
    @ValueSource(strings = {"Küche", "寝室", "😀", "\uFEFF", "\u2028", "a b", "\uE000"})
    void passesEveryOtherCharacterOn(String topic) throws Exception {
        try (Wire wire = Wire.connected(BROKER.port(), "good-" + UUID.randomUUID(), true)) {
            wire.send(subscribe(1, topic, 1));
            wire.expect(9);
            wire.send(publish(topic, 1, NONE, bytes('x')));
            assertThat(wire.expect(3).body()).startsWith(text(topic));
        }
    }

    @Test
    void refusesInWordsThatTheClientHas() throws Exception {
        try (Wire wire = new Wire(BROKER.port())) {
            wire.send(connect(2, bytes(0x21, 0, 0)));
            assertThat(wire.read().body()).containsExactly(0, PROTOCOL_ERROR, 0);
        }
        try (Wire wire = new Wire(BROKER.port())) {
            wire.send(packet(0x10, head(4, 0), text("")));
            assertThat(wire.read().body()).containsExactly(0, 2);
        }
    }

    @Test
    void allowsNoExpiryAtTheEndThatWasNotWantedAtFirst() throws Exception {
        try (Wire wire = new Wire(BROKER.port())) {
            wire.send(Wire.connect("none-at-first", 2, NONE, bytes()));
            wire.expect(2);
            wire.send(packet(0xE0, bytes(0), properties(bytes(0x11, 0, 0, 0, 1))));
            assertThat(wire.end()).isEqualTo(PROTOCOL_ERROR);
        }
    }

    @Test
    void passesNoPropertiesOnThatDeafenOtherClients() throws Exception {
        try (Wire wire = Wire.connected(BROKER.port(), "large-properties", true)) {
            wire.send(subscribe(1, "properties", 1));
            wire.expect(9);
            wire.send(publish("properties", 7, properties(bytes(9), binary(new byte[40_000])), bytes()));
            assertThat(wire.expect(4).body()).startsWith(bytes(0, 7, 0x83));
            wire.send(publish("properties", 8, properties(bytes(9), binary(new byte[1000])), bytes('x')));
            assertThat(wire.expect(3).body()).endsWith(bytes('x'));
        }
    }

    @Test
    void endsClientsOfMqtt311Too() throws Exception {
        for (byte[] bad : List.of(
                packet(0x82, bytes(0, 1), text("t"), bytes(4)),
                packet(0x82, bytes(0, 1)),
                packet(0xE0, bytes(0)),
                packet(0x40, bytes(0, 1, 0)),
                packet(0xF0),
                packet(0x30, bytes(0, 1, 1)))) {
            try (Wire wire = new Wire(BROKER.port())) {
                wire.send(packet(0x10, head(4, 2), text("old")));
                wire.expect(2);
                wire.send(bad);
                assertThat(wire.end()).isEqualTo(SILENTLY);
            }
        }
    }

    private static byte[] head(int version, int flags) {
        return join(text("MQTT"), bytes(version, flags, 0, 60));
    }

    private static byte[] connect(int flags, byte[] properties, byte[]... rest) {
        return packet(
                0x10, head(5, flags), properties == NONE ? NONE : properties(properties), text("client"), join(rest));
    }

    private static byte[] many(int userProperties) {
        byte[][] all = new byte[userProperties][];
        Arrays.fill(all, join(bytes(0x26), text(""), text("")));
        return join(all);
    }

    private static byte[] filters(int count, int options) {
        byte[][] all = new byte[count][];
        for (int i = 0; i < count; i++) {
            all[i] = join(text("f" + i), bytes(options));
        }
        return join(all);
    }
}
