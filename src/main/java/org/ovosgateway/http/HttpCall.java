// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.netty.buffer.ByteBufInputStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * One request, from its headers until its answer has left: reads the body, sends the answer, and counts the memory of both.
 *
 * <p>Used on the event loop of its connection only.
 */
public final class HttpCall {

    /** An answer is sent in parts of so many bytes, each when the one before was taken. */
    static final int PART = 16 << 10;

    private static final String KEY = "call";
    private static final int CLIENT_CLOSED_REQUEST = 499;
    private static final int SWITCHING_PROTOCOLS = 101;

    /** Memory of a request or an answer beside its body. In HTTP/2 a connection has many of them at a time. */
    private static final int HEADERS = 1 << 10;

    private static final int HEADERS_OF_STREAM = 8 << 10;

    /** A refused body up to this size is let pass, so that the connection can be used again. */
    private static final int SMALL = 8 << 10;

    /** Bytes in a millisecond that a body which is read in parts must have, beyond the time that each body has. */
    private static final long SLOWEST = 16;
    /** Why the rest of an answer was not sent: the caller has left, or may no longer have it. */
    public static final Throwable GONE = new VertxException("the caller is gone", true);

    private final RoutingContext ctx;
    private final Content content;
    private final Connections connections;
    private final Connections.Caller caller;
    private final Load load;
    private final Listener listener;
    private final long start;
    private final boolean withBody;

    private Upload upload;
    private final List<Runnable> releases = new ArrayList<>(0);
    private boolean known;
    private int body;
    private int unsent;
    private int writing;
    private boolean sending;
    private boolean finishing;
    private Outgoing outgoing;
    private WebSocketConnection socket;
    private boolean upgrading;
    private BooleanSupplier allowed = () -> true;
    private boolean unread;
    private boolean ended;
    private long moved;

    /** Hears of the end of a call. */
    interface Listener {

        /**
         * @param status of the answer, or 499 where the caller left before it had all of it
         * @param nanos from the headers of the request until the answer was out
         */
        void ended(RoutingContext ctx, int status, long nanos);
    }

    HttpCall(
            RoutingContext ctx,
            Content content,
            Connections connections,
            Connections.Caller caller,
            Load load,
            Listener listener,
            long start) {
        this.ctx = ctx;
        this.content = content;
        this.connections = connections;
        this.caller = caller;
        this.load = load;
        this.listener = listener;
        this.start = start;
        this.moved = start;
        ctx.put(KEY, this);
        ctx.addEndHandler(this::answered);
        this.withBody = hasBody(ctx.request());
        if (withBody) {
            ctx.addHeadersEndHandler(v -> leaveBody());
        }
    }

    public static HttpCall of(RoutingContext ctx) {
        return ctx.get(KEY);
    }

    /** How its failure would be written. */
    public ErrorFormat errors() {
        String path = ctx.request().path();
        return path == null ? ErrorFormat.PROBLEM : content.errors(address(), path);
    }

    /** The address of who calls. */
    public String client() {
        return ctx.get(Reception.CLIENT);
    }

    /** The name of the address by which the request came, one of {@link Content}. */
    public String address() {
        return ctx.get(Reception.ADDRESS);
    }

    /**
     * Reads the body of the request; call it as soon as it is known who calls, and only once.
     *
     * @param known whether the caller has shown a token
     * @param most bytes of a body that is taken
     * @return the body, empty where there is none; fails with a {@link ProblemException}: 408, 413, 417, 503
     */
    public Future<Buffer> body(boolean known, long most) {
        Buffer content = Buffer.buffer();
        return read(known, most, false, part -> {
                    hold(part.length());
                    content.appendBuffer(part);
                })
                .map(content);
    }

    /**
     * The same part by part, for a body that is not to be in memory as a whole; it may take as long as it needs if it is no
     * slower than a slow line.
     *
     * @param taker of the parts, on the event loop; it calls {@link #hold} for what it keeps, and fails the body by a
     *     {@link ProblemException}
     * @return completes when the taker has had all of it
     */
    public Future<Void> parts(boolean known, long most, Handler<Buffer> taker) {
        return read(known, most, true, taker);
    }

    /**
     * The same while it arrives, for a reader on another thread.
     *
     * @return the stream, as soon as it may be read; fails as {@link #body} does, and afterwards the stream does
     */
    public Future<BodyStream> stream(boolean known, long most) {
        if (!load.takeStream()) {
            return Future.failedFuture(full());
        }
        onRelease(load::giveBackStream);
        Context context = ctx.vertx().getOrCreateContext();
        BodyStream stream = new BodyStream(() -> context.runOnContext(v -> resumeBody()));
        Future<Void> read = read(known, most, true, part -> {
            if (stream.offer(part)) {
                pauseBody();
            }
        });
        if (read.failed()) {
            return Future.failedFuture(read.cause());
        }
        try {
            hold(2L * BodyStream.MOST);
        } catch (ProblemException e) {
            failBody(e);
            return Future.failedFuture(e);
        }
        read.onSuccess(all -> stream.end()).onFailure(stream::fail);
        return Future.succeededFuture(stream);
    }

    private Future<Void> read(boolean known, long most, boolean paced, Handler<Buffer> taker) {
        if (ended) {
            return Future.failedFuture(new ProblemException(Problems.of(400)));
        }
        HttpServerRequest request = ctx.request();
        String expected = request.getHeader(HttpHeaders.EXPECT);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            return Future.failedFuture(new ProblemException(Problems.of(417)));
        }
        if (!withBody) {
            return Future.succeededFuture();
        }
        if (announced(request) > most) {
            return Future.failedFuture(tooLarge(most));
        }
        this.known = known;
        if (!take(overhead())) {
            return Future.failedFuture(full());
        }
        Upload begun = new Upload(most, paced, taker);
        upload = begun;
        request.handler(begun::part)
                .endHandler(v -> begun.complete())
                .exceptionHandler(gone -> begun.fail(new ProblemException(Problems.of(400))));
        if (expected != null) {
            ctx.response().writeContinue();
        }
        // it waits while it is found out who calls
        request.resume();
        return begun.read.future();
    }

    /** The body waits until {@link #resumeBody} has been called as often. */
    public void pauseBody() {
        if (upload != null && upload.pauses++ == 0) {
            upload.pausedAt = System.nanoTime();
            ctx.request().pause();
        }
    }

    public void resumeBody() {
        if (upload != null && upload.pauses > 0 && --upload.pauses == 0) {
            upload.waited += System.nanoTime() - upload.pausedAt;
            ctx.request().resume();
        }
    }

    /** Nothing more of the body is wanted, for this reason; after the body has been read, nothing happens. */
    public void failBody(ProblemException why) {
        if (upload != null) {
            upload.fail(why);
        }
    }

    /**
     * Counts memory as that of the body.
     *
     * @throws ProblemException 503 where there is no room for it
     */
    public void hold(long bytes) {
        if (!take((int) Math.min(bytes, Integer.MAX_VALUE))) {
            throw full();
        }
    }

    /** What is to be done by {@link #releaseBody}. */
    public void onRelease(Runnable release) {
        releases.add(release);
    }

    public Uploads uploads() {
        return load.uploads();
    }

    public Vertx vertx() {
        return ctx.vertx();
    }

    /** Whether {@link #body} has anything to do. */
    public boolean hasBody() {
        return withBody || ctx.request().headers().contains(HttpHeaders.EXPECT);
    }

    /** Gives back the memory of the body; call it when nobody uses the body any more. */
    public void releaseBody() {
        if (body > 0) {
            load.giveBackBody(known, body);
            body = 0;
        }
        List<Runnable> all = List.copyOf(releases);
        releases.clear();
        all.forEach(Runnable::run);
    }

    private boolean take(int bytes) {
        if (!load.takeBody(known, bytes)) {
            return false;
        }
        body += bytes;
        return true;
    }

    private int overhead() {
        return ctx.request().version() == HttpVersion.HTTP_2 ? HEADERS_OF_STREAM : HEADERS;
    }

    /** Ends the answer with this body. */
    @SuppressWarnings("deprecation") // without a copy, the bytes are to be had in no other way
    public void end(Buffer content) {
        if (content.length() > PART) {
            ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
            if (count(content.length())) {
                send(Chunks.of(new ByteBufInputStream(content.getByteBuf())), false);
            }
        } else if (count(content.length())) {
            ctx.response().end(content, this::out);
        }
    }

    /** Ends an answer that has no body. */
    void end() {
        if (count(0)) {
            ctx.response().end(this::out);
        }
    }

    /**
     * Sends the rest of a stream that is in memory, whose length is in the headers of the answer, and closes it.
     *
     * @return completes when all of it is out, and fails when the caller has gone
     */
    Future<Void> stream(InputStream content) {
        Chunks chunks = Chunks.of(content);
        if (!count(PART)) {
            chunks.close();
            return Future.failedFuture(GONE);
        }
        return send(chunks, false);
    }

    /**
     * Sends an answer as it is made, and closes it. Only one chunk of it is in memory.
     *
     * <p>An endless one ends when the server drains. Where the caller loses the right to it, an endless one ends, and any
     * other is broken off.
     *
     * @return completes when all of it is out; fails when the caller has gone, or with what kept the rest from being made
     */
    public Future<Void> stream(Chunks chunks) {
        HttpServerResponse response = ctx.response();
        if (connections.compresses()) {
            // a compressor would hold back what is to be sent now, and does not know of ranges
            response.putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY);
        }
        if (!response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            if (ctx.request().version() == HttpVersion.HTTP_1_0) {
                response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            } else {
                response.setChunked(true);
            }
        }
        if (!count(0)) {
            chunks.close();
            return Future.failedFuture(GONE);
        }
        return send(chunks, true);
    }

    /** @param counted whether each chunk takes memory that was not taken for the answer as a whole */
    private Future<Void> send(Chunks chunks, boolean counted) {
        Outgoing answer = new Outgoing(chunks, counted);
        outgoing = answer;
        if (connections.isDraining()) {
            drain();
        }
        answer.next();
        return answer.sent.future();
    }

    /**
     * Counts what is written until the caller has taken it.
     *
     * @return completes then
     */
    Future<Void> write(int size, Supplier<Future<Void>> write) {
        if (ended || !takeUnsent(size)) {
            return Future.failedFuture(GONE);
        }
        writing++;
        sending = true;
        return write.get().onComplete(taken -> {
            writing--;
            giveBackUnsent(size);
            moved = System.nanoTime();
            sending = sending && (writing > 0 || finishing);
        });
    }

    /** The caller may have the rest of the answer as long as this holds; it is asked every second, and must not block. */
    public void allowWhile(BooleanSupplier allowed) {
        this.allowed = allowed;
    }

    /** The server takes no more calls: what has no end of its own ends. */
    void drain() {
        if (socket != null) {
            socket.close(WebSocketConnection.GOING_AWAY, "The gateway stops.");
        }
        if (outgoing != null && outgoing.chunks.isEndless()) {
            outgoing.finish();
        }
    }

    /** Ends an answer that has no end of its own, because its route has gone. */
    public void endStream() {
        drain();
    }

    /**
     * Makes a WebSocket of the connection of this request, which must be one for it.
     *
     * @param most bytes of a message that it takes
     */
    public Future<WebSocketConnection> upgrade(int most, WebSocketConnection.Listener listener) {
        known = isKnown();
        upgrading = true;
        return ctx.request().toWebSocket().onFailure(e -> upgrading = false).map(upgraded -> {
            socket = new WebSocketConnection(this, ctx, upgraded, most, connections.heartbeatNanos(), listener);
            if (ended) {
                socket.gone();
            } else if (connections.isDraining()) {
                drain();
            }
            return socket;
        });
    }

    /** Closes the connection, whatever is on its way. */
    void cutOff() {
        connections.cutOff(caller);
    }

    /** Counts bytes of a message that comes. */
    boolean takeMessage(int bytes) {
        return take(bytes);
    }

    void giveBackMessage(int bytes) {
        if (!ended) {
            body -= bytes;
            load.giveBackBody(known, bytes);
        }
    }

    /** The WebSocket is closed. */
    void socketClosed() {
        end(SWITCHING_PROTOCOLS);
    }

    /**
     * To be called every second.
     *
     * @param quiet who was sent nothing since then is sent a sign of life
     */
    void tick(long quiet) {
        if (socket != null) {
            socket.tick(System.nanoTime(), allowed.getAsBoolean());
        }
        if (outgoing == null) {
            return;
        }
        if (!allowed.getAsBoolean()) {
            outgoing.forbid();
        } else if (!sending && moved - quiet < 0) {
            Buffer heartbeat = outgoing.chunks.heartbeat();
            if (heartbeat != null) {
                outgoing.write(heartbeat);
            }
        }
    }

    private boolean count(int bytes) {
        if (ctx.response().closed() || ended) {
            answered(Future.failedFuture(GONE));
            return false;
        }
        sending = true;
        return takeUnsent(bytes + overhead());
    }

    /** @return false when there is no room for them, and the caller has lost the connection */
    private boolean takeUnsent(int bytes) {
        if (!connections.takeUnsent(this, bytes)) {
            connections.cutOff(caller);
            return false;
        }
        unsent += bytes;
        moved = System.nanoTime();
        return true;
    }

    private void giveBackUnsent(int bytes) {
        if (unsent > 0) {
            unsent -= bytes;
            connections.giveBackUnsent(bytes);
        }
    }

    /** Whether the caller keeps us waiting since before this time: for the body, or with the answer. */
    boolean isLate(long bodyBefore, long readBefore) {
        return !ended && (upload != null && upload.isLate(bodyBefore) || sending && moved - readBefore < 0);
    }

    /** The connection is gone. */
    void gone() {
        end(socket == null ? CLIENT_CLOSED_REQUEST : SWITCHING_PROTOCOLS);
    }

    /** The caller has had time enough. */
    void timeOut() {
        if (upload != null && !sending) {
            upload.fail(new ProblemException(Problems.of(408)));
        } else {
            connections.cutOff(caller);
        }
    }

    /** Whether the caller has yet to take some of the answer. */
    boolean isSending() {
        return sending;
    }

    /** When the caller took something, or was given something to take. */
    long moved() {
        return moved;
    }

    /** Whether the caller has shown a token. */
    public boolean isKnown() {
        return known || ctx.get("user") != null;
    }

    /** What is left of a body when the answer begins is not read; the connection ends with the answer. */
    private void leaveBody() {
        HttpServerRequest request = ctx.request();
        if (upload == null) {
            request.resume();
        }
        if (request.isEnded() || isSmall(request) && !ctx.response().headers().contains(HttpHeaders.CONNECTION)) {
            return;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            unread = true;
        } else {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    private static boolean isSmall(HttpServerRequest request) {
        long announced = announced(request);
        return announced >= 0 && announced <= SMALL && !request.headers().contains(HttpHeaders.EXPECT);
    }

    /** The answer has been given to the connection, or the caller has left before it was. */
    private void answered(AsyncResult<Void> result) {
        if (result.failed() && upload != null && !ctx.response().closed()) {
            // the caller is still there, but what it sends is no HTTP
            upload.fail(new ProblemException(Problems.of(400)));
        } else if (result.failed()) {
            // a stream of HTTP/2 is closed before we are told that its last part is out: that is for out to say
            if (!sending || !ctx.response().ended()) {
                end(CLIENT_CLOSED_REQUEST);
            }
        } else if (!sending && !upgrading) {
            end(ctx.response().getStatusCode());
        }
    }

    /** The answer has been taken, or the caller has left before it was. */
    private void out(AsyncResult<Void> result) {
        end(result.succeeded() ? ctx.response().getStatusCode() : CLIENT_CLOSED_REQUEST);
    }

    private void end(int status) {
        if (ended) {
            return;
        }
        ended = true;
        if (upload != null) {
            upload.fail(new ProblemException(Problems.of(400)));
        }
        giveBackUnsent(unsent);
        if (outgoing != null) {
            outgoing.stop();
        }
        if (socket != null) {
            socket.gone();
            releaseBody();
        }
        long now = System.nanoTime();
        listener.ended(ctx, status, now - start);
        connections.ended(this, caller, now);
        if (unread) {
            // RFC 9113, 8.1: with NO_ERROR, the answer is good
            ctx.response().reset(0);
        }
    }

    private static ProblemException tooLarge(long most) {
        return new ProblemException(new Problem(
                        "content-too-large",
                        "Content too large",
                        413,
                        "The body is too large; it may have %d bytes.".formatted(most))
                .header("Connection", "close"));
    }

    private static ProblemException full() {
        return new ProblemException(new Problem(
                        "busy",
                        "The gateway is busy",
                        503,
                        "It has no memory for more request bodies now. Try again later.")
                .header("Retry-After", "2"));
    }

    private static boolean hasBody(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD;
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && !length.equals("0") || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** The length of the body that is in the headers, or -1. */
    private static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** A body that is on its way. */
    private final class Upload {

        private final Promise<Void> read = Promise.promise();
        private final long most;
        private final boolean paced;
        private final Handler<Buffer> taker;
        private long received;
        private int pauses;
        private long pausedAt;
        private long waited;

        private Upload(long most, boolean paced, Handler<Buffer> taker) {
            this.most = most;
            this.paced = paced;
            this.taker = taker;
        }

        /** Whether it should be here by now; one that is read in parts has time for each part, and while it has to wait. */
        private boolean isLate(long before) {
            long more = paced ? received * 1_000_000 / SLOWEST + waited : 0;
            return pauses == 0 && start + more - before < 0;
        }

        private void part(Buffer part) {
            if (upload != this) {
                return;
            }
            received += part.length();
            if (received > most) {
                fail(tooLarge(most));
                return;
            }
            try {
                taker.handle(part);
            } catch (ProblemException e) {
                fail(e);
            }
        }

        private void complete() {
            if (upload == this) {
                upload = null;
                read.complete();
            }
        }

        private void fail(ProblemException problem) {
            if (upload == this) {
                upload = null;
                releaseBody();
                if (pauses > 0) {
                    ctx.request().resume();
                }
                read.fail(problem);
            }
        }
    }

    /** An answer that is on its way, chunk by chunk. */
    private final class Outgoing {

        private final Promise<Void> sent = Promise.promise();
        private final Context context = ctx.vertx().getOrCreateContext();
        private final Chunks chunks;
        private final boolean counted;
        private boolean over;

        private Outgoing(Chunks chunks, boolean counted) {
            this.chunks = chunks;
            this.counted = counted;
        }

        private void next() {
            if (over) {
                return;
            }
            if (ended || ctx.response().closed()) {
                stop();
                return;
            }
            sending = writing > 0;
            Future<Buffer> next;
            try {
                next = chunks.next();
            } catch (RuntimeException e) {
                next = Future.failedFuture(e);
            }
            next.onComplete(made -> {
                if (Vertx.currentContext() == context) {
                    made(made);
                } else {
                    context.runOnContext(v -> made(made));
                }
            });
        }

        private void made(AsyncResult<Buffer> made) {
            if (over) {
                return;
            }
            if (made.failed()) {
                breakOff(made.cause());
            } else if (made.result() == null) {
                finish();
            } else {
                // others have their turn between two chunks
                write(made.result()).onSuccess(taken -> context.runOnContext(v -> next()));
            }
        }

        /** @return completes when the caller has taken it */
        private Future<Void> write(Buffer chunk) {
            return HttpCall.this.write(
                    counted ? chunk.length() : 0, () -> ctx.response().write(chunk));
        }

        /** All of it has been made. */
        private void finish() {
            if (over) {
                return;
            }
            over = true;
            sending = true;
            finishing = true;
            moved = System.nanoTime();
            chunks.close();
            ctx.response().end().onComplete(result -> {
                if (result.succeeded()) {
                    sent.tryComplete();
                } else {
                    sent.tryFail(GONE);
                }
                out(result);
            });
        }

        private void forbid() {
            if (chunks.isEndless()) {
                finish();
            } else {
                breakOff(GONE);
            }
        }

        /** What has begun can say only by its abrupt end that it failed. */
        private void breakOff(Throwable cause) {
            if (over) {
                return;
            }
            over = true;
            chunks.close();
            if (cause instanceof SlowReaderException) {
                load.cutOff();
            }
            if (ctx.response().headWritten()) {
                ctx.response().reset();
            } else {
                // a problem can still be sent
                outgoing = null;
                sending = false;
                giveBackUnsent(unsent);
                ctx.response().setChunked(false);
            }
            sent.tryFail(cause);
        }

        /** The caller has gone. */
        private void stop() {
            if (!over) {
                over = true;
                chunks.close();
            }
            sent.tryFail(GONE);
        }
    }
}
