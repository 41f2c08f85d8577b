// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.InputStream;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.ProblemException;

/**
 * One request, from its headers until its answer has left: reads the body, sends the answer, and counts the memory of both.
 *
 * <p>Used on the event loop of its connection only.
 */
public final class HttpCall implements Sender {

    private static final String KEY = "call";
    static final int CLIENT_CLOSED_REQUEST = 499;
    private static final int SWITCHING_PROTOCOLS = 101;

    /** Memory of a request or an answer beside its body. In HTTP/2 a connection has many of them at a time. */
    private static final int HEADERS = 1 << 10;

    private static final int HEADERS_OF_STREAM = 8 << 10;

    /** Why the rest of an answer was not sent: the caller has left, or may no longer have it. */
    public static final Throwable GONE = new VertxException("the caller is gone", true);

    private final RoutingContext ctx;
    private final Content content;
    private final Connections connections;
    private final Connections.Caller caller;
    private final Uploads uploads;
    private final Listener listener;
    private final long start;
    private final IncomingBody body;
    private final OutgoingAnswer answer;

    private WebSocketConnection socket;
    private boolean upgrading;
    private BooleanSupplier allowed = () -> true;
    private Uploads.Room room;
    private boolean ended;

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
        this.uploads = load.uploads();
        this.listener = listener;
        this.start = start;
        ctx.put(KEY, this);
        ctx.addEndHandler(this::answered);
        this.body = new IncomingBody(ctx, load, start);
        this.answer = new OutgoingAnswer(this, ctx, connections, caller, load, start);
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
        return body.whole(known, most);
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
        return body.parts(known, most, taker);
    }

    /**
     * The same while it arrives, for a reader on another thread.
     *
     * @return the stream, as soon as it may be read; fails as {@link #body} does, and afterwards the stream does
     */
    public Future<BodyStream> stream(boolean known, long most) {
        return body.stream(known, most);
    }

    /** The body waits until {@link #resumeBody} has been called as often. */
    @Override
    public void pauseBody() {
        body.pause();
    }

    @Override
    public void resumeBody() {
        body.resume();
    }

    /** Nothing more of the body is wanted, for this reason; after the body has been read, nothing happens. */
    @Override
    public void failBody(ProblemException why) {
        body.fail(why);
    }

    /**
     * Counts memory as that of the body.
     *
     * @throws ProblemException 503 where there is no room for it
     */
    public void hold(long bytes) {
        body.hold(bytes);
    }

    /** What is to be done by {@link #releaseBody}. */
    public void onRelease(Runnable release) {
        body.onRelease(release);
    }

    /**
     * A place on disk for a file of the body, which {@link #releaseBody} clears.
     *
     * @throws ProblemException 503 where there is no room for the body of a known caller
     */
    @Override
    public Uploads.Place place() {
        if (room == null) {
            room = uploads.room(body.isKnown() ? body.announced() : 0);
            body.onRelease(room::giveBack);
        }
        Uploads.Place place = room.place();
        body.onRelease(() -> place.clear(vertx()));
        return place;
    }

    @Override
    public Vertx vertx() {
        return ctx.vertx();
    }

    /** Whether {@link #body} has anything to do. */
    public boolean hasBody() {
        return body.isExpected();
    }

    /** Gives back the memory of the body; call it when nobody uses the body any more. */
    public void releaseBody() {
        body.release();
    }

    /** The memory of a request or an answer beside its body. */
    static int overhead(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_2 ? HEADERS_OF_STREAM : HEADERS;
    }

    /** Ends the answer with this body. */
    public void end(Buffer content) {
        answer.end(content);
    }

    /** Ends an answer that has no body. */
    void end() {
        answer.end();
    }

    /**
     * Sends the rest of a stream that is in memory, whose length is in the headers of the answer, and closes it.
     *
     * @return completes when all of it is out, and fails when the caller has gone
     */
    Future<Void> stream(InputStream content) {
        return answer.stream(content);
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
        return answer.stream(chunks);
    }

    /**
     * Counts what is written until the caller has taken it.
     *
     * @return completes then
     */
    Future<Void> write(int size, Supplier<Future<Void>> write) {
        return answer.write(size, write);
    }

    /** Ends the answer when this condition no longer holds either. It is checked every second, and must not block. */
    public void allowWhile(BooleanSupplier condition) {
        BooleanSupplier others = allowed;
        allowed = () -> others.getAsBoolean() && condition.getAsBoolean();
    }

    /** The server takes no more calls: what has no end of its own ends. */
    void drain() {
        if (socket != null) {
            socket.close(WebSocketConnection.GOING_AWAY, "The gateway stops.");
        }
        answer.finishEndless();
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
        body.know(isKnown());
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
        return body.take(bytes);
    }

    void giveBackMessage(int bytes) {
        if (!ended) {
            body.giveBack(bytes);
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
        answer.tick(allowed, quiet);
    }

    /** Whether the caller keeps us waiting since before this time: for the body, or with the answer. */
    boolean isLate(long bodyBefore, long readBefore) {
        return !ended && (body.isLate(bodyBefore) || answer.isLate(readBefore));
    }

    /** The connection is gone. */
    void gone() {
        end(socket == null ? CLIENT_CLOSED_REQUEST : SWITCHING_PROTOCOLS);
    }

    /** The caller has had time enough. */
    void timeOut() {
        if (body.isUnderWay() && !answer.isSending()) {
            body.fail(new ProblemException(Problems.of(408)));
        } else {
            connections.cutOff(caller);
        }
    }

    /** Whether the caller has yet to take some of the answer. */
    boolean isSending() {
        return answer.isSending();
    }

    /** When the caller took something, or was given something to take. */
    long moved() {
        return answer.moved();
    }

    /** Whether the caller has shown a token. */
    public boolean isKnown() {
        return body.isKnown() || ctx.get("user") != null;
    }

    boolean isEnded() {
        return ended;
    }

    /** The answer has been given to the connection, or the caller has left before it was. */
    void answered(AsyncResult<Void> result) {
        if (result.failed() && body.isUnderWay() && !ctx.response().closed()) {
            // the caller is still there, but what it sends is no HTTP
            body.fail(new ProblemException(Problems.of(400)));
        } else if (result.failed()) {
            // a stream of HTTP/2 is closed before we are told that its last part is out: that is for out to say
            if (!answer.isSending() || !ctx.response().ended()) {
                end(CLIENT_CLOSED_REQUEST);
            }
        } else if (!answer.isSending() && !upgrading) {
            end(ctx.response().getStatusCode());
        }
    }

    /** The call is over, with this status. */
    void end(int status) {
        if (ended) {
            return;
        }
        ended = true;
        body.end();
        answer.stop();
        if (socket != null) {
            socket.gone();
            body.release();
        }
        long now = System.nanoTime();
        listener.ended(ctx, status, now - start);
        connections.ended(this, caller, now);
        if (body.isUnread()) {
            // RFC 9113, 8.1: with NO_ERROR, the answer is good
            ctx.response().reset(0);
        }
    }
}
