// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Promise;
import org.ovosgateway.Apology;
import org.ovosgateway.IntentName;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * One utterance and its answers: follows the messages of the bus until the utterance has ended, on every line of OVOS.
 *
 * <p>The lines differ in what ends an utterance: most send {@code ovos.utterance.handled}, but not for a stop that one skill
 * takes, and not while a skill waits for an answer.
 */
final class Turn {

    /** How an utterance ended. */
    enum Status {
        COMPLETE,
        WAITING_FOR_ANSWER,
        NOT_UNDERSTOOD,
        FAILED,
        CANCELLED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a message means for the turn. */
    enum Progress {
        UNFINISHED,
        FINISHED,
        /** Finished, but a skill may speak on its own thread, after its handler. */
        FINISHED_UNLESS_MORE_SPEECH
    }

    private static final int MOST_ANSWERS = 100;
    private static final int LONGEST_TEXT = 64 << 10;
    private static final int LONGEST_ANSWERS = 256 << 10;

    /** The stage of the core that stops skills; it calls itself a skill. */
    private static final String STOP_STAGE = "stop.openvoiceos";

    private final Utterance utterance;
    private final Caller caller;
    private final long startNanos = System.nanoTime();
    private final Promise<Map<String, Object>> result = Promise.promise();
    private final List<Map<String, Object>> answers = new ArrayList<>();

    /** Of the utterance itself; where it answers a question, also of the utterance that led to the question. */
    private final Set<String> requestIds = new HashSet<>();

    private String requestId = "";
    private Map<String, Object> matched;
    private int length;
    private boolean started;
    private boolean failed;
    private boolean unmatched;
    private boolean refused;
    private boolean apologised;
    private boolean cancelled;
    private boolean expectsResponse;
    private String stopping;
    private String question;

    Turn(Utterance utterance, Caller caller) {
        this.utterance = utterance;
        this.caller = caller;
    }

    Caller caller() {
        return caller;
    }

    /** Whether one with these limits may ask the skill that acts in this message. An answer to a poll of the core is no act. */
    static boolean allows(BusMessage message, SkillLimits limits) {
        String skill = skillOf(message);
        String type = message.type();
        if (skill == null || skill.equals(STOP_STAGE) || !limits.isLimited()) {
            return true;
        }
        if (isIntent(message)) {
            return limits.mayAsk(skill, IntentName.plain(type.substring(type.indexOf(':') + 1)));
        }
        return !type.equals("speak") && !type.equals("mycroft.skill.handler.start") || limits.mayAsk(skill);
    }

    /** What a caller hears who may not ask the skill that has taken the utterance. */
    static ProblemException notAllowed() {
        return new ProblemException(new Problem(
                        "forbidden",
                        "This user may not do that",
                        403,
                        "This user may not ask the skill that has taken it. What may be asked stands in the users file, under skills.")
                .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
    }

    Utterance utterance() {
        return utterance;
    }

    Promise<Map<String, Object>> result() {
        return result;
    }

    String requestId() {
        return requestId;
    }

    List<Map<String, Object>> answers() {
        return answers;
    }

    /**
     * Marks it as sent.
     *
     * @param questionId id of the utterance that led to the question which this one answers; null where it answers none
     */
    void begin(String id, String questionId) {
        requestId = id;
        requestIds.add(id);
        if (questionId != null) {
            requestIds.add(questionId);
        }
    }

    /** Whether a message of its session belongs to this turn. */
    boolean isOf(BusMessage message) {
        return message.requestId().isEmpty() || requestIds.contains(message.requestId());
    }

    /** {@code text}, {@code skill} and {@code dialog} of a message {@code speak}. */
    static Map<String, Object> answer(BusMessage speak) {
        Map<String, Object> answer = new LinkedHashMap<>();
        String text = speak.data().path("utterance").asText();
        answer.put("text", text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text);
        JsonNode meta = speak.data().path("meta");
        String skill =
                meta.path("skill").asText(speak.context().path("skill_id").asText(null));
        answer.put("skill", skill == null || skill.isEmpty() ? null : skill);
        if (meta.path("dialog").isTextual() && !meta.path("dialog").asText().isEmpty()) {
            answer.put("dialog", meta.path("dialog").asText());
        }
        return answer;
    }

    Progress receive(BusMessage message) {
        started = true;
        String type = message.type();
        JsonNode data = message.data();
        switch (type) {
            case "speak" -> addAnswer(message);
            case "complete_intent_failure" -> unmatched = true;
            case "ovos.utterance.cancelled" -> cancelled = true;
            case "stop:skill" -> stopping = data.path("skill_id").asText();
            case "stop:global" -> cancelled = true;
            case "skill.converse.get_response.enable" ->
                question = data.path("skill_id").asText();
            case "skill.converse.get_response.disable" -> question = null;
            case "mycroft.skill.handler.error", "ovos.intent.handler.error" -> failed = true;
            case "mycroft.skill.handler.complete" -> failed |= data.hasNonNull("exception");
            case "ovos.utterance.handled" -> {
                return readHandled(message);
            }
            default -> {
                return readOther(message);
            }
        }
        return Progress.UNFINISHED;
    }

    private Progress readOther(BusMessage message) {
        String type = message.type();
        JsonNode data = message.data();
        if (type.endsWith(".get_response.waiting") && question != null) {
            return Progress.FINISHED;
        }
        if (stopping != null && type.equals(stopping + ".stop.response")) {
            // the core sends no end of a stop that one skill takes
            cancelled = true;
            return Progress.FINISHED;
        }
        if (type.startsWith("ovos.skills.fallback.") && type.endsWith(".response")) {
            boolean accepted = data.path("result").asBoolean();
            refused = !accepted;
            matched = accepted ? match(skillOf(message), null) : null;
        } else if (type.equals("skill.converse.response") && data.path("result").asBoolean()) {
            matched = match(data.path("skill_id").asText(null), null);
        } else if (matched == null && isIntent(message)) {
            int colon = type.indexOf(':');
            matched = match(type.substring(0, colon), IntentName.plain(type.substring(colon + 1)));
        }
        return Progress.UNFINISHED;
    }

    /** An event of a skill's scheduler has the same form, but no utterance. */
    private static boolean isIntent(BusMessage message) {
        int colon = message.type().indexOf(':');
        return colon > 0
                && message.type().substring(0, colon).equals(skillOf(message))
                && (message.data().has("utterance") || message.data().has("utterances"));
    }

    private static String skillOf(BusMessage message) {
        return message.context().path("skill_id").asText(null);
    }

    private static Map<String, Object> match(String skill, String intent) {
        if (skill == null) {
            return null;
        }
        Map<String, Object> match = new LinkedHashMap<>();
        match.put("skill", skill);
        match.put("intent", intent);
        return match;
    }

    private void addAnswer(BusMessage message) {
        Map<String, Object> answer = answer(message);
        expectsResponse = message.data().path("expect_response").asBoolean();
        apologised |= Apology.is(answer.get("skill"), answer.get("dialog"));
        int size = answer.get("text").toString().length();
        if (answers.size() < MOST_ANSWERS && length + size <= LONGEST_ANSWERS) {
            length += size;
            answers.add(answer);
        }
    }

    private Progress readHandled(BusMessage message) {
        failed |= message.data().hasNonNull("exception");
        if (!requestIds.contains(message.requestId())) {
            return Progress.UNFINISHED;
        }
        return answers.isEmpty() && !failed && !cancelled && !isUnmatched()
                ? Progress.FINISHED_UNLESS_MORE_SPEECH
                : Progress.FINISHED;
    }

    private boolean isUnmatched() {
        return unmatched || refused || apologised;
    }

    private Status status() {
        if (question != null) {
            return Status.WAITING_FOR_ANSWER;
        }
        if (cancelled) {
            return Status.CANCELLED;
        }
        if (failed) {
            return Status.FAILED;
        }
        if (isUnmatched()) {
            return Status.NOT_UNDERSTOOD;
        }
        return expectsResponse ? Status.WAITING_FOR_ANSWER : Status.COMPLETE;
    }

    /** What a caller hears when the time is up. */
    Problem noAnswer() {
        String what = requestId.isEmpty()
                ? "The utterance before this one was not answered"
                : started
                        ? "The assistant has begun to answer, and has not ended"
                        : "The assistant has taken the utterance, and has said nothing about it";
        return new Problem(
                "bus-timeout",
                "The assistant did not answer in time",
                504,
                "%s within %d s. Raise timeout if the skill takes its time, and look into the log of ovos-core if not."
                        .formatted(what, utterance.timeout().toSeconds()));
    }

    void cancel() {
        question = null;
        cancelled = true;
    }

    Map<String, Object> outcome(String conversationId, String lang) {
        Map<String, Object> outcome = new LinkedHashMap<>();
        Status status = status();
        outcome.put("conversation_id", conversationId);
        outcome.put("status", status.word());
        outcome.put("answers", answers);
        outcome.put("matched", status == Status.NOT_UNDERSTOOD ? null : matched);
        outcome.put("lang", lang);
        outcome.put("duration_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        return outcome;
    }
}
