// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A bus that takes the handshake of a client, and then sends whatever bytes it is told to. */
final class RawBus implements AutoCloseable {

    static final int TEXT = 0x1;
    static final int CONTINUATION = 0x0;
    static final int FINAL = 0x80;

    private static final String RFC_6455 = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final ServerSocket server;
    private final BlockingQueue<Socket> clients = new LinkedBlockingQueue<>();
    private final List<String> handshakes = new CopyOnWriteArrayList<>();
    private Socket client;

    RawBus() {
        this(InetAddress.getLoopbackAddress());
    }

    RawBus(InetAddress address) {
        try {
            server = new ServerSocket(0, 50, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "raw-bus");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    /** The requests that began a connection. */
    List<String> handshakes() {
        return handshakes;
    }

    /** Waits for the next client, which is sent to from now on. */
    void awaitClient() throws Exception {
        client = clients.poll(10, TimeUnit.SECONDS);
        client.setSoTimeout(10_000);
    }

    /** Closes the connection of the client. */
    void drop() throws IOException {
        client.close();
    }

    /** Sends to a client that has connected since, if there is one. */
    void takeNewClient() {
        Socket newer = clients.poll();
        client = newer == null ? client : newer;
    }

    /** Waits for the next text of the client. */
    String awaitText() throws IOException {
        var in = new DataInputStream(client.getInputStream());
        while (true) {
            int opcode = in.readUnsignedByte() & 0x0F;
            int length = in.readUnsignedByte() & 0x7F;
            length = length == 126 ? in.readUnsignedShort() : length;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            if (opcode == TEXT) {
                return new String(payload, StandardCharsets.UTF_8);
            }
        }
    }

    void send(byte[] bytes) throws IOException {
        OutputStream out = client.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    void sendText(String text) throws IOException {
        send(frame(FINAL | TEXT, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** In fragments of so many bytes. */
    void sendInFragments(String text, int length) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; at += length) {
            int end = Math.min(bytes.length, at + length);
            int first = (at == 0 ? TEXT : CONTINUATION) | (end == bytes.length ? FINAL : 0);
            all.writeBytes(frame(first, Arrays.copyOfRange(bytes, at, end)));
        }
        send(all.toByteArray());
    }

    static byte[] frame(int first, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 10).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 65536) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (client != null) {
            client.close();
        }
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                String request = request(socket);
                handshakes.add(request);
                String key = request.lines()
                        .filter(line -> line.toLowerCase().startsWith("sec-websocket-key:"))
                        .map(line -> line.substring(line.indexOf(':') + 1).trim())
                        .findFirst()
                        .orElseThrow();
                String accept = Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-1")
                                .digest((key + RFC_6455).getBytes(StandardCharsets.US_ASCII)));
                String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n";
                byte[] head = answer.getBytes(StandardCharsets.US_ASCII);
                byte[] greeting = frame(FINAL | TEXT, "{\"type\":\"connected\"}".getBytes(StandardCharsets.US_ASCII));
                // in one segment, as a bus that greets at once does
                ByteBuffer both = ByteBuffer.allocate(head.length + greeting.length);
                socket.getOutputStream().write(both.put(head).put(greeting).array());
                clients.add(socket);
            } catch (IOException | NoSuchAlgorithmException e) {
                // the next one
            }
        }
    }

    private static String request(Socket socket) throws IOException {
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("no request");
            }
            request.append((char) next);
        }
        return request.toString();
    }
}
