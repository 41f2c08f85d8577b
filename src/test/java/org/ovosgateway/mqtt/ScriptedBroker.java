// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A broker of MQTT 5 on a plain socket, as good as its script: it answers what must be answered, and sends any bytes.
 *
 * <p>It knows one session, delivers nothing of its own accord but what is scripted, and sends back what is published on a
 * topic that was subscribed to by its full name.
 */
final class ScriptedBroker implements BeforeEachCallback, AfterEachCallback {

    static final int CONNECT = 1;
    static final int PUBLISH = 3;
    static final int SUBSCRIBE = 8;
    static final int PINGREQ = 12;
    static final int DISCONNECT = 14;

    /** A packet as it came, without its fixed header. */
    record Packet(int type, int flags, byte[] body) {

        /** Of a CONNECT. */
        boolean cleanStart() {
            return (body[7] & 2) != 0;
        }

        /** Of a CONNECT. */
        int willQos() {
            return (body[7] >> 3) & 3;
        }

        /** Of a CONNECT. */
        boolean willRetained() {
            return (body[7] & 0x20) != 0;
        }

        /** Of a PUBLISH. */
        String topic() {
            return text(0);
        }

        /** Of a PUBLISH. */
        int qos() {
            return (flags >> 1) & 3;
        }

        /** Of a PUBLISH. */
        boolean retained() {
            return (flags & 1) != 0;
        }

        /** Of a PUBLISH. */
        String payload() {
            int at = 2 + unsigned(0) + (qos() > 0 ? 2 : 0);
            int length = body[at] & 0xff;
            at += length > 127 ? 2 + (length & 0x7f) + ((body[at + 1] & 0xff) << 7) : 1 + length;
            return new String(body, at, body.length - at, StandardCharsets.UTF_8);
        }

        private int unsigned(int at) {
            return (body[at] & 0xff) << 8 | body[at + 1] & 0xff;
        }

        private String text(int at) {
            return new String(body, at + 2, unsigned(at), StandardCharsets.UTF_8);
        }

        /** Of a SUBSCRIBE: each with its options, such as {@code a/b 33}. */
        List<String> filters() {
            List<String> filters = new ArrayList<>();
            int at = 3 + (body[2] & 0xff);
            while (at < body.length) {
                String name = text(at);
                at += 2 + unsigned(at);
                filters.add(name + " " + body[at++]);
            }
            return filters;
        }
    }

    private final List<Packet> packets = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<byte[]> session = new CopyOnWriteArrayList<>();
    private final Set<String> unanswered = ConcurrentHashMap.newKeySet();
    private final Set<String> tooLarge = ConcurrentHashMap.newKeySet();
    private volatile byte[] kept;
    private volatile byte[] terms = {};
    private volatile int reason;
    private volatile byte[] reasonProperties = {};
    private volatile boolean acknowledges = true;
    private volatile boolean mute;
    private ServerSocket server;

    int port() {
        return server.getLocalPort();
    }

    /** Properties of CONNACK, as they are on the wire. */
    ScriptedBroker terms(int... properties) {
        terms = bytes(properties);
        return this;
    }

    /** Refuses connections from now on; 0: takes them. */
    ScriptedBroker refuses(int code, int... properties) {
        reason = code;
        reasonProperties = bytes(properties);
        return this;
    }

    /** What waits in the session: it is sent at each connection that resumes it. */
    ScriptedBroker session(byte[] packet) {
        session.add(packet);
        return this;
    }

    /** What is retained: it is sent at each subscription that asks for it. */
    ScriptedBroker keeps(byte[] packet) {
        kept = packet;
        return this;
    }

    /** Ends the connection instead of acknowledging what is published on this topic, once. */
    ScriptedBroker breaksAt(String topic) {
        unanswered.add(topic);
        return this;
    }

    /** Refuses what is published on this topic as Mosquitto does what is larger than its message_size_limit. */
    ScriptedBroker findsTooLarge(String topic) {
        tooLarge.add(topic);
        return this;
    }

    /** Whether what is published is acknowledged. */
    ScriptedBroker acknowledges(boolean does) {
        acknowledges = does;
        return this;
    }

    /** Whether it reads and writes nothing any more on the connections that it has. */
    ScriptedBroker mute(boolean is) {
        mute = is;
        return this;
    }

    /** All that came, in order. */
    List<Packet> packets(int type) {
        return packets.stream().filter(packet -> packet.type() == type).toList();
    }

    List<Packet> published(String topic) {
        return packets(PUBLISH).stream()
                .filter(packet -> packet.topic().equals(topic))
                .toList();
    }

    void forget() {
        packets.clear();
    }

    /** Sends these bytes on all connections, as far as the other side reads them. */
    void send(byte[] bytes) {
        for (Socket socket : sockets) {
            try {
                write(socket, bytes);
            } catch (IOException ended) {
                // before it had read all of it
            }
        }
    }

    void close(Predicate<Socket> which) throws IOException {
        for (Socket socket : sockets) {
            if (which.test(socket)) {
                socket.close();
            }
        }
    }

    /** A PUBLISH at QoS 0 or 1, with properties as they are on the wire. */
    static byte[] publish(int flags, byte[] topic, byte[] properties, byte[] payload) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(topic.length >> 8);
        body.write(topic.length);
        body.writeBytes(topic);
        if ((flags & 6) != 0) {
            body.write(0);
            body.write(7);
        }
        body.writeBytes(length(properties.length));
        body.writeBytes(properties);
        body.writeBytes(payload);
        return packet(PUBLISH << 4 | flags, body.toByteArray());
    }

    static byte[] packet(int header, byte[] body) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(header);
        packet.writeBytes(length(body.length));
        packet.writeBytes(body);
        return packet.toByteArray();
    }

    /** A variable byte integer. */
    static byte[] length(int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int rest = length;
        do {
            bytes.write(rest > 127 ? rest & 0x7f | 0x80 : rest);
            rest >>= 7;
        } while (rest > 0);
        return bytes.toByteArray();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread accepting = new Thread(this::accept, "scripted-broker");
        accepting.setDaemon(true);
        accepting.start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        server.close();
        close(socket -> true);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread serving = new Thread(() -> serve(socket), "scripted-broker-connection");
                serving.setDaemon(true);
                serving.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            List<String> filters = new ArrayList<>();
            while (true) {
                Packet packet = read(in);
                packets.add(packet);
                if (mute && packet.type() != CONNECT) {
                    continue;
                }
                answer(socket, packet, filters);
            }
        } catch (IOException ended) {
            // by whoever
        } finally {
            sockets.remove(socket);
        }
    }

    private static Packet read(DataInputStream in) throws IOException {
        int header = in.readUnsignedByte();
        int length = 0;
        int digit;
        int shift = 0;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while (digit > 127);
        return new Packet(header >> 4, header & 0xf, in.readNBytes(length));
    }

    private void answer(Socket socket, Packet packet, List<String> filters) throws IOException {
        byte[] id = packet.type() == PUBLISH && packet.qos() > 0
                ? Arrays.copyOfRange(packet.body(), 2 + packet.unsigned(0), 4 + packet.unsigned(0))
                : packet.type() == PUBLISH || packet.body().length < 2 ? new byte[0] : Arrays.copyOf(packet.body(), 2);
        switch (packet.type()) {
            case CONNECT -> {
                boolean resumed = !packet.cleanStart() && !session.isEmpty() && reason == 0;
                byte[] properties = reason == 0 ? terms : reasonProperties;
                ByteArrayOutputStream body = new ByteArrayOutputStream();
                body.write(resumed ? 1 : 0);
                body.write(reason);
                body.writeBytes(length(properties.length));
                body.writeBytes(properties);
                write(socket, packet(0x20, body.toByteArray()));
                if (reason != 0) {
                    socket.close();
                    return;
                }
                if (packet.cleanStart()) {
                    session.clear();
                }
                sockets.add(socket);
                for (byte[] waiting : session) {
                    write(socket, waiting);
                }
            }
            case PUBLISH -> {
                if (unanswered.remove(packet.topic())) {
                    socket.close();
                    return;
                }
                if (acknowledges && packet.qos() > 0) {
                    write(socket, packet(0x40, tooLarge.contains(packet.topic()) ? bytes(id[0], id[1], 0x95) : id));
                }
                if (filters.stream().anyMatch(filter -> filter.startsWith(packet.topic() + " "))) {
                    write(
                            socket,
                            publish(
                                    0,
                                    packet.topic().getBytes(StandardCharsets.UTF_8),
                                    new byte[0],
                                    packet.payload().getBytes(StandardCharsets.UTF_8)));
                }
            }
            case SUBSCRIBE -> {
                filters.addAll(packet.filters());
                ByteArrayOutputStream body = new ByteArrayOutputStream();
                body.writeBytes(id);
                body.write(0);
                packet.filters().forEach(filter -> body.write(1));
                write(socket, packet(0x90, body.toByteArray()));
                // retain handling 2: do not send
                if (kept != null && packet.filters().stream().anyMatch(filter -> filter.endsWith(" 1"))) {
                    write(socket, kept);
                }
            }
            case 10 -> write(socket, packet(0xb0, bytes(id[0], id[1], 0, 0)));
            case PINGREQ -> write(socket, bytes(0xd0, 0));
            case DISCONNECT -> socket.close();
            default -> {
                // needs no answer
            }
        }
    }

    private static void write(Socket socket, byte[] packet) throws IOException {
        synchronized (socket) {
            socket.getOutputStream().write(packet);
        }
    }
}
