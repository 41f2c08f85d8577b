// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;

/**
 * The server's half of a WebSocket.
 *
 * <p>It gives its listener one message at a time, in order, and reads no further meanwhile. What it holds is counted as that
 * of requests and answers: a message that comes as a body, what the peer has not taken as an answer. It pings a peer that is
 * silent, ends a connection without an answer to that, and closes where the peer has lost its rights.
 */
public final class WebSocketConnection {

    /** Codes of RFC 6455, 7.4.1. */
    static final int GOING_AWAY = 1001;

    private static final int NOT_UTF_8 = 1007;
    private static final int POLICY_VIOLATION = 1008;
    private static final int TOO_BIG = 1009;
    private static final int TRY_AGAIN_LATER = 1013;

    /** Each fragment costs as much as so many bytes, even an empty one. */
    private static final int FRAGMENT = 64;

    private static final int MOST_UNSENT = 256 << 10;
    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int BEATS_UNTIL_DEAD = 3;

    private final Deque<Message> waiting = new ArrayDeque<>();
    private final PacedFrames pace = new PacedFrames(this::arrived);
    private final HttpCall call;
    private final Context context;
    private final ServerWebSocket socket;
    private final Listener listener;
    private final int most;
    private final long heartbeat;
    private Buffer partial;
    private boolean text;
    private int size;
    /** Bytes that the decoder keeps until their frame is whole. */
    private int arriving;

    private boolean decoded;
    private Message handled;
    private int unsent;
    private long heard = System.nanoTime();
    private long pinged = heard;
    private long closing;
    private boolean closed;

    /** Gets the messages of the peer, on the event loop of the connection. */
    public interface Listener {

        /**
         * @param message a String or a byte[]; the next one comes after {@link WebSocketConnection#next()}
         */
        void message(WebSocketConnection connection, Object message);

        /** The connection is closed, by either side; called once. */
        void closed(WebSocketConnection connection);
    }

    private record Message(Object content, int size) {}

    WebSocketConnection(
            HttpCall call,
            RoutingContext ctx,
            ServerWebSocket socket,
            int most,
            long heartbeatNanos,
            Listener listener) {
        this.call = call;
        this.context = ctx.vertx().getOrCreateContext();
        this.socket = socket;
        this.most = most;
        this.heartbeat = heartbeatNanos;
        this.listener = listener;
        socket.frameHandler(this::frame);
        socket.exceptionHandler(this::broken);
        socket.closeHandler(v -> call.socketClosed());
        ChannelPipeline pipeline =
                ((ConnectionBase) ctx.request().connection()).channel().pipeline();
        pipeline.addBefore("wsdecoder", "pacedFrames", pace);
        pipeline.addAfter("wsdecoder", "wholeFrames", new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object frame) {
                decoded = true;
                call.giveBackMessage(arriving);
                arriving = 0;
                ctx.fireChannelRead(frame);
            }
        });
        // the decoder of requests may have stopped reading until its request was answered
        pipeline.channel().config().setAutoRead(true);
    }

    private void arrived(int bytes) {
        if (decoded) {
            // and perhaps the beginning of the next frame, which is less than what passes at a time
            decoded = false;
        } else if (closing == 0 && !closed) {
            if (size + arriving + bytes > most + 2 * FRAGMENT) {
                closeNow(TOO_BIG, "A message may have " + most + " bytes.");
                pace.goDeaf();
            } else if (call.takeMessage(bytes)) {
                arriving += bytes;
            } else {
                closeNow(TRY_AGAIN_LATER, "The gateway has no memory for more messages now.");
                // a close frame of the peer would only come behind the one that nobody wants
                pace.goDeaf();
            }
        }
    }

    private void frame(WebSocketFrame frame) {
        heard = System.nanoTime();
        if (closing != 0 || closed || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
            return;
        }
        Buffer content = frame.binaryData();
        int more = content.length() + FRAGMENT;
        if (size + more > most + FRAGMENT) {
            closeNow(TOO_BIG, "A message may have " + most + " bytes.");
            return;
        }
        if (!call.takeMessage(more)) {
            closeNow(TRY_AGAIN_LATER, "The gateway has no memory for more messages now.");
            return;
        }
        size += more;
        if (partial == null) {
            text = frame.isText();
            partial = Buffer.buffer();
        }
        partial.appendBuffer(content);
        if (frame.isFinal()) {
            whole();
        }
    }

    private void whole() {
        byte[] bytes = partial.getBytes();
        Object content = bytes;
        if (text) {
            try {
                content = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                closeNow(NOT_UTF_8, "A text must be UTF-8.");
                return;
            }
        }
        waiting.add(new Message(content, size));
        partial = null;
        size = 0;
        if (handled == null) {
            handle();
        }
    }

    private void handle() {
        handled = waiting.remove();
        pace.hold();
        listener.message(this, handled.content);
    }

    /** The message was handled; call it once for each, on any thread. */
    public void next() {
        context.runOnContext(v -> {
            call.giveBackMessage(handled.size);
            handled = null;
            heard = System.nanoTime();
            if (closed || closing != 0) {
                waiting.clear();
                pace.release();
            } else if (waiting.isEmpty()) {
                pace.release();
            } else {
                handle();
            }
        });
    }

    /**
     * Sends a message; on any thread.
     *
     * @param message a String or a Buffer
     * @return completes when the peer has taken it; fails when it is gone, or too slow, and then it is cut off
     */
    public Future<Void> send(Object message) {
        Promise<Void> sent = Promise.promise();
        Buffer bytes = message instanceof Buffer buffer ? buffer : Buffer.buffer((String) message);
        context.runOnContext(v -> send(message, bytes).onComplete(sent));
        return sent.future();
    }

    private Future<Void> send(Object message, Buffer bytes) {
        if (closed || closing != 0) {
            return Future.failedFuture(HttpCall.GONE);
        }
        int length = bytes.length();
        // one message may be larger than all that may wait
        if (unsent > 0 && unsent + length > MOST_UNSENT) {
            call.cutOff();
            return Future.failedFuture(new SlowReaderException());
        }
        unsent += length;
        return call.write(
                        length,
                        () -> message instanceof Buffer
                                ? socket.writeBinaryMessage(bytes)
                                : socket.writeTextMessage((String) message))
                .onComplete(taken -> unsent -= length);
    }

    /**
     * Tells the peer why it is closed, and closes; on any thread.
     *
     * @param code one of RFC 6455, 7.4.1
     */
    public void close(int code, String reason) {
        context.runOnContext(v -> closeNow(code, reason));
    }

    /** Ends it without a word, as its peer is too slow to hear one; on any thread. */
    public void cutOff() {
        context.runOnContext(v -> {
            if (!closed) {
                call.cutOff();
            }
        });
    }

    private void closeNow(int code, String reason) {
        if (closing == 0 && !closed) {
            closing = System.nanoTime();
            partial = null;
            socket.close((short) code, reason);
            pace.release();
        }
    }

    private void broken(Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupt) {
            int code = corrupt.closeStatus().code();
            closeNow(code, code == TOO_BIG ? "A message may have " + most + " bytes." : "The frame is not valid.");
        }
    }

    void tick(long now, boolean allowed) {
        if (closed) {
            return;
        }
        if (closing != 0) {
            if (now - closing > CLOSING_NANOS) {
                call.cutOff();
            }
        } else if (!allowed) {
            closeNow(POLICY_VIOLATION, "The token is no longer valid for this.");
        } else if (handled == null && now - heard > BEATS_UNTIL_DEAD * heartbeat) {
            call.cutOff();
        } else if (handled == null && now - heard > heartbeat && now - pinged > heartbeat) {
            pinged = now;
            call.write(0, () -> socket.writePing(Buffer.buffer()));
        }
    }

    /** The connection has gone. */
    void gone() {
        if (!closed) {
            closed = true;
            waiting.clear();
            listener.closed(this);
        }
    }
}
