// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;

import static org.assertj.core.api.Assertions.assertThat;

/** A client of the Wyoming protocol, byte for byte. */
public final class WyomingClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket = new Socket();
    private final DataInputStream in;

    /** What the server has sent. */
    public record Heard(String type, JsonNode data, byte[] payload) {

        public String text() {
            return data.path("text").asText();
        }
    }

    public WyomingClient(int port) throws IOException {
        this(port, 0);
    }

    /** @param buffer bytes that the system keeps unread; 0 for as many as it likes */
    public WyomingClient(int port, int buffer) throws IOException {
        if (buffer > 0) {
            socket.setReceiveBufferSize(buffer);
        }
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        in = new DataInputStream(socket.getInputStream());
    }

    public WyomingClient send(String type) throws IOException {
        return send(type, "{}");
    }

    public WyomingClient send(String type, String data, byte... payload) throws IOException {
        byte[] content = data.getBytes(StandardCharsets.UTF_8);
        return raw("{\"type\": \"%s\", \"version\": \"1.6.0\", \"data_length\": %d, \"payload_length\": %d}\n"
                        .formatted(type, content.length, payload.length))
                .raw(content)
                .raw(payload);
    }

    public WyomingClient raw(String text) throws IOException {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public WyomingClient raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** The next event. */
    public Heard read() throws IOException {
        Heard heard = readOrEnd();
        assertThat(heard).as("an event before the end").isNotNull();
        return heard;
    }

    /** The next event; null at the end. */
    public Heard readOrEnd() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return null;
            }
            line.append((char) next);
        }
        JsonNode header = Json.PLAIN.readTree(line.toString());
        ObjectNode data = Json.PLAIN.createObjectNode();
        byte[] content = in.readNBytes(header.path("data_length").asInt());
        if (content.length > 0) {
            data = (ObjectNode) Json.PLAIN.readTree(content);
        }
        return new Heard(
                header.path("type").asText(),
                data,
                in.readNBytes(header.path("payload_length").asInt()));
    }

    /** Whether the server has ended the connection, after what it still had to say. */
    public boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
