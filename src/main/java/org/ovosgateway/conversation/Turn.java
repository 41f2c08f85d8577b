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
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.BusMessage;

/**
 * One utterance and what comes of it: reads the messages of the bus until it is known how it ended. Knows every line of OVOS.
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
        GOES_ON,
        OVER,
        /** It is over, but a skill may speak on its own thread, after its handler. */
        OVER_UNLESS_MORE_IS_SAID
    }

    /** The skill that says that nobody has understood; its success differs from line to line, what it says does not. */
    private static final String APOLOGISES = "ovos-skill-fallback-unknown.";

    private static final String INTENT_FILE = ".intent";

    private static final int MOST_ANSWERS = 100;
    private static final int LONGEST_TEXT = 64 << 10;
    private static final int LONGEST_TOGETHER = 256 << 10;

    /** The stage of the core that stops, which calls itself a skill. */
    private static final String STOP = "stop.openvoiceos";

    private final Utterance utterance;
    private final Caller caller;
    private final long begun = System.nanoTime();
    private final Promise<Map<String, Object>> result = Promise.promise();
    private final List<Map<String, Object>> answers = new ArrayList<>();

    /** Of the utterance itself; and, where it answers a question, of the one that the question came of. */
    private final Set<String> requestIds = new HashSet<>();

    private String requestId = "";
    private Map<String, Object> matched;
    private int length;
    private boolean heard;
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

    /** Whether who has said it may ask the skill that acts here; what a skill answers to a poll of the core is no act. */
    boolean mayHear(BusMessage message) {
        String skill = skillOf(message);
        String type = message.type();
        if (skill == null || skill.equals(STOP) || !caller.skills().isLimited()) {
            return true;
        }
        if (isIntent(message)) {
            return caller.skills().mayAsk(skill, intent(type.substring(type.indexOf(':') + 1)));
        }
        return !type.equals("speak") && !type.equals("mycroft.skill.handler.start")
                || caller.skills().mayAsk(skill);
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

    /** Whether anything has been heard of it. */
    boolean isHeard() {
        return heard;
    }

    /**
     * It is sent now.
     *
     * @param questionId of the utterance that led to the question which this one answers; null where it answers none
     */
    void begin(String id, String questionId) {
        requestId = id;
        requestIds.add(id);
        if (questionId != null) {
            requestIds.add(questionId);
        }
    }

    /** Whether a message of its session comes of this turn. */
    boolean isOf(BusMessage message) {
        return message.requestId().isEmpty() || requestIds.contains(message.requestId());
    }

    /** The text that was said, and by whom. */
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

    Progress heard(BusMessage message) {
        heard = true;
        String type = message.type();
        JsonNode data = message.data();
        switch (type) {
            case "speak" -> spoken(message);
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
                return handled(message);
            }
            default -> {
                return other(message);
            }
        }
        return Progress.GOES_ON;
    }

    private Progress other(BusMessage message) {
        String type = message.type();
        JsonNode data = message.data();
        if (type.endsWith(".get_response.waiting") && question != null) {
            return Progress.OVER;
        }
        if (stopping != null && type.equals(stopping + ".stop.response")) {
            // of a stop that one skill takes, the core says no end
            cancelled = true;
            return Progress.OVER;
        }
        if (type.startsWith("ovos.skills.fallback.") && type.endsWith(".response")) {
            boolean taken = data.path("result").asBoolean();
            refused = !taken;
            matched = taken ? match(skillOf(message), null) : null;
        } else if (type.equals("skill.converse.response") && data.path("result").asBoolean()) {
            matched = match(data.path("skill_id").asText(null), null);
        } else if (matched == null && isIntent(message)) {
            int colon = type.indexOf(':');
            matched = match(type.substring(0, colon), intent(type.substring(colon + 1)));
        }
        return Progress.GOES_ON;
    }

    /** What the scheduler of a skill sets off looks the same, but for the utterance. */
    private static boolean isIntent(BusMessage message) {
        int colon = message.type().indexOf(':');
        return colon > 0
                && message.type().substring(0, colon).equals(skillOf(message))
                && (message.data().has("utterance") || message.data().has("utterances"));
    }

    private static String skillOf(BusMessage message) {
        return message.context().path("skill_id").asText(null);
    }

    /** Some lines name an intent after its file, with the end of the file's name. */
    private static String intent(String name) {
        return name.endsWith(INTENT_FILE) ? name.substring(0, name.length() - INTENT_FILE.length()) : name;
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

    private void spoken(BusMessage message) {
        Map<String, Object> answer = answer(message);
        expectsResponse = message.data().path("expect_response").asBoolean();
        if ("unknown".equals(answer.get("dialog"))
                && String.valueOf(answer.get("skill")).startsWith(APOLOGISES)) {
            apologised = true;
        }
        int size = answer.get("text").toString().length();
        if (answers.size() < MOST_ANSWERS && length + size <= LONGEST_TOGETHER) {
            length += size;
            answers.add(answer);
        }
    }

    private Progress handled(BusMessage message) {
        failed |= message.data().hasNonNull("exception");
        if (!requestIds.contains(message.requestId())) {
            return Progress.GOES_ON;
        }
        return answers.isEmpty() && !failed && !cancelled && !isUnmatched()
                ? Progress.OVER_UNLESS_MORE_IS_SAID
                : Progress.OVER;
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
        outcome.put("duration_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        return outcome;
    }
}
