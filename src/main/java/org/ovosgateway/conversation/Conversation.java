// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.Json;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.NoAnswerException;
import org.ovosgateway.conversation.Turn.Progress;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * One conversation: its owner, its session on the bus, and the utterance that is being answered.
 *
 * <p>OVOS keeps no session but that of the device. Each message carries all of its session, so the newest session goes out
 * with the next utterance. All methods run on the event loop of the device unless they say otherwise.
 */
final class Conversation {

    /** A skill that has not spoken in its handler may speak on a thread of its own. */
    private static final long TRAILING_MS = 300;

    private static final int MOST_WAITING = 8;

    private final String id;
    private final Caller owner;
    private final Device device;
    private final Conversations conversations;
    private final Runnable unsubscribe;
    private final Session session;
    private final PendingQuestion question;
    private final SpeechRelease speech;
    private final Deque<Turn> waiting = new ArrayDeque<>();

    /** Ids of the last utterances that a denied skill has taken. */
    private final Deque<String> denied = new ArrayDeque<>();

    /** Bytes of the session that {@link Conversations} has counted; it guards this. */
    private int size;

    /** What the caller of the last utterance may use. */
    private Bounds bounds = Bounds.NONE;

    /** Of the caller of the last utterance. */
    private SkillLimits limits;

    private Turn turn;

    /** The utterance that nobody waited for any longer though the assistant has not told its end; null for none. */
    private String abandoned;

    private boolean ended;

    private volatile boolean busy;
    private volatile boolean answering;
    private volatile long lastUsed = System.nanoTime();

    Conversation(String id, Caller owner, Device device, Conversations conversations) {
        this.id = id;
        this.owner = owner;
        this.device = device;
        this.conversations = conversations;
        this.session = new Session(id, owner.room(), growth -> conversations.resize(this, growth));
        this.question = new PendingQuestion(device, conversations.properties().cancelTimeout());
        this.speech = new SpeechRelease(device, () -> turn != null);
        this.limits = owner.skills();
        this.size = session.length();
        this.unsubscribe = device.subscribeToSession(id, this::receive);
    }

    String id() {
        return id;
    }

    Caller owner() {
        return owner;
    }

    Device device() {
        return device;
    }

    /** On any thread: whether it can be forgotten without ending anything. */
    boolean isIdle() {
        return !busy;
    }

    /** On any thread: whether somebody waits for an answer of the assistant. */
    boolean isAnswering() {
        return answering;
    }

    /** On any thread: the time of the last utterance or answer, as {@link System#nanoTime}. */
    long lastUsed() {
        return lastUsed;
    }

    /** Bytes of its session, as {@link Conversations} has counted them; it guards this. */
    int size() {
        return size;
    }

    void resize(int by) {
        size += by;
    }

    /** On any thread: says something; completed with how it ended, or fails with a {@link ProblemException}. */
    Future<Map<String, Object>> say(Utterance utterance, Caller caller) {
        busy = true;
        answering = true;
        lastUsed = System.nanoTime();
        Turn next = new Turn(utterance, caller);
        device.onContext(() -> take(next));
        return next.result().future();
    }

    private void take(Turn next) {
        if (ended) {
            next.result().fail(Conversations.unknownConversation(id));
        } else if (StopWords.isStop(next.utterance().text())) {
            stop(next);
        } else if (turn != null && next.utterance().refusedIfBusy() || waiting.size() == MOST_WAITING) {
            next.result().fail(busy());
        } else {
            long timer = device.vertx().setTimer(next.utterance().timeout().toMillis(), fired -> expire(next));
            next.result().future().onComplete(outcome -> device.vertx().cancelTimer(timer));
            if (turn == null) {
                begin(next);
            } else {
                waiting.add(next);
            }
        }
        settle();
    }

    private void begin(Turn next) {
        turn = next;
        limits = next.caller().skills();
        conversations
                .bounds(device, limits)
                .onComplete(result -> device.onContext(() -> {
                    if (turn != next) {
                        return;
                    }
                    if (result.failed()) {
                        fail(
                                next,
                                result.cause() instanceof NoAnswerException silent
                                        ? new ProblemException(soFar(next, silent.problem()))
                                        : result.cause());
                        return;
                    }
                    bounds = result.result();
                    send(next);
                }));
    }

    private void send(Turn next) {
        Utterance utterance = next.utterance();
        String requestId = device.nextRequestId();
        next.begin(requestId, question.requestId());
        ObjectNode data = Json.PLAIN.createObjectNode();
        data.putArray("utterances").add(utterance.text());
        ObjectNode outgoing = session.outgoing(bounds);
        if (utterance.lang() != null) {
            data.put("lang", utterance.lang());
            outgoing.put("lang", utterance.lang());
        } else if (outgoing.path("lang").isTextual()) {
            data.put("lang", outgoing.path("lang").textValue());
        }
        publish("asked", requestId, eventData(utterance));
        device.follow(next.result().future());
        device.tellIn(outgoing, "recognizer_loop:utterance", data, requestId).onFailure(cause -> fail(next, cause));
    }

    private static Map<String, Object> eventData(Utterance utterance) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("text", utterance.text());
        data.put("lang", utterance.lang());
        data.put("request_id", utterance.call());
        return data;
    }

    private void receive(BusMessage message) {
        question.receive(message);
        if (message.type().equals("ovos.utterance.handled")
                && message.requestId().equals(abandoned)) {
            abandoned = null;
        }
        session.update(message);
        if (message.type().equals("speak") && conversations.properties().releaseSpeech()) {
            speech.release(session.outgoing(message, bounds));
        }
        boolean ofTurn = turn != null && turn.isOf(message);
        boolean allowed = Turn.allows(message, limits) && !denied.contains(message.requestId());
        if (ofTurn && !allowed) {
            deny(turn, message);
            settle();
            return;
        }
        // a skill that was denied may still speak, though its caller has got the refusal
        if (message.type().equals("speak") && allowed) {
            publish(ofTurn ? "answer" : "said-later", message.requestId(), Turn.answer(message));
            if (ofTurn && turn.utterance().aloud()) {
                device.speak(
                        message.data().path("utterance").asText(),
                        turn.utterance().lang());
            }
        }
        if (ofTurn) {
            advance(turn, turn.receive(message));
        }
        settle();
    }

    /**
     * Discards what a skill says that the caller may not ask: its id was not known when the utterance was sent. From now on it
     * is.
     */
    private void deny(Turn current, BusMessage message) {
        String skill = message.context().path("skill_id").asText();
        conversations.learn(device, skill);
        denied.add(current.requestId());
        if (denied.size() > MOST_WAITING) {
            denied.remove();
        }
        fail(current, Turn.notAllowed());
    }

    private void advance(Turn current, Progress progress) {
        if (progress == Progress.FINISHED) {
            finish(current);
        } else if (progress == Progress.FINISHED_UNLESS_MORE_SPEECH) {
            device.vertx()
                    .setTimer(
                            TRAILING_MS,
                            timer -> device.onContext(() -> {
                                if (turn == current) {
                                    finish(current);
                                }
                                settle();
                            }));
        }
    }

    private void finish(Turn finished) {
        Map<String, Object> outcome = outcome(finished);
        publish("turn", finished.requestId(), outcome);
        beginNext(finished);
        finished.result().tryComplete(outcome);
    }

    private Map<String, Object> outcome(Turn finished) {
        String lang = finished.utterance().lang();
        return finished.outcome(id, lang != null ? lang : session.lang());
    }

    private void fail(Turn failed, Throwable cause) {
        abandon(failed);
        beginNext(failed);
        failed.result().tryFail(cause);
        settle();
    }

    private void abandon(Turn open) {
        if (turn == open && open != null && !open.requestId().isEmpty()) {
            abandoned = open.requestId();
        }
    }

    private void beginNext(Turn finished) {
        lastUsed = System.nanoTime();
        waiting.remove(finished);
        if (turn == finished) {
            turn = null;
            Turn next = waiting.poll();
            if (next != null) {
                begin(next);
            }
        }
    }

    private void settle() {
        answering = turn != null || !waiting.isEmpty();
        busy = answering || question.isOpen();
    }

    private void expire(Turn expired) {
        if (expired.result().future().isComplete()) {
            return;
        }
        fail(expired, new ProblemException(soFar(expired, expired.noAnswer())));
    }

    /** With the id of the conversation, which may be a new one, and with the answers so far. */
    private Problem soFar(Turn failed, Problem problem) {
        return problem.with("conversation_id", id).with("answers", List.copyOf(failed.answers()));
    }

    private static ProblemException busy() {
        return new ProblemException(new Problem(
                        "conversation-busy",
                        "The conversation is busy",
                        409,
                        "An earlier utterance of this conversation is not answered yet. Wait for its answer, or say it in"
                                + " another conversation.")
                .header("Retry-After", "1"));
    }

    /** Ends all turns of this conversation. The word for it is not sent: OVOS would stop the device itself. */
    private void stop(Turn next) {
        Turn current = turn;
        waiting.forEach(this::cancel);
        waiting.clear();
        if (current != null) {
            abandon(current);
            current.cancel();
            finish(current);
        }
        cancelQuestion();
        next.cancel();
        finish(next);
    }

    private void cancel(Turn other) {
        other.cancel();
        other.result().tryComplete(outcome(other));
    }

    private void cancelQuestion() {
        if (question.isOpen()) {
            ObjectNode outgoing = session.outgoing(bounds);
            // the next utterance is no answer, though the skill has not given up yet
            session.removeQuestion();
            question.cancel(outgoing);
        }
    }

    /**
     * On any thread: cancels all that is open.
     *
     * @return completes when no skill waits for an answer any longer, as far as that can be brought about
     */
    Future<Void> end(String reason) {
        Promise<Void> over = Promise.promise();
        device.onContext(() -> {
            if (ended) {
                over.complete();
                return;
            }
            cancelQuestion();
            ended = true;
            abandon(turn);
            removeOpenTurns().forEach(this::cancel);
            publish("ended", "", Map.of("reason", reason));
            unsubscribe.run();
            if (abandoned != null || !question.givenUp().isComplete()) {
                conversations.listenOn(device, session.address(bounds), question, abandoned);
            }
            question.givenUp().onComplete(over);
        });
        return over.future();
    }

    /** On any thread: the connection to the bus was lost, so nobody answers what is open. */
    void disconnect() {
        device.onContext(() -> {
            question.forget();
            session.removeQuestion();
            removeOpenTurns().forEach(open -> open.result().tryFail(device.lost()));
            settle();
        });
    }

    private List<Turn> removeOpenTurns() {
        List<Turn> open = new ArrayList<>(waiting);
        if (turn != null) {
            open.add(0, turn);
        }
        waiting.clear();
        turn = null;
        return open;
    }

    private void publish(String type, String requestId, Map<String, Object> data) {
        conversations.publish(new ConversationEvent(type, device.name(), id, requestId, owner, data));
    }
}
