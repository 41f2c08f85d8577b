// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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

    private final Device device;

    /** Within it, a skill gives a question up that was cancelled. */
    private final Duration patience;

    /** The skill that waits for the answer; null when none does. */
    private String skill;

    private String requestId;

    private Promise<Void> givenUp = Promise.promise();

    PendingQuestion(Device device, Duration patience) {
        this.device = device;
        this.patience = patience;
        givenUp.complete();
    }

    /** Whether a skill waits for an answer. */
    boolean isOpen() {
        return skill != null;
    }

    /** Completes when the skill has given up the question that was cancelled last. */
    Future<Void> givenUp() {
        return givenUp.future();
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
        givenUp.tryComplete();
    }

    /**
     * Cancels the question, and nobody else's: the answer "cancel" is for this session alone. What aborts a question ends
     * those of other sessions too if the same skill has asked them, so it is only the second choice.
     *
     * @param session in which the question was asked
     * @return completes when the skill has given it up, or was told to, or cannot be told
     */
    Future<Void> cancel(ObjectNode session) {
        String asker = skill;
        skill = null;
        requestId = null;
        Promise<Void> over = Promise.promise();
        givenUp = over;
        String lang = session.path("lang").asText(ENGLISH);
        if (!lang.startsWith(ENGLISH)) {
            abort(asker, session, over);
            return over.future();
        }
        ObjectNode answer =
                Json.PLAIN.createObjectNode().put("utterance", "cancel").put("lang", lang);
        answer.putArray("utterances").add("cancel");
        device.tellIn(session, asker + ".converse.get_response", answer, device.nextRequestId())
                .onFailure(lost -> over.tryComplete());
        long timer = device.vertx()
                .setTimer(
                        patience.toMillis(),
                        late -> device.onContext(() -> {
                            if (!over.future().isComplete()) {
                                abort(asker, session, over);
                            }
                        }));
        return over.future().onComplete(done -> device.vertx().cancelTimer(timer));
    }

    private void abort(String asker, ObjectNode session, Promise<Void> over) {
        device.tellIn(
                        session,
                        "mycroft.skills.abort_question",
                        Json.PLAIN.createObjectNode().put("skill_id", asker),
                        device.nextRequestId())
                .onComplete(told -> over.tryComplete());
    }
}
