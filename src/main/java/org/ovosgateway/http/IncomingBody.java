// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.ArrayList;
import java.util.List;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * The body of one request: read when it is known who calls, bounded, and counted while anybody uses it.
 *
 * <p>Used on the event loop of its connection only.
 */
final class IncomingBody {

    /** A refused body up to this size is let pass, so that the connection can be used again. */
    private static final int SMALL = 8 << 10;

    /** Bytes in a millisecond that a body which is read in parts must have, beyond the time that each body has. */
    private static final long SLOWEST = 16;

    private final RoutingContext ctx;
    private final Load load;
    private final long start;
    private final boolean present;
    private final List<Runnable> releases = new ArrayList<>(0);

    private Upload upload;
    private boolean known;
    private int held;
    private boolean unread;
    private boolean over;

    /** @param start when the headers of the request came */
    IncomingBody(RoutingContext ctx, Load load, long start) {
        this.ctx = ctx;
        this.load = load;
        this.start = start;
        this.present = isPresent(ctx.request());
        if (present) {
            ctx.addHeadersEndHandler(v -> leave());
        }
    }

    /** Whether {@link #read} has anything to do. */
    boolean isExpected() {
        return present || ctx.request().headers().contains(HttpHeaders.EXPECT);
    }

    /** Reads it as a whole. */
    Future<Buffer> whole(boolean known, long most) {
        Buffer content = Buffer.buffer();
        return read(known, most, false, part -> {
                    hold(part.length());
                    content.appendBuffer(part);
                })
                .map(content);
    }

    /** Reads it part by part. */
    Future<Void> parts(boolean known, long most, Handler<Buffer> taker) {
        return read(known, most, true, taker);
    }

    /** Reads it while it arrives, for a reader on another thread. */
    Future<BodyStream> stream(boolean known, long most) {
        if (!load.takeStream()) {
            return Future.failedFuture(full());
        }
        onRelease(load::giveBackStream);
        Context context = ctx.vertx().getOrCreateContext();
        BodyStream stream = new BodyStream(() -> context.runOnContext(v -> resume()));
        Future<Void> read = read(known, most, true, part -> {
            if (stream.offer(part)) {
                pause();
            }
        });
        if (read.failed()) {
            return Future.failedFuture(read.cause());
        }
        try {
            hold(2L * BodyStream.MOST);
        } catch (ProblemException e) {
            fail(e);
            return Future.failedFuture(e);
        }
        read.onSuccess(all -> stream.end()).onFailure(stream::fail);
        return Future.succeededFuture(stream);
    }

    private Future<Void> read(boolean known, long most, boolean paced, Handler<Buffer> taker) {
        if (over) {
            return Future.failedFuture(new ProblemException(Problems.of(400)));
        }
        HttpServerRequest request = ctx.request();
        String expected = request.getHeader(HttpHeaders.EXPECT);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            return Future.failedFuture(new ProblemException(Problems.of(417)));
        }
        if (!present) {
            return Future.succeededFuture();
        }
        if (announced(request) > most) {
            return Future.failedFuture(tooLarge(most));
        }
        this.known = known;
        if (!take(HttpCall.overhead(request))) {
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

    /** It waits until {@link #resume} has been called as often. */
    void pause() {
        if (upload != null && upload.pauses++ == 0) {
            upload.pausedAt = System.nanoTime();
            ctx.request().pause();
        }
    }

    void resume() {
        if (upload != null && upload.pauses > 0 && --upload.pauses == 0) {
            upload.waited += System.nanoTime() - upload.pausedAt;
            ctx.request().resume();
        }
    }

    /** Nothing more of it is wanted, for this reason; after it has been read, nothing happens. */
    void fail(ProblemException why) {
        if (upload != null) {
            upload.fail(why);
        }
    }

    /** The call is over: what has not come by now does not come. */
    void end() {
        over = true;
        fail(new ProblemException(Problems.of(400)));
    }

    /** Whether it is on its way. */
    boolean isUnderWay() {
        return upload != null;
    }

    /** Whether it should be here by now. */
    boolean isLate(long before) {
        return upload != null && upload.isLate(before);
    }

    /** Whether the caller may still be sending the rest, in HTTP/2, when the answer is out. */
    boolean isUnread() {
        return unread;
    }

    /** Bytes that it is said to have; 0 where that is not said. */
    long announced() {
        return Math.max(0, announced(ctx.request()));
    }

    /** Whether the caller has shown a token. */
    boolean isKnown() {
        return known;
    }

    void know(boolean caller) {
        known = caller;
    }

    /**
     * Counts memory as that of the body.
     *
     * @throws ProblemException 503 where there is no room for it
     */
    void hold(long bytes) {
        if (!take((int) Math.min(bytes, Integer.MAX_VALUE))) {
            throw full();
        }
    }

    boolean take(int bytes) {
        if (!load.takeBody(known, bytes)) {
            return false;
        }
        held += bytes;
        return true;
    }

    void giveBack(int bytes) {
        held -= bytes;
        load.giveBackBody(known, bytes);
    }

    /** What is to be done by {@link #release}. */
    void onRelease(Runnable release) {
        releases.add(release);
    }

    /** Gives back its memory. */
    void release() {
        if (held > 0) {
            giveBack(held);
        }
        List<Runnable> all = List.copyOf(releases);
        releases.clear();
        all.forEach(Runnable::run);
    }

    /** What is left of it when the answer begins is not read; the connection ends with the answer. */
    private void leave() {
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

    private static boolean isPresent(HttpServerRequest request) {
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

    /** It is on its way. */
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
                release();
                if (pauses > 0) {
                    ctx.request().resume();
                }
                read.fail(problem);
            }
        }
    }
}
