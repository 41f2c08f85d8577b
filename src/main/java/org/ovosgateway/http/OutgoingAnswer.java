// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.InputStream;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.netty.buffer.ByteBufInputStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * The answer to one request: sent no faster than its caller takes it, and counted until then.
 *
 * <p>Used on the event loop of its connection only.
 */
final class OutgoingAnswer {

    /** It is sent in parts of so many bytes, each when the one before was taken. */
    static final int PART = 16 << 10;

    private final HttpCall call;
    private final RoutingContext ctx;
    private final Connections connections;
    private final Connections.Caller caller;
    private final Load load;

    private int unsent;
    private int writing;
    private boolean sending;
    private boolean finishing;
    private Chunked chunked;
    private long moved;

    /** @param start when the headers of the request came */
    OutgoingAnswer(
            HttpCall call,
            RoutingContext ctx,
            Connections connections,
            Connections.Caller caller,
            Load load,
            long start) {
        this.call = call;
        this.ctx = ctx;
        this.connections = connections;
        this.caller = caller;
        this.load = load;
        this.moved = start;
    }

    /** Ends the answer with this body. */
    @SuppressWarnings("deprecation") // without a copy, the bytes are to be had in no other way
    void end(Buffer content) {
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
            return Future.failedFuture(HttpCall.GONE);
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
    Future<Void> stream(Chunks chunks) {
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
            return Future.failedFuture(HttpCall.GONE);
        }
        return send(chunks, true);
    }

    /** @param counted whether each chunk takes memory that was not taken for the answer as a whole */
    private Future<Void> send(Chunks chunks, boolean counted) {
        Chunked answer = new Chunked(chunks, counted);
        chunked = answer;
        if (chunks.isEndless()) {
            // the caller knows that it is let in, though there is nothing to tell yet
            answer.write(Buffer.buffer());
        }
        if (connections.isDraining()) {
            finishEndless();
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
        if (call.isEnded() || !takeUnsent(size)) {
            return Future.failedFuture(HttpCall.GONE);
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

    /** What has no end of its own ends now. */
    void finishEndless() {
        if (chunked != null && chunked.chunks.isEndless()) {
            chunked.finish();
        }
    }

    /**
     * To be called every second.
     *
     * @param allowed whether the caller may have the rest; asked where there is one
     * @param quiet who was sent nothing since then is sent a sign of life
     */
    void tick(BooleanSupplier allowed, long quiet) {
        if (chunked == null) {
            return;
        }
        if (!allowed.getAsBoolean()) {
            chunked.forbid();
        } else if (!sending && moved - quiet < 0) {
            Buffer heartbeat = chunked.chunks.heartbeat();
            if (heartbeat != null) {
                chunked.write(heartbeat);
            }
        }
    }

    /** The call is over: nothing more is sent. */
    void stop() {
        giveBackUnsent(unsent);
        if (chunked != null) {
            chunked.stop();
        }
    }

    /** Whether the caller has yet to take some of it. */
    boolean isSending() {
        return sending;
    }

    /** Whether the caller has taken nothing since this time. */
    boolean isLate(long before) {
        return sending && moved - before < 0;
    }

    /** When the caller took something, or was given something to take. */
    long moved() {
        return moved;
    }

    private boolean count(int bytes) {
        if (ctx.response().closed() || call.isEnded()) {
            call.answered(Future.failedFuture(HttpCall.GONE));
            return false;
        }
        sending = true;
        return takeUnsent(bytes + HttpCall.overhead(ctx.request()));
    }

    /** @return false when there is no room for them, and the caller has lost the connection */
    private boolean takeUnsent(int bytes) {
        if (!connections.takeUnsent(call, bytes)) {
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

    /** The answer has been taken, or the caller has left before it was. */
    private void out(AsyncResult<Void> result) {
        call.end(result.succeeded() ? ctx.response().getStatusCode() : HttpCall.CLIENT_CLOSED_REQUEST);
    }

    /** It is sent chunk by chunk. */
    private final class Chunked {

        private final Promise<Void> sent = Promise.promise();
        private final Context context = ctx.vertx().getOrCreateContext();
        private final Chunks chunks;
        private final boolean counted;
        private boolean over;

        private Chunked(Chunks chunks, boolean counted) {
            this.chunks = chunks;
            this.counted = counted;
        }

        private void next() {
            if (over) {
                return;
            }
            if (call.isEnded() || ctx.response().closed()) {
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
            return OutgoingAnswer.this.write(
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
                    sent.tryFail(HttpCall.GONE);
                }
                out(result);
            });
        }

        private void forbid() {
            if (chunks.isEndless()) {
                finish();
            } else {
                breakOff(HttpCall.GONE);
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
                chunked = null;
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
            sent.tryFail(HttpCall.GONE);
        }
    }
}
