// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bare client on a bus at a loopback port, with nothing of the gateway in it: sends text, keeps what arrives. */
public final class BusProbe implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final WebSocket socket;

    private BusProbe(int port) throws IOException {
        socket = await(
                CLIENT.newWebSocketBuilder()
                        .connectTimeout(LIMIT)
                        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/core"), new Receiver()),
                "connect");
    }

    /** Connects to {@code ws://127.0.0.1:<port>/core} within 5 s. */
    public static BusProbe connect(int port) throws IOException {
        return new BusProbe(port);
    }

    /** Sends one text frame, as it is. */
    public void send(String frame) throws IOException {
        await(socket.sendText(frame, true), "send");
    }

    /** The oldest frame not yet taken; waits up to 30 s for one. */
    public String next() throws IOException {
        return next(LIMIT);
    }

    /** The same with another limit, for a bus that should stay silent. */
    public String next(Duration limit) throws IOException {
        try {
            String frame = received.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (frame == null) {
                throw new IOException("nothing arrived within " + limit);
            }
            return frame;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** How many frames have arrived and are not yet taken. */
    public int waiting() {
        return received.size();
    }

    /** True once the other side closed or dropped the connection. */
    public boolean closed() {
        return closed.isDone();
    }

    @Override
    public void close() {
        // a clean close: a client that vanishes can cost another client of this bus its connection
        try {
            await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""), "close");
            closed.get(1, TimeUnit.SECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            socket.abort();
        } catch (InterruptedException e) {
            socket.abort();
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T await(CompletableFuture<T> step, String name) throws IOException {
        try {
            return step.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(name + " failed", e.getCause());
        } catch (TimeoutException e) {
            throw new ConnectException(name + " took longer than " + LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private final class Receiver implements WebSocket.Listener {

        private final StringBuilder frame = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            frame.append(data);
            if (last) {
                received.add(frame.toString());
                frame.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            closed.complete(null);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed.complete(null);
        }
    }
}
