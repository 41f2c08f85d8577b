// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * Asks one device whether what it was told has happened: never before it was told, and where many tell at the same time,
 * once for several of them. Used on the context of its connection only.
 */
final class Confirmations {

    /** Of one question: enough that a few callers do not wait for each other. */
    private static final int UNDER_WAY = 4;

    /** A part that answers does so in a few milliseconds; nobody waits longer for somebody else's answer. */
    private static final long PATIENCE_MS = 100;

    private final Vertx vertx;
    private final Function<Question, Future<BusMessage>> asker;
    private final Map<Key, Line> lines = new HashMap<>();

    /** @param asker asks a question that no older one answers; fails without a bus */
    Confirmations(Vertx vertx, Function<Question, Future<BusMessage>> asker) {
        this.vertx = vertx;
        this.asker = asker;
    }

    private record Key(String type, String reply, ObjectNode data, Duration timeout) {}

    /** Whoever waits for the answer to a question that is not yet sent, and how many of its kind are. */
    private static final class Line {
        int underWay;
        Promise<BusMessage> next;
        long timer = -1;
    }

    /** The answer to a question that is asked after all that was told until now. */
    Future<BusMessage> ask(Question question) {
        Key key = new Key(question.type(), question.reply(), question.data(), question.timeout());
        Line line = lines.computeIfAbsent(key, first -> new Line());
        if (line.next != null) {
            return line.next.future();
        }
        Promise<BusMessage> answer = Promise.promise();
        line.next = answer;
        if (line.underWay < UNDER_WAY) {
            send(key, line, question);
        } else {
            line.timer = vertx.setTimer(PATIENCE_MS, timer -> send(key, line, question));
        }
        return answer.future();
    }

    private void send(Key key, Line line, Question question) {
        vertx.cancelTimer(line.timer);
        Promise<BusMessage> answer = line.next;
        line.next = null;
        line.underWay++;
        asker.apply(question).onComplete(result -> {
            line.underWay--;
            if (line.next != null) {
                send(key, line, question);
            } else if (line.underWay == 0) {
                lines.remove(key, line);
            }
            answer.handle(result);
        });
    }
}
