// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;

/**
 * The connection of one OVOS process to the bus: ordered, and made again whenever it is lost.
 *
 * <p>Like the Python client it throws away its link, and is gone for a while, when it meets a frame that it cannot read;
 * what it emits while it has no link is lost.
 */
final class BusLink {

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final Vertx vertx;
    private final Context context;
    private final URI bus;
    private final long backOffMillis;
    private final Consumer<Message> receiver;
    private final WebSocketClient client;
    private final Promise<Void> up = Promise.promise();

    private volatile WebSocket socket;
    private boolean closed;
    private boolean acknowledging;
    private long written;

    /** A link whose receiver is called on the context, message by message in the order of the bus. */
    BusLink(Vertx vertx, Context context, URI bus, Duration backOff, Consumer<Message> receiver) {
        this.vertx = vertx;
        this.context = context;
        this.bus = bus;
        this.backOffMillis = Math.max(1, backOff.toMillis());
        this.receiver = receiver;
        this.client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setMaxFrameSize(MessageBus.MAX_MESSAGE_BYTES)
                .setMaxMessageSize(MessageBus.MAX_MESSAGE_BYTES));
    }

    /** Connects, and goes on trying; succeeds with the first connection. */
    Future<Void> open() {
        context.runOnContext(nothing -> connect());
        return up.future();
    }

    boolean isConnected() {
        return socket != null;
    }

    /** Must be called on the context. */
    void emit(Message message) {
        if (socket != null) {
            written++;
            socket.writeTextMessage(message.frame());
        }
    }

    Future<Void> close() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(nothing -> {
            closed = true;
            up.tryFail("closed before it was connected");
            client.close().onComplete(done);
        });
        return done.future();
    }

    private void connect() {
        if (closed) {
            return;
        }
        var attempt = client.webSocket();
        attempt.textMessageHandler(frame -> received(attempt, frame));
        // every loss ends in the close handler, too
        attempt.exceptionHandler(e -> {});
        attempt.closeHandler(gone -> {
            socket = null;
            connectLater();
        });
        attempt.connect(bus.getPort(), bus.getHost(), bus.getRawPath())
                .onSuccess(connected -> {
                    socket = connected;
                    up.tryComplete();
                })
                .onFailure(e -> connectLater());
    }

    private void connectLater() {
        if (!closed) {
            vertx.setTimer(backOffMillis, timer -> connect());
        }
    }

    private void received(WebSocket from, String frame) {
        Optional<Message> message;
        try {
            message = Message.parse(frame);
        } catch (IllegalArgumentException e) {
            socket = null;
            from.textMessageHandler(ignored -> {});
            from.close();
            return;
        }
        message.ifPresent(receiver);
        acknowledge();
    }

    /**
     * Has the acknowledgement of what was received leave at once, with a pong where nothing else is sent: the bus leaves
     * Nagle's algorithm on, and would hold its next message back for some 40 ms.
     */
    private void acknowledge() {
        if (acknowledging) {
            return;
        }
        acknowledging = true;
        long before = written;
        context.runOnContext(nothing -> {
            acknowledging = false;
            if (socket != null && written == before) {
                socket.writePong(Buffer.buffer());
            }
        });
    }
}
