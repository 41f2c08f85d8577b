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
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;
import org.ovosgateway.conversation.Turn.Progress;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * One conversation: who began it, its session on the bus, and the utterance that is being answered.
 *
 * <p>OVOS keeps no session but its own: each message carries all of it, so the newest one heard goes out with the next
 * utterance. All is done on the event loop of the device unless said otherwise.
 */
final class Conversation {

    /** The only language whose word for giving a question up is known. */
    private static final String ENGLISH = "en";

    private static final String RELEASE = "recognizer_loop:audio_output_end";

    /** A skill may begin to wait for the end of its speech after it was told. */
    private static final long[] RELEASE_AGAIN_MS = {300, 1_500};

    /** A skill that has not spoken in its handler may speak on a thread of its own. */
    private static final long TRAILING_MS = 300;

    /** Within it, a skill gives a question up that was called off. */
    private static final long GIVEN_UP_MS = 1_000;

    private static final int LARGEST_SESSION = 64 << 10;
    private static final int MOST_WAITING = 8;

    private final String id;
    private final Caller owner;
    private final Device device;
    private final Conversations all;
    private final Runnable unsubscribe;
    private final Deque<Turn> waiting = new ArrayDeque<>();

    /** The newest session, as JSON, since most conversations are silent most of the time. */
    private byte[] session;

    /** What of the device may be used in it, as of the last utterance. */
    private Bounds bounds = Bounds.NONE;

    private final String room;
    private Turn turn;
    private long releases;

    /** The skill that has asked something back, and the id of the utterance that led to it; null when none has. */
    private String asking;

    private String questionId;

    /** The skill whose question was called off, until it has given it up. */
    private String calledOff;

    private boolean ended;

    private volatile boolean busy;
    private volatile boolean answering;
    private volatile long lastUsed = System.nanoTime();

    Conversation(String id, Caller owner, Device device, Conversations all) {
        this.id = id;
        this.owner = owner;
        this.device = device;
        this.room = owner.room();
        this.all = all;
        this.session = bytes(Json.PLAIN.createObjectNode().put("session_id", id));
        this.unsubscribe = device.hearSession(id, this::heard);
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

    /** On any thread: when the last word was said, as {@link System#nanoTime}. */
    long lastUsed() {
        return lastUsed;
    }

    int size() {
        return session.length;
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
            next.result().fail(Conversations.unknown(id));
        } else if (StopWords.isStop(next.utterance().text())) {
            stop(next);
        } else if (turn != null && next.utterance().refusedIfBusy() || waiting.size() == MOST_WAITING) {
            next.result().fail(busy());
        } else {
            long timer = device.vertx().setTimer(next.utterance().timeout().toMillis(), late -> expire(next));
            next.result().future().onComplete(over -> device.vertx().cancelTimer(timer));
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
        all.bounds(device, next.caller().skills())
                .onComplete(known -> device.onContext(() -> {
                    if (turn != next) {
                        return;
                    }
                    if (known.failed()) {
                        fail(next, known.cause());
                        return;
                    }
                    bounds = known.result();
                    send(next);
                }));
    }

    private void send(Turn next) {
        Utterance utterance = next.utterance();
        String requestId = device.nextRequestId();
        next.begin(requestId, questionId);
        ObjectNode data = Json.PLAIN.createObjectNode();
        data.putArray("utterances").add(utterance.text());
        ObjectNode sent = outgoing();
        if (utterance.lang() != null) {
            data.put("lang", utterance.lang());
            sent.put("lang", utterance.lang());
        } else if (sent.path("lang").isTextual()) {
            data.put("lang", sent.path("lang").textValue());
        }
        tell("asked", requestId, asked(utterance));
        device.tellIn(sent, "recognizer_loop:utterance", data, requestId).onFailure(lost -> fail(next, lost));
    }

    private static Map<String, Object> asked(Utterance utterance) {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("text", utterance.text());
        asked.put("lang", utterance.lang());
        asked.put("request_id", utterance.call());
        return asked;
    }

    /** The session as it goes out: what others may have put into it does not count where it is a matter of permission. */
    private ObjectNode outgoing() {
        ObjectNode sent = node();
        sent.put("session_id", id);
        if (room != null) {
            sent.put("site_id", room);
        }
        // nobody plays what is said here
        sent.remove(List.of("is_speaking", "is_recording"));
        bounds.putInto(sent);
        return sent;
    }

    private void heard(BusMessage message) {
        if (message.type().equals("skill.converse.get_response.disable")) {
            calledOff = null;
        }
        if (ended) {
            return;
        }
        keep(message);
        switch (message.type()) {
            case "skill.converse.get_response.enable" -> {
                asking = message.data().path("skill_id").asText();
                questionId = message.requestId();
            }
            case "skill.converse.get_response.disable" -> {
                asking = null;
                questionId = null;
            }
            case "speak" -> release(message);
            default -> {}
        }
        boolean ofTurn = turn != null && turn.isOf(message);
        if (ofTurn && !turn.mayHear(message)) {
            deny(turn, message);
            settle();
            return;
        }
        if (message.type().equals("speak")) {
            tell(ofTurn ? "answer" : "said-later", message.requestId(), Turn.answer(message));
            if (ofTurn && turn.utterance().aloud()) {
                device.speak(
                        message.data().path("utterance").asText(),
                        turn.utterance().lang());
            }
        }
        if (ofTurn) {
            progress(turn, turn.heard(message));
        }
        settle();
    }

    /** A skill that was not known when the text was sent has taken it: it is not heard, and is known from now on. */
    private void deny(Turn current, BusMessage message) {
        String skill = message.context().path("skill_id").asText();
        all.learn(device, skill);
        fail(
                current,
                new ProblemException(new Problem(
                                "forbidden",
                                "This user may not do that",
                                403,
                                "This user may not ask the skill that has taken it. What may be asked stands in the users file, under skills.")
                        .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"")));
    }

    private void progress(Turn current, Progress progress) {
        if (progress == Progress.OVER) {
            finish(current);
        } else if (progress == Progress.OVER_UNLESS_MORE_IS_SAID) {
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

    private void keep(BusMessage message) {
        if (message.context().get("session") instanceof ObjectNode newest && newest.has("active_skills")) {
            byte[] kept = bytes(newest);
            if (kept.length <= LARGEST_SESSION && all.resized(this, kept.length - session.length)) {
                session = kept;
            }
        }
    }

    /** A skill that waits for the end of its speech is told that it is over, since nobody plays it. */
    private void release(BusMessage speak) {
        if (!all.properties().releaseSpeech()) {
            return;
        }
        ObjectNode spoken = speak.context().get("session") instanceof ObjectNode heard
                ? heard.deepCopy()
                : Json.PLAIN.createObjectNode();
        spoken.put("session_id", id);
        spoken.remove(List.of("is_speaking", "is_recording"));
        long number = ++releases;
        Runnable send = () -> device.tellIn(spoken, RELEASE, Json.PLAIN.createObjectNode(), device.nextRequestId());
        send.run();
        for (long later : RELEASE_AGAIN_MS) {
            device.vertx()
                    .setTimer(
                            later,
                            timer -> device.onContext(() -> {
                                if (!ended && turn != null && releases == number) {
                                    send.run();
                                }
                            }));
        }
    }

    private void finish(Turn over) {
        Map<String, Object> outcome = over.outcome(id, lang(over));
        tell("turn", over.requestId(), outcome);
        next(over);
        over.result().tryComplete(outcome);
    }

    private String lang(Turn over) {
        return over.utterance().lang() != null
                ? over.utterance().lang()
                : node().path("lang").asText(null);
    }

    private void fail(Turn failed, Throwable cause) {
        next(failed);
        failed.result().tryFail(cause);
        settle();
    }

    private void next(Turn over) {
        lastUsed = System.nanoTime();
        waiting.remove(over);
        if (turn == over) {
            turn = null;
            Turn next = waiting.poll();
            if (next != null) {
                begin(next);
            }
        }
    }

    private void settle() {
        answering = turn != null || !waiting.isEmpty();
        busy = answering || asking != null;
    }

    private void expire(Turn late) {
        if (late.result().future().isComplete()) {
            return;
        }
        fail(
                late,
                new ProblemException(
                        noAnswer(late).with("conversation_id", id).with("answers", List.copyOf(late.answers()))));
    }

    private Problem noAnswer(Turn late) {
        String what = late.requestId().isEmpty()
                ? "The utterance before this one was not answered"
                : late.isHeard()
                        ? "The assistant has begun to answer, and has not ended"
                        : "The assistant has taken the utterance, and has said nothing about it";
        return new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "%s within %d s. Raise timeout if the skill takes its time, and look into the log of ovos-core if not."
                        .formatted(what, late.utterance().timeout().toSeconds()));
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

    /** OVOS would stop the device itself; what is meant is what goes on here. */
    private void stop(Turn next) {
        Turn current = turn;
        waiting.forEach(other -> {
            other.cancel();
            other.result().tryComplete(other.outcome(id, lang(other)));
        });
        waiting.clear();
        if (current != null) {
            current.cancel();
            finish(current);
        }
        callOff();
        next.cancel();
        finish(next);
    }

    /**
     * Ends a question that waits for an answer, and nobody else's: the answer "cancel" is for this session alone. What aborts
     * a question ends those of other sessions too if the same skill has asked them, so it is only the second choice.
     */
    private void callOff() {
        if (asking == null) {
            return;
        }
        String skill = asking;
        asking = null;
        questionId = null;
        calledOff = skill;
        ObjectNode last = outgoing();
        // what is said next is no answer, though the skill has not given up yet
        session = bytes(withoutQuestion(node()));
        String lang = last.path("lang").asText(ENGLISH);
        if (!lang.startsWith(ENGLISH)) {
            abort(skill, last);
            return;
        }
        ObjectNode cancel =
                Json.PLAIN.createObjectNode().put("utterance", "cancel").put("lang", lang);
        cancel.putArray("utterances").add("cancel");
        device.tellIn(last, skill + ".converse.get_response", cancel, device.nextRequestId());
        device.vertx()
                .setTimer(
                        GIVEN_UP_MS,
                        timer -> device.onContext(() -> {
                            if (skill.equals(calledOff)) {
                                abort(skill, last);
                            }
                            if (ended) {
                                unsubscribe.run();
                            }
                        }));
    }

    private void abort(String skill, ObjectNode last) {
        calledOff = null;
        device.tellIn(
                last,
                "mycroft.skills.abort_question",
                Json.PLAIN.createObjectNode().put("skill_id", skill),
                device.nextRequestId());
    }

    private static ObjectNode withoutQuestion(ObjectNode session) {
        return session.remove(List.of("utterance_states", "response_mode"));
    }

    /** On any thread: nothing of it goes on. */
    void end(String reason) {
        device.onContext(() -> {
            if (ended) {
                return;
            }
            callOff();
            ended = true;
            if (calledOff == null) {
                unsubscribe.run();
            }
            takeOpen().forEach(other -> {
                other.cancel();
                other.result().tryComplete(other.outcome(id, lang(other)));
            });
            tell("ended", "", Map.of("reason", reason));
        });
    }

    /** The bus was lost: what was asked there is answered by nobody. */
    void lost() {
        device.onContext(() -> {
            asking = null;
            questionId = null;
            calledOff = null;
            session = bytes(withoutQuestion(node()));
            takeOpen().forEach(other -> other.result().tryFail(device.lost()));
            settle();
        });
    }

    private List<Turn> takeOpen() {
        List<Turn> open = new ArrayList<>(waiting);
        if (turn != null) {
            open.add(0, turn);
        }
        waiting.clear();
        turn = null;
        return open;
    }

    private void tell(String type, String requestId, Map<String, Object> data) {
        all.tell(new ConversationEvent(type, device.name(), id, requestId, owner, data));
    }

    private ObjectNode node() {
        try {
            return (ObjectNode) Json.PLAIN.readTree(session);
        } catch (IOException e) {
            throw new IllegalStateException("a session that was written here", e);
        }
    }

    private static byte[] bytes(ObjectNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }
}
