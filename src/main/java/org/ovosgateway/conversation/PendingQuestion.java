// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.List;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;

/**
 * The question that a skill has asked back in a conversation.
 *
 * <p>The next utterance is its answer. When the conversation ends before, the skill must not wait any longer: the question is
 * cancelled. On the event loop of the device only.
 */
final class PendingQuestion {

    /** The only language whose word for giving a question up is known. */
    private static final String ENGLISH = "en";

    /** Within it, a skill gives a question up that was cancelled. */
    private static final long GIVE_UP_MS = 1_000;

    private final Device device;

    /** The skill that waits for the answer; null when none does. */
    private String skill;

    private String requestId;

    /** The skill whose question was cancelled, until it has given it up. */
    private String cancelled;

    PendingQuestion(Device device) {
        this.device = device;
    }

    /** Whether a skill waits for an answer. */
    boolean isOpen() {
        return skill != null;
    }

    /** Whether a skill has yet to give up its question. */
    boolean isBeingCancelled() {
        return cancelled != null;
    }

    /** The id of the utterance that led to the question; null where there is none. */
    String requestId() {
        return requestId;
    }

    void receive(BusMessage message) {
        switch (message.type()) {
            case "skill.converse.get_response.enable" -> {
                skill = message.data().path("skill_id").asText();
                requestId = message.requestId();
            }
            case "skill.converse.get_response.disable" -> forget();
            default -> {}
        }
    }

    /** No skill waits any longer. */
    void forget() {
        skill = null;
        requestId = null;
        cancelled = null;
    }

    /**
     * Cancels the question, and nobody else's: the answer "cancel" is for this session alone. What aborts a question ends
     * those of other sessions too if the same skill has asked them, so it is only the second choice.
     *
     * @param session in which the question was asked
     * @param end runs when the skill has had its time to give it up; not where it was aborted at once
     */
    void cancel(ObjectNode session, Runnable end) {
        String asker = skill;
        skill = null;
        requestId = null;
        cancelled = asker;
        String lang = session.path("lang").asText(ENGLISH);
        if (!lang.startsWith(ENGLISH)) {
            abort(asker, session);
            return;
        }
        ObjectNode answer =
                Json.PLAIN.createObjectNode().put("utterance", "cancel").put("lang", lang);
        answer.putArray("utterances").add("cancel");
        device.tellIn(session, asker + ".converse.get_response", answer, device.nextRequestId());
        device.vertx()
                .setTimer(
                        GIVE_UP_MS,
                        timer -> device.onContext(() -> {
                            if (asker.equals(cancelled)) {
                                abort(asker, session);
                            }
                            end.run();
                        }));
    }

    private void abort(String asker, ObjectNode session) {
        cancelled = null;
        device.tellIn(
                session,
                "mycroft.skills.abort_question",
                Json.PLAIN.createObjectNode().put("skill_id", asker),
                device.nextRequestId());
    }

    /** The session without what OVOS keeps in it of a question, so that the next utterance is no answer. */
    static ObjectNode removeFrom(ObjectNode session) {
        return session.remove(List.of("utterance_states", "response_mode"));
    }
}
