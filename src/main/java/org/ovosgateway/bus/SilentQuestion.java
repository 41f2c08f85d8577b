// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** A question in a session that nobody else has, so that nothing of what comes of it is heard in the room. */
final class SilentQuestion {

    /** Of ovos-audio. A skill that speaks and waits does so for 15 s otherwise, and keeps one of a few threads of the core. */
    private static final String SPOKEN = "recognizer_loop:audio_output_end";

    private final Device device;

    SilentQuestion(Device device) {
        this.device = device;
    }

    /**
     * Asks.
     *
     * @param also type of a second question with the same data, for who does not know the first, asked in the session of the
     *     device itself; null for none
     * @return completed with the answer; fails with {@link BusUnavailableException} or {@link NoAnswerException}
     */
    Future<BusMessage> ask(Question question, String also) {
        ObjectNode session =
                BusMessage.JSON.createObjectNode().put("session_id", "ovos-gateway-" + device.nextRequestId());
        Promise<BusMessage> answer = Promise.promise();
        Runnable deaf = device.hearSession(session.path("session_id").asText(), heard -> {
            if (heard.type().equals(question.reply())) {
                answer.tryComplete(heard);
            }
        });
        long deadline = device.vertx()
                .setTimer(
                        Math.max(1, question.timeout().toMillis()),
                        late -> answer.tryFail(
                                new NoAnswerException(question.type(), question.timeout(), question.answeredBy())));
        tell(session, question.type(), question.data()).onFailure(answer::tryFail);
        if (also != null) {
            device.ask(question.of(also)).onSuccess(answer::tryComplete);
        }
        return answer.future().onComplete(ended -> {
            device.vertx().cancelTimer(deadline);
            deaf.run();
            tell(session, SPOKEN, BusMessage.JSON.createObjectNode());
        });
    }

    private Future<BusMessage> tell(ObjectNode session, String type, ObjectNode data) {
        return device.tellIn(session.deepCopy(), type, data, device.nextRequestId());
    }
}
