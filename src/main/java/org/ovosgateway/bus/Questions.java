// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Verdict;

/**
 * Ties answers to the questions of one device. Used on the context of its connection only.
 *
 * <p>Identical questions share one round trip. Of different questions whose answers can only be told by their type, one
 * is under way at a time; the bus sends everybody one and the same order, so what is heard before the echo of a question
 * can't be its answer. Where an answer may still be another question's, the question is asked until two rounds agree.
 */
final class Questions {

    /** Puts a question on the bus and gives the id under which it was sent. */
    interface Sender {
        String send(Question question);
    }

    /** Copies of an answer follow each other at once; a pause this long means that the last has come. */
    private static final long SETTLED_MS = 100;

    private static final long LAST_MS = 300;

    private static final long DELAY_CHECK_MS = 200;

    private final Vertx vertx;
    private final Sender sender;
    private final BooleanSupplier sendingIsDelayed;
    private final Map<Key, RoundTrip> shared = new HashMap<>();
    private final Map<String, RoundTrip> bySentId = new HashMap<>();
    private final Map<String, Turns> turnsByReply = new HashMap<>();
    private final Map<String, Set<Turns>> turnsByQuestion = new HashMap<>();
    private final Map<String, Integer> awaitedReplies = new HashMap<>();
    private long commands;

    Questions(Vertx vertx, Sender sender) {
        this(vertx, sender, () -> false);
    }

    /** @param sendingIsDelayed whether questions still wait to be sent and relayed, so that nobody can have answered */
    Questions(Vertx vertx, Sender sender, BooleanSupplier sendingIsDelayed) {
        this.vertx = vertx;
        this.sender = sender;
        this.sendingIsDelayed = sendingIsDelayed;
    }

    private record Key(
            String type, String reply, ObjectNode data, long commands, Duration timeout, ObjectNode session) {}

    /** One question on its way, and everybody who waits for its answer. */
    private final class RoundTrip {
        final Question question;
        final Key key;
        final List<Waiter> waiters = new ArrayList<>();
        long deadline = -1;
        String sentId;
        long sentAt;
        boolean echoed;
        BusMessage latest;
        ObjectNode candidate;
        long settling = -1;

        RoundTrip(Question question, Key key) {
            this.question = question;
            this.key = key;
        }

        /** Whoever comes later waits as long as he wanted, and not only until the first gives up. */
        Future<BusMessage> join(Question asked) {
            Waiter waiter = new Waiter(asked, Promise.promise(), System.nanoTime());
            waiters.add(waiter);
            if (deadline == -1) {
                awaitDeadline();
            }
            return waiter.promise.future();
        }

        void awaitDeadline() {
            vertx.cancelTimer(deadline);
            long first = waiters.stream().mapToLong(Waiter::nanosLeft).min().orElse(0);
            deadline = vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(first) + 1), timer -> expired(this));
        }

        void end(Consumer<Promise<BusMessage>> how) {
            waiters.forEach(waiter -> how.accept(waiter.promise));
        }
    }

    private record Waiter(Question question, Promise<BusMessage> promise, long since) {

        long nanosLeft() {
            return since + question.timeout().toNanos() - System.nanoTime();
        }
    }

    /** The questions of one answer type that has no id: one under way, the others in line. */
    private static final class Turns {
        final Deque<RoundTrip> waiting = new ArrayDeque<>();
        RoundTrip current;
        Question answered;
        /** Of the data that were taken: the hash is enough to doubt a copy, and keeps no large answer in memory. */
        int answerHash;

        long answeredAt;
        long strayAnswersUntil = System.nanoTime();

        void expectStrays(Question question) {
            strayAnswersUntil = System.nanoTime() + question.timeout().toNanos();
        }

        boolean doubts(BusMessage heard) {
            if (current.candidate != null || System.nanoTime() - strayAnswersUntil < 0) {
                return true;
            }
            boolean copyOfTheOneBefore = answered != null
                    && System.nanoTime() - answeredAt < TimeUnit.SECONDS.toNanos(5)
                    && !answered.sameAs(current.question)
                    && heard.data().hashCode() == answerHash;
            return copyOfTheOneBefore;
        }
    }

    Future<BusMessage> ask(Question question) {
        // those that only their type tells apart go one after the other, and would queue for nothing
        long after = question.match() == Match.ID ? commands : 0;
        // nor does anybody wait longer than was wanted, or less
        Duration timeout = question.match() == Match.ID ? question.timeout() : Duration.ZERO;
        Key key = new Key(question.type(), question.reply(), question.data(), after, timeout, question.session());
        RoundTrip same = shared.get(key);
        if (same != null) {
            return same.join(question);
        }
        RoundTrip trip = new RoundTrip(question, key);
        Future<BusMessage> answer = trip.join(question);
        shared.put(key, trip);
        if (question.match() == Match.ID) {
            send(trip);
        } else {
            Turns turns = turnsByReply.computeIfAbsent(question.reply(), reply -> new Turns());
            turnsByQuestion
                    .computeIfAbsent(question.type(), type -> new HashSet<>())
                    .add(turns);
            turns.waiting.add(trip);
            next(turns);
        }
        return answer;
    }

    /** What was asked before a command does not tell what it has changed: who asks from now on shares nothing older. */
    void commanded() {
        commands++;
    }

    int waiting() {
        return shared.size();
    }

    /** Whether a message of this type may matter here. */
    boolean awaits(String type) {
        return awaitedReplies.containsKey(type) || turnsByQuestion.containsKey(type);
    }

    /** The bus has relayed the message with this id. */
    void echoed(String sentId) {
        RoundTrip trip = bySentId.get(sentId);
        if (trip != null) {
            trip.echoed = true;
        }
    }

    /** Somebody else's message. */
    void heard(BusMessage message) {
        RoundTrip byId = bySentId.get(message.requestId());
        if (byId != null && byId.question.match() == Match.ID) {
            if (byId.question.reply().equals(message.type())
                    && byId.question.reading().of(message) != Verdict.IGNORE) {
                finish(byId, message);
            }
            return;
        }
        for (Turns turns : turnsByQuestion.getOrDefault(message.type(), Set.of())) {
            boolean ours = turns.current != null
                    && withoutKey(message.data()).equals(withoutKey(turns.current.question.data()));
            if (!ours && turns.current != null) {
                turns.expectStrays(turns.current.question);
            } else if (turns.current == null && turns.answered != null && !sameData(message, turns.answered)) {
                turns.expectStrays(turns.answered);
            }
        }
        Turns turns = turnsByReply.get(message.type());
        if (turns != null && turns.current != null && turns.current.echoed) {
            answered(turns, turns.current, message);
        }
    }

    void failAll(Throwable cause) {
        List<RoundTrip> all = new ArrayList<>(shared.values());
        turnsByReply.values().forEach(turns -> turns.waiting.clear());
        all.forEach(trip -> {
            forget(trip);
            trip.end(promise -> promise.tryFail(cause));
        });
    }

    /** Gives a question up before its time: whoever waits for its answer is told why, and who asks it next asks anew. */
    void abandon(Question question, Throwable reason) {
        for (RoundTrip trip : List.copyOf(shared.values())) {
            if (trip.question.sameAs(question)) {
                fail(trip, reason);
            }
        }
    }

    /** Fails the question that was sent under this id, if there is one. */
    void fail(String sentId, Throwable reason) {
        RoundTrip trip = bySentId.get(sentId);
        if (trip != null) {
            fail(trip, reason);
        }
    }

    /** Gives all questions up that wait for an answer of this type. */
    void abandon(String reply, Throwable reason) {
        for (RoundTrip trip : List.copyOf(shared.values())) {
            if (trip.question.reply().equals(reply) && trip.echoed) {
                fail(trip, reason);
            }
        }
    }

    private void answered(Turns turns, RoundTrip trip, BusMessage answer) {
        Verdict verdict = trip.question.reading().of(answer);
        if (verdict == Verdict.IGNORE) {
            return;
        }
        if (verdict == Verdict.TAKE && !turns.doubts(answer)) {
            finish(trip, answer);
            return;
        }
        if (verdict == Verdict.TAKE
                || trip.latest == null
                || trip.question.reading().of(trip.latest) == Verdict.TAKE_IF_LAST) {
            trip.latest = answer;
        }
        vertx.cancelTimer(trip.settling);
        boolean last = trip.question.reading().of(trip.latest) == Verdict.TAKE_IF_LAST;
        trip.settling = vertx.setTimer(last ? LAST_MS : SETTLED_MS, timer -> settled(turns, trip));
    }

    private void settled(Turns turns, RoundTrip trip) {
        BusMessage answer = trip.latest;
        if (!turns.doubts(answer) || answer.data().equals(trip.candidate)) {
            finish(trip, answer);
            return;
        }
        trip.candidate = answer.data();
        trip.latest = null;
        send(trip);
    }

    private void next(Turns turns) {
        if (turns.current == null) {
            turns.current = turns.waiting.poll();
            if (turns.current != null) {
                send(turns.current);
            }
        }
    }

    private void send(RoundTrip trip) {
        if (trip.sentId == null) {
            awaitedReplies.merge(trip.question.reply(), 1, Integer::sum);
        } else {
            bySentId.remove(trip.sentId);
        }
        trip.echoed = false;
        trip.sentAt = System.nanoTime();
        trip.sentId = sender.send(trip.question);
        bySentId.put(trip.sentId, trip);
    }

    private void finish(RoundTrip trip, BusMessage answer) {
        Turns turns = turnsByReply.get(trip.question.reply());
        if (turns != null && turns.current == trip) {
            turns.answered = trip.question;
            turns.answerHash = answer.data().hashCode();
            turns.answeredAt = System.nanoTime();
        }
        forget(trip);
        trip.end(promise -> promise.tryComplete(answer));
    }

    /** Some have waited long enough; for those who came after the question was sent it is sent anew. */
    private void expired(RoundTrip trip) {
        if (sendingIsDelayed.getAsBoolean()) {
            trip.deadline = vertx.setTimer(DELAY_CHECK_MS, timer -> expired(trip));
            return;
        }
        List<Waiter> late =
                trip.waiters.stream().filter(waiter -> waiter.nanosLeft() <= 0).toList();
        if (late.size() == trip.waiters.size()) {
            fail(trip, Questions::silence);
            return;
        }
        trip.waiters.removeAll(late);
        trip.awaitDeadline();
        boolean sent = trip.sentId != null;
        if (sent && trip.waiters.stream().anyMatch(waiter -> waiter.since - trip.sentAt > 0) && !late.isEmpty()) {
            send(trip);
        }
        late.forEach(waiter -> waiter.promise.tryFail(silence(waiter.question)));
    }

    private static Throwable silence(Question question) {
        return new NoAnswerException(question.type(), question.timeout(), question.answeredBy());
    }

    private void fail(RoundTrip trip, Throwable reason) {
        fail(trip, question -> reason);
    }

    private void fail(RoundTrip trip, Function<Question, Throwable> reason) {
        Turns turns = turnsByReply.get(trip.question.reply());
        if (turns != null && turns.current == trip) {
            turns.expectStrays(trip.question);
        }
        forget(trip);
        trip.waiters.forEach(waiter -> waiter.promise.tryFail(reason.apply(waiter.question)));
    }

    private void forget(RoundTrip trip) {
        vertx.cancelTimer(trip.deadline);
        vertx.cancelTimer(trip.settling);
        shared.remove(trip.key, trip);
        if (trip.sentId != null) {
            bySentId.remove(trip.sentId);
            awaitedReplies.computeIfPresent(trip.question.reply(), (type, count) -> count > 1 ? count - 1 : null);
        }
        Turns turns = turnsByReply.get(trip.question.reply());
        if (turns != null) {
            if (turns.current == trip) {
                turns.current = null;
                next(turns);
            } else {
                turns.waiting.remove(trip);
            }
        }
    }

    private static boolean sameData(BusMessage message, Question question) {
        return withoutKey(message.data()).equals(withoutKey(question.data()));
    }

    /** Others may ask the same with another key, which changes nothing in what is asked. */
    private static ObjectNode withoutKey(ObjectNode data) {
        return data.has(SharedKeyCompanion.KEY) ? data.deepCopy().without(SharedKeyCompanion.KEY) : data;
    }
}
