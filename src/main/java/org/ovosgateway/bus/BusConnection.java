// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one WebSocket to the bus of one device: opens it, keeps it open, opens it again.
 *
 * <p>All of it happens on one Vert.x context, so nothing here is synchronised, and frames are heard in bus order.
 */
final class BusConnection {

    /** What the owner of the connection is told, on its context. */
    interface Listener {
        void connected();

        void disconnected();

        void frame(byte[] frame);
    }

    /** The bus itself takes messages up to 25 MB; a smaller limit here would cut us off for a message between others. */
    private static final int MAX_FRAME = 26 * 1024 * 1024;

    /** What Netty writes around the reason that Linux gives: the system call, and the address, which we say anyway. */
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: |: [^\\s/]*/\\S+:\\d+$");

    private static final Logger LOG = LoggerFactory.getLogger(BusConnection.class);

    private final Vertx vertx;
    private final Context context;
    private final String device;
    private final DevicesProperties.Bus bus;
    private final Listener listener;
    private final WebSocketClient client;

    private WebSocket socket;
    private Buffer partial;
    private boolean stopped;
    private boolean saidUnreachable;
    private boolean pinged;
    private boolean heard;
    private boolean ackPending;
    private long written;
    private int attempt;
    private long pingTimer = -1;

    // read by health checks from other threads
    private volatile boolean up;
    private volatile Instant since = Instant.now();
    private volatile String lastError = "not tried yet";

    BusConnection(Vertx vertx, Context context, String device, DevicesProperties.Bus bus, Listener listener) {
        this.vertx = vertx;
        this.context = context;
        this.device = device;
        this.bus = bus;
        this.listener = listener;
        // Vert.x 4.5 does not cancel its handshake timer when that is timer 0, and closes a good socket (vert.x#5578)
        vertx.cancelTimer(vertx.setTimer(1, nothing -> {}));
        this.client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setConnectTimeout((int) bus.connectTimeout().toMillis())
                .setMaxFrameSize(MAX_FRAME)
                .setMaxMessageSize(MAX_FRAME)
                .setClosingTimeout(2));
    }

    void start() {
        context.runOnContext(nothing -> connect());
    }

    void stop() {
        context.runOnContext(nothing -> {
            stopped = true;
            if (socket != null) {
                socket.close();
            }
            client.close();
        });
    }

    boolean isUp() {
        return up;
    }

    /** When the present state, up or down, began. */
    Instant since() {
        return since;
    }

    /** Why the bus can't be reached; has a meaning only while it can't. */
    String lastError() {
        return lastError;
    }

    /** Writes a frame; on the context only, and only while connected. */
    void write(String frame) {
        written++;
        socket.writeTextMessage(frame);
    }

    boolean isFull() {
        return socket.writeQueueFull();
    }

    /**
     * Makes the acknowledgement of what was just received leave at once, unless something else is sent in this turn.
     *
     * <p>The bus leaves Nagle's algorithm on: its second small frame waits for our delayed ACK, about 40 ms. Any data
     * carries the ACK, and an unsolicited pong (RFC 6455, 5.5.3) is data that nobody has to answer.
     */
    void acknowledgeSoon() {
        if (ackPending) {
            return;
        }
        ackPending = true;
        long before = written;
        WebSocket current = socket;
        context.runOnContext(nothing -> {
            ackPending = false;
            if (written == before && socket == current && socket != null) {
                socket.writePong(Buffer.buffer());
            }
        });
    }

    /** Gives the link up when it looks dead; a new one is made. */
    void drop(String reason) {
        if (socket != null) {
            WebSocket dead = socket;
            lost(dead, reason);
            dead.close();
        }
    }

    private void connect() {
        if (stopped) {
            return;
        }
        var options = new WebSocketConnectOptions()
                .setHost(bus.host())
                .setPort(bus.port())
                .setURI(bus.path())
                .setSsl(bus.tls())
                .setTimeout(bus.connectTimeout().toMillis());
        client.connect(options).onSuccess(this::opened).onFailure(this::failed);
    }

    private void opened(WebSocket opened) {
        if (stopped) {
            opened.close();
            return;
        }
        socket = opened;
        partial = null;
        heard = true;
        pinged = false;
        attempt = 0;
        saidUnreachable = false;
        opened.frameHandler(frame -> received(opened, frame));
        opened.pongHandler(pong -> heard = true);
        opened.exceptionHandler(e -> lost(opened, message(e)));
        opened.closeHandler(nothing -> lost(opened, "it closed the connection"));
        if (opened.isClosed()) {
            lost(opened, "it closed the connection");
            return;
        }
        up = true;
        since = Instant.now();
        checkLinkLater();
        LOG.info("Connected to the bus of '{}' at {}", device, bus);
        listener.connected();
    }

    private void failed(Throwable cause) {
        lastError = message(cause);
        if (!saidUnreachable) {
            saidUnreachable = true;
            LOG.warn("The bus of '{}' at {} cannot be reached: {}. Trying again until it can.", device, bus, lastError);
        }
        retry();
    }

    private void lost(WebSocket closed, String reason) {
        if (socket != closed) {
            return;
        }
        socket = null;
        up = false;
        since = Instant.now();
        lastError = reason;
        vertx.cancelTimer(pingTimer);
        if (!stopped) {
            LOG.warn("Lost the bus of '{}' at {}: {}. Connecting again.", device, bus, reason);
            saidUnreachable = true;
        }
        listener.disconnected();
        retry();
    }

    private void retry() {
        if (stopped) {
            return;
        }
        vertx.setTimer(delay(attempt++, bus.reconnectDelay(), bus.maxReconnectDelay()), timer -> connect());
    }

    /** Exponential back-off with jitter, so that many gateways don't return to a restarted bus in one moment. */
    static long delay(int attempt, Duration first, Duration longest) {
        double grown = first.toMillis() * Math.pow(2, Math.min(attempt, 20));
        double bounded = Math.min(grown, longest.toMillis());
        return Math.max(1, (long) (bounded * ThreadLocalRandom.current().nextDouble(0.5, 1)));
    }

    private void received(WebSocket from, WebSocketFrame frame) {
        if (from != socket) {
            return;
        }
        heard = true;
        if (frame.isPing() || frame.isClose() || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
            return;
        }
        if (frame.isContinuation() && partial == null) {
            return;
        }
        Buffer data = frame.binaryData();
        if (partial != null) {
            data = partial.length() + data.length() > MAX_FRAME ? Buffer.buffer() : partial.appendBuffer(data);
        }
        partial = frame.isFinal() ? null : data.copy();
        if (frame.isFinal()) {
            listener.frame(data.getBytes());
        }
    }

    /** Once each, as a periodic timer would make up for a pause of ours with checks that leave no time for an answer. */
    private void checkLinkLater() {
        pingTimer = vertx.setTimer(bus.pingInterval().toMillis(), timer -> checkLink());
    }

    private void checkLink() {
        if (heard) {
            heard = false;
            pinged = false;
            checkLinkLater();
        } else if (!pinged) {
            pinged = true;
            socket.writePing(Buffer.buffer());
            checkLinkLater();
        } else {
            drop("nothing heard, not even the answer to a ping");
        }
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : SYSTEM_CALL.matcher(message).replaceAll("");
    }
}
