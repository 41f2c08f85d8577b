// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A way to a broker, by TCP or by WebSocket, which can be shut while the broker goes on. */
public final class BrokerProxy implements BeforeAllCallback, AfterAllCallback {

    private static final String HOST = "127.0.0.1";

    private final IntSupplier broker;
    private final boolean webSocket;
    private final Set<Runnable> open = ConcurrentHashMap.newKeySet();
    private final Set<ReadStream<Buffer>> passing = ConcurrentHashMap.newKeySet();
    private Vertx vertx;
    private NetClient client;
    private int port;
    private volatile boolean shut;

    private BrokerProxy(IntSupplier broker, boolean webSocket) {
        this.broker = broker;
        this.webSocket = webSocket;
    }

    /** Passes on what comes by TCP. */
    public static BrokerProxy tcp(IntSupplier brokerPort) {
        return new BrokerProxy(brokerPort, false);
    }

    /** Passes on what comes by WebSocket on the path {@code /mqtt}, as a reverse proxy in front of a broker does. */
    public static BrokerProxy webSocket(IntSupplier brokerPort) {
        return new BrokerProxy(brokerPort, true);
    }

    /** Port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** Resets all connections, and refuses new ones until {@link #open}. */
    public void shut() {
        shut = true;
        List.copyOf(open).forEach(Runnable::run);
    }

    /** Lets connections through again. */
    public void open() {
        shut = false;
    }

    /** Lets nothing through any more, on connections that stay open, as a pulled cable does, until {@link #thaw}. */
    public void freeze() {
        passing.forEach(ReadStream::pause);
    }

    /** Lets through what was held, and what comes after it. */
    public void thaw() {
        passing.forEach(ReadStream::resume);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));
        client = vertx.createNetClient();
        Future<Integer> listening = webSocket
                ? vertx.createHttpServer(new HttpServerOptions().addWebSocketSubProtocol("mqtt"))
                        .webSocketHandshakeHandler(handshake -> {
                            if (handshake.path().equals("/mqtt")) {
                                handshake.accept();
                            } else {
                                handshake.reject(404);
                            }
                        })
                        .webSocketHandler(socket -> pass(socket, socket, socket::close))
                        .listen(0, HOST)
                        .map(server -> server.actualPort())
                : vertx.createNetServer()
                        .connectHandler(socket -> pass(socket, socket, socket::close))
                        .listen(0, HOST)
                        .map(server -> server.actualPort());
        port = listening.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private void pass(ReadStream<Buffer> from, WriteStream<Buffer> back, Runnable close) {
        if (shut) {
            close.run();
            return;
        }
        from.pause();
        client.connect(broker.getAsInt(), HOST)
                .onFailure(refused -> close.run())
                .onSuccess(to -> join(from, back, to, close));
    }

    private void join(ReadStream<Buffer> from, WriteStream<Buffer> back, NetSocket to, Runnable close) {
        Runnable both = () -> {
            close.run();
            to.close();
        };
        open.add(both);
        passing.add(from);
        passing.add(to);
        to.closeHandler(closed -> {
            open.remove(both);
            passing.remove(from);
            passing.remove(to);
            close.run();
        });
        from.exceptionHandler(broken -> to.close());
        from.endHandler(ended -> to.close());
        from.handler(to::write);
        to.handler(back::write);
        from.resume();
    }
}
