// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** A question in a session of its own, so that the device does not say the answer aloud. */
final class SilentQuestion {

    /** Of ovos-audio. Without it a skill that waits for the end of its speech holds one of a few threads of the core for 15 s. */
    private static final String SPEECH_ENDED = "recognizer_loop:audio_output_end";

    private final Device device;

    SilentQuestion(Device device) {
        this.device = device;
    }

    /**
     * Asks.
     *
     * @param also type of a second question with the same data, for a version that does not know the first; asked in the
     *     session of the device itself; null for none
     * @return completed with the answer; fails with {@link BusUnavailableException} or {@link NoAnswerException}
     */
    Future<BusMessage> ask(Question question, String also) {
        ObjectNode session =
                BusMessage.JSON.createObjectNode().put("session_id", "ovos-gateway-" + device.nextRequestId());
        Promise<BusMessage> answer = Promise.promise();
        Runnable unsubscribe =
                device.subscribeToSession(session.path("session_id").asText(), message -> {
                    if (message.type().equals(question.reply())) {
                        answer.tryComplete(message);
                    }
                });
        long deadline = device.vertx()
                .setTimer(
                        Math.max(1, question.timeout().toMillis()),
                        fired -> answer.tryFail(
                                new NoAnswerException(question.type(), question.timeout(), question.answeredBy())));
        tell(session, question.type(), question.data()).onFailure(answer::tryFail);
        if (also != null) {
            device.ask(question.of(also)).onSuccess(answer::tryComplete);
        }
        return answer.future().onComplete(result -> {
            device.vertx().cancelTimer(deadline);
            unsubscribe.run();
            tell(session, SPEECH_ENDED, BusMessage.JSON.createObjectNode());
        });
    }

    private Future<BusMessage> tell(ObjectNode session, String type, ObjectNode data) {
        return device.tellIn(session.deepCopy(), type, data, device.nextRequestId());
    }
}
