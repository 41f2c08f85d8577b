// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import io.netty.handler.codec.mqtt.MqttVersion;

/**
 * What MQTT wants of a packet from a client, and Netty's decoder does not look at: well-formed texts, known properties,
 * each once, values within their range, and nothing left over.
 *
 * <p>Source: MQTT 5.0, chapters 1.5, 2, 3 and 4.13; the numbers in brackets are its statements. Packets of MQTT 3.1 and
 * 3.1.1 have no properties and no reasons; all else is the same. One for each connection.
 */
final class Grammar {

    /** Properties that go with a packet: far more than anybody uses, and few enough for a small heap. */
    private static final int MAX_PROPERTIES = 256;

    private static final int UNSUPPORTED_VERSION = 0x84;

    private static final long CONNECT = bits(0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27);
    private static final long WILL = bits(0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26);
    private static final long PUBLISH = bits(0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26);
    private static final long SUBSCRIBE = bits(0x0B, 0x26);
    private static final long UNSUBSCRIBE = bits(0x26);
    private static final long REPLY = bits(0x1F, 0x26);
    private static final long DISCONNECT = bits(0x11, 0x1F, 0x26);

    private static final long FLAG = bits(0x01, 0x17, 0x19);
    private static final long TWO_BYTES = bits(0x21, 0x22, 0x23);
    private static final long FOUR_BYTES = bits(0x02, 0x11, 0x18, 0x27);
    private static final long BINARY = bits(0x09, 0x16);

    private static final int SUBSCRIPTION_ID = 0x0B;
    private static final int RESPONSE_TOPIC = 0x08;
    private static final int AUTHENTICATION_METHOD = 0x15;
    private static final int AUTHENTICATION_DATA = 0x16;
    private static final int RECEIVE_MAXIMUM = 0x21;
    private static final int TOPIC_ALIAS = 0x23;
    private static final int USER_PROPERTY = 0x26;
    private static final int MAXIMUM_PACKET_SIZE = 0x27;

    private static final byte[] SHARED = {'$', 's', 'h', 'a', 'r', 'e', '/'};

    private final int maxFilters;
    private boolean connected;
    private boolean five;
    private ByteBuf in;
    private int end;
    private int textStart;
    private int textEnd;

    /** @param maxFilters topic filters in one packet */
    Grammar(int maxFilters) {
        this.maxFilters = maxFilters;
    }

    /** A packet that ends its connection. */
    static final class Violation extends Exception {

        private final int reason;

        private Violation(int reason) {
            super(null, null, false, false);
            this.reason = reason;
        }

        /** As in CONNACK and DISCONNECT. */
        int reason() {
            return reason;
        }
    }

    /** Whether the client speaks MQTT 5, as far as it has said so. */
    boolean isFive() {
        return five;
    }

    /**
     * @param first the first byte of the packet
     * @param body what follows the length; it is not consumed
     */
    void check(int first, ByteBuf body) throws Violation {
        in = body.duplicate();
        end = in.writerIndex();
        int flags = first & 0x0F;
        switch (first >> 4) {
            case 1 -> {
                permit(!connected);
                connect(flags);
            }
            case 3 -> publish(flags);
            case 4, 5, 7 -> {
                require(flags == 0);
                reply();
            }
            case 6 -> {
                require(flags == 2);
                reply();
            }
            case 8 -> {
                require(flags == 2);
                subscribe();
            }
            case 10 -> {
                require(flags == 2);
                unsubscribe();
            }
            case 12 -> require(flags == 0);
            case 14 -> {
                require(flags == 0);
                disconnect();
            }
            case 15 -> {
                // nobody is let in who wants enhanced authentication
                require(five && flags == 0);
                permit(false);
            }
            case 0 -> require(false);
            // those that a server sends
            default -> permit(false);
        }
        require(left() == 0);
        in = null;
    }

    /** @param firstFlags not of the packet's own flags, but of its first byte */
    private void connect(int firstFlags) throws Violation {
        text();
        String name = in.toString(textStart, textEnd - textStart, java.nio.charset.StandardCharsets.US_ASCII);
        int level = u8();
        five = level >= MqttVersion.MQTT_5.protocolLevel();
        boolean known = name.equals("MQTT") && (level == 4 || level == 5) || name.equals("MQIsdp") && level == 3;
        if (!known) {
            five |= level < 3 || !name.equals("MQTT");
            throw new Violation(UNSUPPORTED_VERSION);
        }
        require(firstFlags == 0);
        int flags = u8();
        u16();
        boolean will = (flags & 0x04) != 0;
        int willQos = flags >> 3 & 3;
        // [MQTT-3.1.2-3], [MQTT-3.1.2-11] to [MQTT-3.1.2-15]
        require((flags & 1) == 0 && willQos < 3 && (will || (flags & 0x38) == 0));
        boolean user = (flags & 0x80) != 0;
        boolean password = (flags & 0x40) != 0;
        require(five || user || !password);
        properties(CONNECT);
        text();
        if (will) {
            properties(WILL);
            text();
            binary();
        }
        if (user) {
            text();
        }
        if (password) {
            binary();
        }
        connected = true;
    }

    private void publish(int flags) throws Violation {
        int qos = flags >> 1 & 3;
        boolean again = (flags & 8) != 0;
        // [MQTT-3.3.1-2], [MQTT-3.3.1-4]
        require(qos < 3 && (qos > 0 || !again));
        text();
        boolean unnamed = textStart == textEnd;
        // [MQTT-3.3.2-2]
        check(!hasWildcard(), Disconnect.TOPIC_NAME_INVALID);
        if (qos > 0) {
            id();
        }
        long had = properties(PUBLISH);
        // this broker has no topic aliases
        check((had & bits(TOPIC_ALIAS)) == 0, Disconnect.TOPIC_ALIAS_INVALID);
        // [MQTT-3.3.4-6], and a topic without alias has a name
        permit(!unnamed && (had & bits(SUBSCRIPTION_ID)) == 0);
        in.skipBytes(left());
    }

    private void reply() throws Violation {
        id();
        if (five && left() > 0) {
            int reason = u8();
            permit(reason == 0 || reason == 0x10 || reason >= 0x80 && reason <= 0xA2);
            if (left() > 0) {
                properties(REPLY);
            }
        }
    }

    private void subscribe() throws Violation {
        id();
        properties(SUBSCRIBE);
        // [MQTT-3.8.3-2]
        permit(left() > 0);
        for (int filters = 0; left() > 0; filters++) {
            check(filters < maxFilters, Disconnect.QUOTA_EXCEEDED);
            boolean shared = filter();
            int options = u8();
            // [MQTT-3.8.3-5]
            require((options & (five ? 0xC0 : 0xFC)) == 0);
            // [MQTT-3.8.3-4]
            permit((options & 3) < 3 && (options & 0x30) < 0x30 && !(shared && (options & 4) != 0));
            // they are not offered, MQTT 5.0, 3.2.2.3.13
            check(!(five && shared), Disconnect.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
    }

    private void unsubscribe() throws Violation {
        id();
        properties(UNSUBSCRIBE);
        // [MQTT-3.10.3-2]
        permit(left() > 0);
        for (int filters = 0; left() > 0; filters++) {
            check(filters < maxFilters, Disconnect.QUOTA_EXCEEDED);
            filter();
        }
    }

    private void disconnect() throws Violation {
        if (five && left() > 0) {
            int reason = u8();
            permit(reason == 0 || reason == 4 || reason >= 0x80 && reason <= 0xA2);
            if (left() > 0) {
                properties(DISCONNECT);
            }
        }
    }

    /** @return the properties that are there, as bits */
    private long properties(long allowed) throws Violation {
        if (!five) {
            return 0;
        }
        int length = varint();
        require(length <= left());
        int last = in.readerIndex() + length;
        int packetEnd = end;
        end = last;
        long had = 0;
        for (int count = 0; left() > 0; count++) {
            check(count < MAX_PROPERTIES, Disconnect.QUOTA_EXCEEDED);
            int id = varint();
            require(id < Long.SIZE && (allowed & bits(id)) != 0);
            permit(id == USER_PROPERTY || (had & bits(id)) == 0);
            had |= bits(id);
            property(id);
        }
        end = packetEnd;
        permit((had & bits(AUTHENTICATION_DATA)) == 0 || (had & bits(AUTHENTICATION_METHOD)) != 0);
        return had;
    }

    private void property(int id) throws Violation {
        if ((FLAG & bits(id)) != 0) {
            permit(u8() <= 1);
        } else if ((TWO_BYTES & bits(id)) != 0) {
            int value = u16();
            permit(value > 0 || id != RECEIVE_MAXIMUM);
        } else if ((FOUR_BYTES & bits(id)) != 0) {
            long value = (long) u16() << 16 | u16();
            permit(value > 0 || id != MAXIMUM_PACKET_SIZE);
        } else if ((BINARY & bits(id)) != 0) {
            binary();
        } else if (id == SUBSCRIPTION_ID) {
            permit(varint() > 0);
        } else {
            text();
            if (id == USER_PROPERTY) {
                text();
            } else if (id == RESPONSE_TOPIC) {
                // [MQTT-3.3.2-14], [MQTT-4.7.3-1]
                permit(textStart < textEnd && !hasWildcard());
            }
        }
    }

    /** [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1], [MQTT-4.8.2-2]; true if it is shared. */
    private boolean filter() throws Violation {
        text();
        int start = textStart;
        boolean shared = startsWith(SHARED);
        if (shared) {
            int name = start + SHARED.length;
            int slash = indexOf('/', name);
            require(slash > name && indexOf('+', name) - slash >= 0 && indexOf('#', name) - slash >= 0);
            start = slash + 1;
        }
        require(start < textEnd);
        for (int i = start; i < textEnd; i++) {
            int c = in.getByte(i);
            if (c == '+' || c == '#') {
                boolean begins = i == start || in.getByte(i - 1) == '/';
                boolean ends = i + 1 == textEnd || c == '+' && in.getByte(i + 1) == '/';
                require(begins && ends);
            }
        }
        return shared;
    }

    private boolean startsWith(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (textStart + i >= textEnd || in.getByte(textStart + i) != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** The end of the text if it is not there. */
    private int indexOf(char c, int from) {
        for (int i = from; i < textEnd; i++) {
            if (in.getByte(i) == c) {
                return i;
            }
        }
        return textEnd;
    }

    private boolean hasWildcard() {
        return indexOf('+', textStart) < textEnd || indexOf('#', textStart) < textEnd;
    }

    private int left() {
        return end - in.readerIndex();
    }

    private int u8() throws Violation {
        require(left() >= 1);
        return in.readUnsignedByte();
    }

    private int u16() throws Violation {
        require(left() >= 2);
        return in.readUnsignedShort();
    }

    /** [MQTT-2.2.1-3] */
    private void id() throws Violation {
        permit(u16() > 0);
    }

    /** [MQTT-1.5.5-1] */
    private int varint() throws Violation {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = u8();
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                require(digit > 0 || shift == 0);
                return value;
            }
        }
        throw new Violation(Disconnect.MALFORMED_PACKET.byteValue() & 0xFF);
    }

    private void binary() throws Violation {
        int length = u16();
        require(length <= left());
        in.skipBytes(length);
    }

    /**
     * A text that everybody can take: well-formed UTF-8 [MQTT-1.5.4-1] without NUL [MQTT-1.5.4-2], and without the control
     * and non-characters on which MQTT 5.0, 1.5.4 lets a receiver close the connection.
     */
    private void text() throws Violation {
        int length = u16();
        require(length <= left());
        textStart = in.readerIndex();
        textEnd = textStart + length;
        int i = textStart;
        while (i < textEnd) {
            int b = in.getUnsignedByte(i);
            int more = b < 0x80
                    ? 0
                    : b >= 0xC2 && b < 0xE0 ? 1 : b >= 0xE0 && b < 0xF0 ? 2 : b >= 0xF0 && b < 0xF5 ? 3 : -1;
            require(more >= 0 && i + more < textEnd);
            int c = more == 0 ? b : b & 0x3F >> more;
            for (int j = 1; j <= more; j++) {
                int next = in.getUnsignedByte(i + j);
                require((next & 0xC0) == 0x80);
                c = c << 6 | next & 0x3F;
            }
            require(isCharacter(c, more));
            i += more + 1;
        }
        in.readerIndex(textEnd);
    }

    private static boolean isCharacter(int c, int more) {
        boolean shortest = more < 2 || c >= (more == 2 ? 0x800 : 0x10000) && c <= Character.MAX_CODE_POINT;
        boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        boolean none = (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF;
        return shortest && !surrogate && !none && !Character.isISOControl(c);
    }

    /** The packet can be read, or it is malformed. */
    private static void require(boolean readable) throws Violation {
        check(readable, Disconnect.MALFORMED_PACKET);
    }

    /** The protocol allows it here. */
    private static void permit(boolean allowed) throws Violation {
        check(allowed, Disconnect.PROTOCOL_ERROR);
    }

    private static void check(boolean right, Disconnect reason) throws Violation {
        if (!right) {
            throw new Violation(reason.byteValue() & 0xFF);
        }
    }

    private static long bits(int... ids) {
        long bits = 0;
        for (int id : ids) {
            bits |= 1L << id;
        }
        return bits;
    }
}
