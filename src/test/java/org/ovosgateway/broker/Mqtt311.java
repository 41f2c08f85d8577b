// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client as in a button: MQTT 3.1.1, byte by byte, QoS 0 and 1. */
final class Mqtt311 implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final DataInputStream in;
    private final int result;
    private final boolean sessionPresent;

    /** A packet that came: its first byte and the rest. */
    record Packet(int type, byte[] body) {

        /** Of a PUBLISH of QoS 0. */
        String text() {
            int topic = (body[0] & 0xFF) << 8 | body[1] & 0xFF;
            return new String(body, 2 + topic, body.length - 2 - topic, StandardCharsets.UTF_8);
        }
    }

    Mqtt311(int port, String client, String user, String password, String willTopic) throws IOException {
        this(port, client, user, password, willTopic, true);
    }

    Mqtt311(int port, String client, String user, String password, String willTopic, boolean clean) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        var body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(4);
        body.write((user == null ? 0 : 0x80)
                | (password == null ? 0 : 0x40)
                | (willTopic == null ? 0 : 0x04)
                | (clean ? 0x02 : 0));
        body.write(0);
        body.write(60);
        text(body, client);
        if (willTopic != null) {
            text(body, willTopic);
            text(body, "offline");
        }
        if (user != null) {
            text(body, user);
        }
        if (password != null) {
            text(body, password);
        }
        send(0x10, body.toByteArray());
        byte[] answer = read().body();
        sessionPresent = answer[0] == 1;
        result = answer[1];
    }

    /** 0: let in. */
    int result() {
        return result;
    }

    boolean sessionPresent() {
        return sessionPresent;
    }

    void subscribe(String filter) throws IOException {
        var body = new ByteArrayOutputStream();
        body.write(0);
        body.write(1);
        text(body, filter);
        body.write(0);
        send(0x82, body.toByteArray());
    }

    void publish(String topic, String payload) throws IOException {
        var body = new ByteArrayOutputStream();
        text(body, topic);
        body.write(payload.getBytes(StandardCharsets.UTF_8));
        send(0x30, body.toByteArray());
    }

    void send(int type, byte[] body) throws IOException {
        var packet = new ByteArrayOutputStream();
        packet.write(type);
        int length = body.length;
        do {
            packet.write(length % 128 | (length > 127 ? 0x80 : 0));
            length /= 128;
        } while (length > 0);
        packet.write(body);
        socket.getOutputStream().write(packet.toByteArray());
    }

    /** The next packet; fails with an exception at the end of the connection. */
    Packet read() throws IOException {
        int type = in.readUnsignedByte();
        int length = 0;
        int digit;
        int shift = 0;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        } while (digit > 127);
        return new Packet(type, in.readNBytes(length));
    }

    /** The connection breaks: a reset, no goodbye. */
    void drop() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        if (!socket.isClosed()) {
            send(0xE0, new byte[0]);
            socket.close();
        }
    }

    private static void text(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.write(bytes.length >> 8);
        to.write(bytes.length);
        to.writeBytes(bytes);
    }
}
