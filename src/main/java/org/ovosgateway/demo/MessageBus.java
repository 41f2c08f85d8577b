// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * An {@code ovos-messagebus}: relays every frame verbatim to every client, its sender included, in one order for all.
 *
 * <p>Like the original it validates nothing, keeps nothing and knows nobody; binary frames are relayed as text, and a
 * sender of more than the maximum is dropped. It can also fail on purpose, as networks and buses do: {@link #cut},
 * {@link #kill}, {@link #freeze}, {@link #resetOneIn}.
 */
public final class MessageBus {

    /** The path of the bus: {@code websocket.route} in {@code mycroft.conf}. */
    public static final String PATH = "/core";

    /** What {@code mycroft.conf} ships as {@code websocket.max_msg_size}: 25 MB, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 25 * 1024 * 1024;

    // with the blanks of Python
    private static final String CONNECTED =
            "{\"type\": \"connected\", \"data\": {}, \"context\": {\"session\": {\"session_id\": \"default\"}}}";

    private final Vertx vertx;
    private final int maxMessageBytes;
    // all that follows is touched on one event loop: this is what makes one order for all
    private final Context loop;
    private final Set<Channel> channels = new LinkedHashSet<>();
    private final Set<ServerWebSocket> clients = new LinkedHashSet<>();
    private final List<Consumer<String>> taps = new CopyOnWriteArrayList<>();
    private final Random dice = new Random(42);

    private HttpServer server;
    private String host;
    private volatile int port;
    private volatile int clientCount;
    private boolean frozen;
    private int resetOneIn;

    private MessageBus(Vertx vertx, int maxMessageBytes) {
        this.vertx = vertx;
        this.maxMessageBytes = maxMessageBytes;
        this.loop = vertx.getOrCreateContext();
    }

    /** A bus that takes clients once the future succeeds; port 0 picks a free one. */
    public static Future<MessageBus> listen(Vertx vertx, String host, int port) {
        return listen(vertx, host, port, MAX_MESSAGE_BYTES);
    }

    /** The same with another limit, in bytes, over which the sender of a message is dropped. */
    public static Future<MessageBus> listen(Vertx vertx, String host, int port, int maxMessageBytes) {
        MessageBus bus = new MessageBus(vertx, maxMessageBytes);
        bus.host = host;
        bus.port = port;
        return bus.restart().map(bus);
    }

    /** The port it listens on, the same after a {@link #restart}. */
    public int port() {
        return port;
    }

    /** Where clients connect to. */
    public URI uri() {
        return URI.create("ws://" + host + ":" + port + PATH);
    }

    /** How many clients are connected. */
    public int clients() {
        return clientCount;
    }

    /** Shows each frame that a client sent, before it is relayed; called on the event loop of the bus. */
    public void tap(Consumer<String> observer) {
        taps.add(observer);
    }

    /** Sends a frame, whatever it holds, to every client, as if one more client had sent it. */
    public Future<Void> send(String frame) {
        return onLoop(() -> {
            relay(frame);
            return Future.succeededFuture();
        });
    }

    /** Listens again on the same port, after {@link #kill} or {@link #close}. */
    public Future<Void> restart() {
        return onLoop(() -> {
            if (server != null) {
                return Future.failedFuture(new IllegalStateException("the bus listens already"));
            }
            frozen = false;
            server = vertx.createHttpServer(new HttpServerOptions()
                            .setMaxWebSocketFrameSize(maxMessageBytes)
                            .setMaxWebSocketMessageSize(maxMessageBytes)
                            .setPerFrameWebSocketCompressionSupported(false)
                            .setPerMessageWebSocketCompressionSupported(false))
                    .connectionHandler(this::accept)
                    .webSocketHandler(this::welcome);
            return server.listen(port, host)
                    .onSuccess(listening -> port = listening.actualPort())
                    .onFailure(e -> server = null)
                    .mapEmpty();
        });
    }

    /** Resets every connection (RST, no close frame); clients may come back at once. */
    public Future<Void> cut() {
        return onLoop(() -> {
            List.copyOf(channels).forEach(MessageBus::reset);
            return Future.succeededFuture();
        });
    }

    /** Dies: resets every connection and takes no more. */
    public Future<Void> kill() {
        return onLoop(() -> {
            List.copyOf(channels).forEach(MessageBus::reset);
            return stop();
        });
    }

    /** Closes every connection in the regular way and takes no more. */
    public Future<Void> close() {
        return onLoop(this::stop);
    }

    /**
     * Goes half-open, as a machine that lost its power: connections stay, new ones are taken by the kernel, but nothing
     * is read, relayed or answered, not even a ping.
     */
    public Future<Void> freeze() {
        return onLoop(() -> {
            frozen = true;
            channels.forEach(channel -> channel.config().setAutoRead(false));
            return Future.succeededFuture();
        });
    }

    /** Ends {@link #freeze}: what was sent meanwhile is read now. */
    public Future<Void> thaw() {
        return onLoop(() -> {
            frozen = false;
            channels.forEach(channel -> channel.config().setAutoRead(true));
            return Future.succeededFuture();
        });
    }

    /** Resets a client picked at random once in about this many frames; 0 never. */
    public void resetOneIn(int frames) {
        loop.runOnContext(nothing -> resetOneIn = frames);
    }

    private void accept(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        channels.add(channel);
        connection.closeHandler(gone -> channels.remove(channel));
        if (frozen) {
            channel.config().setAutoRead(false);
        }
    }

    // reject is deprecated for a handshake handler, behind which a client would hear of its success before it is
    // welcome
    @SuppressWarnings("deprecation")
    private void welcome(ServerWebSocket client) {
        if (!PATH.equals(client.path())) {
            client.reject(404);
            return;
        }
        client.textMessageHandler(this::received);
        client.binaryMessageHandler(bytes -> received(bytes.toString()));
        // the only error of a living client is a message over the limit
        client.exceptionHandler(e -> client.close((short) 1009));
        client.closeHandler(gone -> {
            clients.remove(client);
            clientCount = clients.size();
        });
        client.writeTextMessage(CONNECTED);
        clients.add(client);
        clientCount = clients.size();
    }

    private void received(String frame) {
        taps.forEach(tap -> tap.accept(frame));
        if (resetOneIn > 0 && dice.nextInt(resetOneIn) == 0) {
            List<Channel> all = List.copyOf(channels);
            reset(all.get(dice.nextInt(all.size())));
        }
        relay(frame);
    }

    private void relay(String frame) {
        if (!frozen) {
            clients.forEach(client -> client.writeTextMessage(frame));
        }
    }

    private Future<Void> stop() {
        if (server == null) {
            return Future.succeededFuture();
        }
        HttpServer stopping = server;
        server = null;
        return stopping.close();
    }

    private static void reset(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // past the pipeline, which would say goodbye
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    private <T> Future<T> onLoop(Callable<Future<T>> task) {
        Promise<T> promise = Promise.promise();
        loop.runOnContext(nothing -> {
            try {
                task.call().onComplete(promise);
            } catch (Exception e) {
                promise.fail(e);
            }
        });
        return promise.future();
    }
}
