// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.time.Duration;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.ovosgateway.http.Sender;

/** What is sent to one client, no faster than the client takes it. */
final class Outgoing {

    private static final int LARGEST_UNSENT = 64 << 10;

    private final NetSocket socket;
    private final Sender client;
    private Promise<Void> speaking;
    private boolean closed;
    /** When the client began to leave what it was sent unread; 0 where it does not. */
    private long stuck;

    /** @param client who sends nothing more before it has taken this */
    Outgoing(NetSocket socket, Sender client) {
        this.socket = socket;
        this.client = client;
        socket.setWriteQueueMaxSize(LARGEST_UNSENT);
    }

    /** Sends an event. */
    void send(Event event) {
        socket.write(event.encoded());
        if (socket.writeQueueFull()) {
            client.pauseBody();
            whenTaken(client::resumeBody);
        }
    }

    /** Sends the last event; completed when it is with the system. */
    Future<Void> sendLast(Event event) {
        return socket.write(event.encoded());
    }

    /** Sends speech; completed when it is sent, fails where the client goes. */
    Future<Void> send(Speech speech) {
        if (closed) {
            return Future.failedFuture("the client is gone");
        }
        speaking = Promise.promise();
        sendNext(speech);
        return speaking.future();
    }

    private void sendNext(Speech speech) {
        for (Buffer next = speech.next(); next != null; next = speech.next()) {
            socket.write(next);
            if (socket.writeQueueFull()) {
                whenTaken(() -> sendNext(speech));
                return;
            }
        }
        speaking.tryComplete();
    }

    /** Goes on when the client has taken most of what was sent. */
    private void whenTaken(Runnable step) {
        stuck = System.nanoTime();
        socket.drainHandler(taken -> {
            stuck = 0;
            socket.drainHandler(null);
            step.run();
        });
    }

    /** Whether the client has left it unread for so long. */
    boolean isStuck(long now, Duration patience) {
        return stuck != 0 && stuck + patience.toNanos() - now < 0;
    }

    /** The client is gone. */
    void close() {
        closed = true;
        if (speaking != null) {
            speaking.tryFail("the client is gone");
        }
    }
}
