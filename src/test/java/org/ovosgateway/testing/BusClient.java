// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import org.awaitility.Awaitility;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.MessageBus;

/** A bare client of a bus for a test: sends what it is told, keeps what it gets, and does not reconnect. */
public final class BusClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final List<Message> messages = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger pongs = new AtomicInteger();
    private final WebSocket socket;
    private volatile boolean lost;

    public BusClient(Vertx vertx, URI bus) throws Exception {
        this(vertx, bus, 2 * MessageBus.MAX_MESSAGE_BYTES);
    }

    /** A client that sends longer messages in frames of at most so many bytes. */
    public BusClient(Vertx vertx, URI bus, int maxFrameBytes) throws Exception {
        var connecting = vertx.createWebSocketClient(new WebSocketClientOptions()
                        .setMaxFrameSize(maxFrameBytes)
                        .setMaxMessageSize(2 * MessageBus.MAX_MESSAGE_BYTES))
                .webSocket();
        connecting.textMessageHandler(frame -> {
            received.add(frame);
            readable(frame).ifPresent(messages::add);
        });
        connecting.binaryMessageHandler(bytes -> received.add("binary"));
        connecting.pongHandler(pong -> pongs.incrementAndGet());
        connecting.exceptionHandler(e -> lost = true);
        connecting.closeHandler(closed -> lost = true);
        // off its event loop a socket may lose what arrives right behind the handshake (Vert.x 4.5.22)
        Promise<WebSocket> connected = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(nothing -> connecting
                        .connect(bus.getPort(), bus.getHost(), bus.getPath())
                        .onComplete(connected));
        socket = connected
                .future()
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    public void send(Message message) {
        send(message.frame());
    }

    public void send(String frame) {
        socket.writeTextMessage(frame);
    }

    public void sendBinary(String frame) {
        socket.writeBinaryMessage(Buffer.buffer(frame));
    }

    public void ping() {
        socket.writePing(Buffer.buffer("still there?"));
    }

    public int pongs() {
        return pongs.get();
    }

    public boolean isLost() {
        return lost;
    }

    /** All that was received, in order. */
    public List<String> received() {
        return List.copyOf(received);
    }

    /** The messages received of a type. */
    public List<Message> received(String type) {
        return List.copyOf(messages).stream()
                .filter(message -> message.type().equals(type))
                .toList();
    }

    /** Waits for at least so many messages of a type. */
    public List<Message> await(String type, int number) {
        return Awaitility.await("messages of type " + type)
                .atMost(PATIENCE)
                .until(() -> received(type), found -> found.size() >= number);
    }

    /** Waits for the first message of a type. */
    public Message await(String type) {
        return await(type, 1).get(0);
    }

    private static Optional<Message> readable(String frame) {
        try {
            return Message.parse(frame);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
