// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.impl.WebSocketInternal;
import io.vertx.core.net.TrustOptions;
import org.ovosgateway.Backoff;
import org.ovosgateway.Budget;
import org.ovosgateway.HostName;
import org.ovosgateway.LogText;
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

        /** A message; the next is heard when the future is complete. */
        Future<?> frame(byte[] frame);

        /**
         * A message that does not fit into memory.
         *
         * @param beginning its first bytes
         */
        void skipped(byte[] beginning);

        /**
         * Whether a large message is one of ours with an attachment, come back; then it is not read.
         *
         * @param beginning its first bytes
         */
        boolean isOwn(byte[] beginning);

        /** A message has come back that {@link #isOwn} knew. */
        void echoed(byte[] beginning);
    }

    /** Finds the addresses of a host without blocking. */
    interface Resolver {
        Future<List<HostName>> resolve(HostName host);
    }

    /** Of a message that is passed by: enough to hold its type, which OVOS writes first. */
    private static final int BEGINNING = 1 << 10;

    /** Messages that may wait behind one with an attachment. */
    private static final int MOST_WAITING = 1000;

    /** A bus relays an attachment to all clients before it relays the next message; a slow line takes a second for these. */
    private static final long BYTES_A_SECOND = 512 << 10;

    /** What Netty calls what takes frames apart; absent from a socket that is closed already. */
    private static final String DECODER = "ws-decoder";

    /** What Netty writes around the reason that Linux gives: the system call, and the address, which we say anyway. */
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: |: [^\\s/]*/\\S+:\\d+$");

    private static final Logger LOG = LoggerFactory.getLogger(BusConnection.class);

    private final Vertx vertx;
    private final Context context;
    private final String device;
    private final DevicesProperties.Bus bus;
    private final Backoff backoff;
    private final Listener listener;
    private final Resolver resolver;
    private final Budget budget;
    private final HostName host;
    private final WebSocketClient client;

    private WebSocket socket;

    /** What has come of a message in fragments; null between messages. */
    private Buffer partial;

    /** Bytes of the budget that the present message holds. */
    private long held;

    /** Whether the rest of the present message is passed by. */
    private boolean skipping;

    /** Whether the present message was checked for being ours. */
    private boolean checked;

    /** The beginning of the present message, where it is one of ours. */
    private byte[] ownBeginning;

    /** The message that is being written in fragments; all others wait, as none may stand between fragments (RFC 6455, 5.4). */
    private Attaching attaching;

    private final Deque<Runnable> waiting = new ArrayDeque<>();

    /** When the bus should have relayed the last attachment. */
    private long relayedBy = System.nanoTime();

    private int holds;
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

    /** @param budget of what messages in fragments may hold, those of other devices included */
    BusConnection(
            Vertx vertx,
            Context context,
            String device,
            DevicesProperties.Bus bus,
            Resolver resolver,
            Budget budget,
            Listener listener) {
        this.resolver = resolver;
        this.budget = budget;
        this.host = new HostName(bus.host());
        this.vertx = vertx;
        this.context = context;
        this.device = device;
        this.bus = bus;
        this.backoff = new Backoff(bus.reconnectDelay(), bus.maxReconnectDelay());
        this.listener = listener;
        // Vert.x 4.5 does not cancel its handshake timer when that is timer 0, and closes a good socket (vert.x#5578)
        vertx.cancelTimer(vertx.setTimer(1, nothing -> {}));
        var options = new WebSocketClientOptions()
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setConnectTimeout((int) bus.connectTimeout().toMillis())
                .setMaxFrameSize((int) bus.maxMessageSize().toBytes())
                .setClosingTimeout(2);
        if (bus.tls().isOn()) {
            // a pinned certificate proves enough, whatever hosts it names
            options.setTrustOptions(TrustOptions.wrap(new BusTrust(device, bus.tls())))
                    .setVerifyHost(bus.tls().pin().isBlank());
        }
        this.client = vertx.createWebSocketClient(options);
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
        inLine(() -> {
            written++;
            socket.writeTextMessage(frame);
        });
    }

    /**
     * Writes a message with an attachment; likewise.
     *
     * @param failed called when the attachment cannot be read, so that nobody waits for an answer
     */
    void write(BusMessage message, Consumer<Throwable> failed) {
        inLine(() -> {
            attaching = new Attaching(message, failed);
            attaching.read();
        });
    }

    private void inLine(Runnable write) {
        if (attaching == null) {
            write.run();
        } else {
            waiting.add(write);
        }
    }

    boolean isFull() {
        return attaching == null ? socket.writeQueueFull() : waiting.size() >= MOST_WAITING;
    }

    /** Whether the bus may be silent, as it still takes or relays an attachment. */
    boolean isAttaching() {
        return attaching != null || System.nanoTime() - relayedBy < 0;
    }

    /** A message that is written while its attachment is read, in fragments (RFC 6455, 5.4). */
    private final class Attaching {

        private final BusMessage message;
        private final Attachment attachment;
        private final Consumer<Throwable> failed;
        private volatile InputStream in;
        private boolean begun;

        Attaching(BusMessage message, Consumer<Throwable> failed) {
            this.message = message;
            this.attachment = message.attachment();
            this.failed = failed;
        }

        void read() {
            vertx.executeBlocking(this::next, false).onComplete(read -> {
                if (attaching != this) {
                    close();
                } else if (read.failed() && !begun) {
                    failed.accept(read.cause());
                    finish();
                } else if (read.failed()) {
                    // all others would wait for the rest, and half a frame throws them off the bus
                    failed.accept(read.cause());
                    write("");
                } else {
                    write(read.result());
                }
            });
        }

        private String next() throws IOException {
            if (in == null) {
                in = attachment.open();
            }
            return attachment.next(in);
        }

        private void write(String text) {
            boolean last = text.isEmpty();
            String part = (begun ? "" : message.frameBefore()) + text + (last ? BusMessage.frameBehind() : "");
            written++;
            socket.writeFrame(
                    begun
                            ? WebSocketFrame.continuationFrame(Buffer.buffer(part), last)
                            : WebSocketFrame.textFrame(part, last));
            begun = true;
            if (!socket.writeQueueFull()) {
                proceed(last);
                return;
            }
            WebSocket current = socket;
            current.drainHandler(drained -> {
                current.drainHandler(null);
                if (attaching == this) {
                    proceed(last);
                }
            });
        }

        private void proceed(boolean last) {
            if (last) {
                long nanos = TimeUnit.SECONDS.toNanos(1) * attachment.length() / BYTES_A_SECOND;
                relayedBy = System.nanoTime() + nanos;
                finish();
            } else {
                read();
            }
        }

        private void finish() {
            close();
            attaching = null;
            while (attaching == null && !waiting.isEmpty()) {
                waiting.remove().run();
            }
        }

        void close() {
            InputStream opened = in;
            if (opened != null) {
                in = null;
                vertx.executeBlocking(() -> {
                    opened.close();
                    return null;
                });
            }
        }
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
            if (written == before && socket == current && socket != null && !socket.writeQueueFull()) {
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
        Future<List<HostName>> addresses = resolver.resolve(host);
        addresses
                .compose(found -> connect(found.iterator()))
                .onSuccess(this::opened)
                .onFailure(this::failed);
    }

    /** To the first of these addresses that takes it. */
    private Future<WebSocket> connect(Iterator<HostName> addresses) {
        HostName address = addresses.next();
        var options = new WebSocketConnectOptions()
                // whoever proves who he is does so by the name, which was resolved a moment ago
                .setHost(bus.tls().isOn() ? host.forVertx() : address.forVertx())
                .setPort(bus.port())
                // an absolute one, since Vert.x makes none of an IPv6 address; its host goes nowhere
                .setURI("ws://bus" + bus.path())
                .addHeader("Host", host.inUrl() + ":" + bus.port())
                .setAllowOriginHeader(false)
                .setSsl(bus.tls().isOn())
                .setTimeout(bus.connectTimeout().toMillis());
        Future<WebSocket> connected = client.connect(options);
        return bus.tls().isOn() || !addresses.hasNext() ? connected : connected.recover(failure -> connect(addresses));
    }

    private void opened(WebSocket opened) {
        if (stopped) {
            opened.close();
            return;
        }
        ChannelPipeline pipeline =
                ((WebSocketInternal) opened).channelHandlerContext().pipeline();
        if (pipeline.get(DECODER) != null) {
            pipeline.addBefore(DECODER, "frame-splitter", new FrameSplitter());
        }
        socket = opened;
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
        if (holds > 0) {
            // Vert.x resumes it after this
            context.runOnContext(later -> pauseAgain(opened));
        }
        up = true;
        since = Instant.now();
        checkLinkLater();
        LOG.info("Connected to the bus of '{}' at {}", device, bus);
        listener.connected();
    }

    private void pauseAgain(WebSocket opened) {
        if (holds > 0 && socket == opened) {
            opened.pause();
        }
    }

    private void failed(Throwable cause) {
        lastError = message(cause);
        if (!saidUnreachable) {
            saidUnreachable = true;
            LOG.warn(
                    "The bus of '{}' at {} cannot be reached: {}. Trying again until it can. Its address is set by {}",
                    device,
                    bus,
                    LogText.of(lastError),
                    device.equals("default") ? "WS_HOST and WS_PORT" : "ovos.devices." + device);
        }
        retry();
    }

    private void lost(WebSocket closed, String reason) {
        if (socket != closed) {
            return;
        }
        socket = null;
        forgetPartial();
        waiting.clear();
        if (attaching != null) {
            attaching.close();
            attaching = null;
        }
        up = false;
        since = Instant.now();
        lastError = reason;
        vertx.cancelTimer(pingTimer);
        if (!stopped) {
            LOG.warn("Lost the bus of '{}' at {}: {}. Connecting again.", device, bus, LogText.of(reason));
            saidUnreachable = true;
        }
        listener.disconnected();
        retry();
    }

    private void retry() {
        if (stopped) {
            return;
        }
        vertx.setTimer(backoff.millis(attempt++), timer -> connect());
    }

    private void received(WebSocket from, WebSocketFrame frame) {
        if (from != socket) {
            return;
        }
        heard = true;
        if (frame.isPing() || frame.isClose() || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
            return;
        }
        if (frame.isContinuation() && partial == null && !skipping) {
            return;
        }
        if (!frame.isContinuation()) {
            forgetPartial();
            if (frame.isFinal()) {
                hand(frame.binaryData().getBytes(), 0);
                return;
            }
            partial = Buffer.buffer();
        }
        if (!skipping) {
            append(frame.binaryData());
        }
        if (frame.isFinal()) {
            byte[] echo = ownBeginning;
            if (!skipping) {
                long holding = held;
                held = 0;
                hand(partial.getBytes(), holding);
            }
            forgetPartial();
            if (echo != null) {
                listener.echoed(echo);
            }
        }
    }

    /** Takes as much memory as the fragments need, up to the limit of the device and of all of them. */
    private void append(Buffer data) {
        boolean fits = partial.length() + data.length() <= bus.maxMessageSize().toBytes() && budget.take(data.length());
        if (fits) {
            held += data.length();
            partial.appendBuffer(data);
            checkOwner();
        } else {
            byte[] beginning = partial.appendBuffer(data, 0, Math.min(data.length(), BEGINNING))
                    .getBytes(0, Math.min(partial.length(), BEGINNING));
            forgetPartial();
            skipping = true;
            listener.skipped(beginning);
        }
    }

    private void checkOwner() {
        if (checked || partial.length() < BEGINNING) {
            return;
        }
        byte[] beginning = partial.getBytes(0, BEGINNING);
        boolean isOwn = listener.isOwn(beginning);
        if (isOwn) {
            forgetPartial();
            skipping = true;
            ownBeginning = beginning;
        }
        checked = true;
    }

    /** While a message is worked on nothing else is read: what follows it is heard after it. */
    private void hand(byte[] message, long holding) {
        Future<?> done = listener.frame(message);
        if (done.isComplete()) {
            budget.giveBack(holding);
            return;
        }
        hold();
        done.onComplete(result -> {
            budget.giveBack(holding);
            release();
        });
    }

    /** Reads nothing until {@link #release} was called as often; on the context only. */
    void hold() {
        if (holds++ == 0 && socket != null) {
            socket.pause();
        }
    }

    void release() {
        if (--holds == 0 && socket != null) {
            socket.resume();
        }
    }

    private void forgetPartial() {
        budget.giveBack(held);
        held = 0;
        partial = null;
        skipping = false;
        checked = false;
        ownBeginning = null;
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
            checkLinkLater();
            socket.writePing(Buffer.buffer());
        } else {
            drop("nothing heard, not even the answer to a ping");
        }
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
            if (deeper instanceof CertificateException) {
                return deeper.getMessage();
            }
            if (deeper instanceof NotSslRecordException) {
                return "it does not speak TLS";
            }
        }
        if (cause instanceof UnknownHostException) {
            return "its name is not known to this machine (%s)".formatted(message);
        }
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : SYSTEM_CALL.matcher(message).replaceAll("");
    }
}
