// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.bus.BusMessage;
import org.ovosgateway.bus.Device;

/**
 * The session of a conversation that has ended while a skill was at work in it. A question that the skill asks only now has
 * nobody to answer it, and is cancelled. On the event loop of the device only.
 */
final class EndedSession {

    /** Hardly a skill takes longer. */
    private static final long LONGEST_MS = 60_000;

    private final ObjectNode session;
    private final PendingQuestion question;
    private final Promise<Void> over = Promise.promise();

    /** Id of the utterance whose end the assistant has not told; null for none. */
    private String unfinished;

    private EndedSession(ObjectNode session, PendingQuestion question, String unfinished) {
        this.session = session;
        this.question = question;
        this.unfinished = unfinished;
    }

    /**
     * Listens in a session for as long as it takes.
     *
     * @param question that a skill has asked in it, and may have to give up yet
     * @param unfinished id of an utterance whose end the assistant has not told; null for none
     * @return completes when nobody listens any longer
     */
    static Future<Void> listen(Device device, ObjectNode session, PendingQuestion question, String unfinished) {
        EndedSession ended = new EndedSession(session, question, unfinished);
        Runnable unsubscribe =
                device.subscribeToSession(session.path("session_id").asText(), ended::receive);
        long timer = device.vertx().setTimer(LONGEST_MS, late -> ended.over.tryComplete());
        question.givenUp().onComplete(now -> ended.settle());
        return ended.over.future().onComplete(now -> {
            device.vertx().cancelTimer(timer);
            unsubscribe.run();
        });
    }

    private void receive(BusMessage message) {
        question.receive(message);
        if (question.isOpen()) {
            question.cancel(session).onComplete(now -> settle());
        } else if (message.type().equals("ovos.utterance.handled")
                && message.requestId().equals(unfinished)) {
            unfinished = null;
            settle();
        }
    }

    private void settle() {
        if (unfinished == null && question.givenUp().isComplete()) {
            over.tryComplete();
        }
    }
}
