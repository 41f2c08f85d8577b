// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client of MQTT 5 that sends whatever bytes it is given, and reads only when it is asked to. */
final class Wire implements AutoCloseable {

    static final byte[] NONE = {0};

    private static final int PATIENCE_MILLIS = 20_000;
    private static final int RECEIVE_BUFFER = 4096;

    private final Socket socket;
    private final DataInputStream in;

    /** A packet that came: its first byte and the rest. */
    record Packet(int first, byte[] body) {

        int type() {
            return first >> 4;
        }

        /** Packet id of a PUBLISH of QoS 1. */
        int id() {
            int topic = u16(0);
            return u16(2 + topic);
        }

        /** Payload of a PUBLISH of QoS 1 without properties. */
        byte[] payload() {
            int start = 2 + u16(0) + 2 + 1;
            return Arrays.copyOfRange(body, start, body.length);
        }

        private int u16(int at) {
            return (body[at] & 0xFF) << 8 | body[at + 1] & 0xFF;
        }
    }

    Wire(int port) throws IOException {
        socket = new Socket();
        // little fits on the way to a client that does not read
        socket.setReceiveBufferSize(RECEIVE_BUFFER);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects a client; its session stays for as long as the broker keeps one. */
    static Wire connected(int port, String client, boolean clean) throws IOException {
        Wire wire = new Wire(port);
        wire.send(connect(client, clean ? 2 : 0, bytes(5, 0x11, 0, 0, 1, 0), bytes()));
        wire.expect(2);
        return wire;
    }

    /** A CONNECT of MQTT 5 with a keep-alive of a minute. */
    static byte[] connect(String client, int flags, byte[] properties, byte[] afterClient) {
        return packet(0x10, text("MQTT"), bytes(5, flags, 0, 60), properties, text(client), afterClient);
    }

    static byte[] publish(String topic, int id, byte[] properties, byte[] payload) {
        return id == 0
                ? packet(0x30, text(topic), properties, payload)
                : packet(0x32, text(topic), bytes(id >> 8, id), properties, payload);
    }

    static byte[] subscribe(int id, String filter, int options) {
        return packet(0x82, bytes(id >> 8, id), NONE, text(filter), bytes(options));
    }

    static byte[] puback(int id) {
        return packet(0x40, bytes(id >> 8, id));
    }

    static byte[] packet(int first, byte[]... parts) {
        byte[] body = join(parts);
        return join(bytes(first), varint(body.length), body);
    }

    static byte[] varint(int number) {
        var out = new ByteArrayOutputStream();
        int left = number;
        do {
            out.write(left % 128 | (left > 127 ? 0x80 : 0));
            left /= 128;
        } while (left > 0);
        return out.toByteArray();
    }

    /** Properties with the length in front of them. */
    static byte[] properties(byte[]... all) {
        byte[] joined = join(all);
        return join(varint(joined.length), joined);
    }

    static byte[] text(String text) {
        return binary(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] binary(byte[] content) {
        return join(bytes(content.length >> 8, content.length), content);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    void send(byte[]... packets) throws IOException {
        socket.getOutputStream().write(join(packets));
    }

    /** The next packet; fails with an exception at the end of the connection. */
    Packet read() throws IOException {
        int first = in.readUnsignedByte();
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        } while (digit > 127);
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException();
        }
        return new Packet(first, body);
    }

    /** Skips what comes before a packet of this type. */
    Packet expect(int type) throws IOException {
        Packet packet = read();
        while (packet.type() != type) {
            packet = read();
        }
        return packet;
    }

    /** Waits for the end of the connection: the reason in its DISCONNECT, or the refusing CONNACK; -1 without one. */
    int end() throws IOException {
        int reason = -1;
        try {
            while (true) {
                Packet packet = read();
                if (packet.type() == 14) {
                    reason = packet.body().length == 0 ? 0 : packet.body()[0] & 0xFF;
                } else if (packet.type() == 2 && packet.body()[1] != 0) {
                    reason = packet.body()[1] & 0xFF;
                }
            }
        } catch (EOFException | SocketException ended) {
            return reason;
        }
    }

    /** The connection breaks: a reset, no goodbye. */
    void drop() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
