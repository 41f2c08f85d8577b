// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.ovosgateway.Json;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;
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

    private static final String RELEASE = "recognizer_loop:audio_output_end";

    /** A skill may begin to wait for the end of its speech after the first of these messages. */
    private static final long[] RELEASE_AGAIN_MS = {300, 1_500};

    /** A skill that has not spoken in its handler may speak on a thread of its own. */
    private static final long TRAILING_MS = 300;

    private static final int LARGEST_SESSION = 64 << 10;
    private static final int MOST_WAITING = 8;

    private final String id;
    private final Caller owner;
    private final Device device;
    private final Conversations conversations;
    private final Runnable unsubscribe;
    private final PendingQuestion question;
    private final Deque<Turn> waiting = new ArrayDeque<>();

    /** Ids of the last utterances that a denied skill has taken. */
    private final Deque<String> denied = new ArrayDeque<>();

    /** The newest session, as JSON, since most conversations are silent most of the time. */
    private byte[] session;

    /** Bytes of the session that {@link Conversations} has counted; it guards this. */
    private int size;

    /** What the caller of the last utterance may use. */
    private Bounds bounds = Bounds.NONE;

    /** Of the caller of the last utterance. */
    private SkillLimits limits;

    private final String room;
    private Turn turn;
    private long releases;

    private boolean ended;

    private volatile boolean busy;
    private volatile boolean answering;
    private volatile long lastUsed = System.nanoTime();

    Conversation(String id, Caller owner, Device device, Conversations conversations) {
        this.id = id;
        this.owner = owner;
        this.device = device;
        this.room = owner.room();
        this.conversations = conversations;
        this.question = new PendingQuestion(device);
        this.limits = owner.skills();
        this.session = bytes(Json.PLAIN.createObjectNode().put("session_id", id));
        this.size = session.length;
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
                        fail(next, result.cause());
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
        ObjectNode outgoing = outgoingSession();
        if (utterance.lang() != null) {
            data.put("lang", utterance.lang());
            outgoing.put("lang", utterance.lang());
        } else if (outgoing.path("lang").isTextual()) {
            data.put("lang", outgoing.path("lang").textValue());
        }
        publish("asked", requestId, eventData(utterance));
        device.tellIn(outgoing, "recognizer_loop:utterance", data, requestId).onFailure(cause -> fail(next, cause));
    }

    private static Map<String, Object> eventData(Utterance utterance) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("text", utterance.text());
        data.put("lang", utterance.lang());
        data.put("request_id", utterance.call());
        return data;
    }

    /** The session for the next message. The gateway sets anew what limits the caller: anybody on the bus may have changed it. */
    private ObjectNode outgoingSession() {
        ObjectNode outgoing = session();
        outgoing.put("session_id", id);
        if (room != null) {
            outgoing.put("site_id", room);
        }
        // nobody plays the answers
        outgoing.remove(List.of("is_speaking", "is_recording"));
        bounds.putInto(outgoing);
        return outgoing;
    }

    private void receive(BusMessage message) {
        question.receive(message);
        if (ended) {
            return;
        }
        updateSession(message);
        if (message.type().equals("speak")) {
            release(message);
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
        fail(
                current,
                new ProblemException(new Problem(
                                "forbidden",
                                "This user may not do that",
                                403,
                                "This user may not ask the skill that has taken it. What may be asked stands in the users file, under skills.")
                        .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"")));
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

    private void updateSession(BusMessage message) {
        if (message.context().get("session") instanceof ObjectNode newest && newest.has("active_skills")) {
            byte[] json = bytes(newest);
            if (json.length <= LARGEST_SESSION && conversations.resize(this, json.length - session.length)) {
                session = json;
            }
        }
    }

    /** Ends the wait of a skill for the end of its speech, as nobody plays it. */
    private void release(BusMessage speak) {
        if (!conversations.properties().releaseSpeech()) {
            return;
        }
        ObjectNode ofSpeech = speak.context().get("session") instanceof ObjectNode node
                ? node.deepCopy()
                : Json.PLAIN.createObjectNode();
        ofSpeech.put("session_id", id);
        ofSpeech.remove(List.of("is_speaking", "is_recording"));
        long number = ++releases;
        Runnable send = () -> device.tellIn(ofSpeech, RELEASE, Json.PLAIN.createObjectNode(), device.nextRequestId());
        send.run();
        for (long delay : RELEASE_AGAIN_MS) {
            device.vertx()
                    .setTimer(
                            delay,
                            timer -> device.onContext(() -> {
                                if (!ended && turn != null && releases == number) {
                                    send.run();
                                }
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
        return finished.outcome(id, lang != null ? lang : session().path("lang").asText(null));
    }

    private void fail(Turn failed, Throwable cause) {
        beginNext(failed);
        failed.result().tryFail(cause);
        settle();
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
        fail(
                expired,
                new ProblemException(
                        noAnswer(expired).with("conversation_id", id).with("answers", List.copyOf(expired.answers()))));
    }

    private static Problem noAnswer(Turn expired) {
        String what = expired.requestId().isEmpty()
                ? "The utterance before this one was not answered"
                : expired.isStarted()
                        ? "The assistant has begun to answer, and has not ended"
                        : "The assistant has taken the utterance, and has said nothing about it";
        return new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "%s within %d s. Raise timeout if the skill takes its time, and look into the log of ovos-core if not."
                        .formatted(what, expired.utterance().timeout().toSeconds()));
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
        if (!question.isOpen()) {
            return;
        }
        ObjectNode outgoing = outgoingSession();
        // the next utterance is no answer, though the skill has not given up yet
        removeQuestion();
        question.cancel(outgoing, () -> {
            if (ended) {
                unsubscribe.run();
            }
        });
    }

    private void removeQuestion() {
        byte[] without = bytes(PendingQuestion.removeFrom(session()));
        conversations.resize(this, without.length - session.length);
        session = without;
    }

    /** On any thread: cancels all that is open. */
    void end(String reason) {
        device.onContext(() -> {
            if (ended) {
                return;
            }
            cancelQuestion();
            ended = true;
            if (!question.isBeingCancelled()) {
                unsubscribe.run();
            }
            removeOpenTurns().forEach(this::cancel);
            publish("ended", "", Map.of("reason", reason));
        });
    }

    /** On any thread: the connection to the bus was lost, so nobody answers what is open. */
    void disconnect() {
        device.onContext(() -> {
            question.forget();
            removeQuestion();
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

    private ObjectNode session() {
        try {
            return (ObjectNode) Json.PLAIN.readTree(session);
        } catch (IOException e) {
            throw new IllegalStateException("the session was written here", e);
        }
    }

    private static byte[] bytes(ObjectNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }
}
