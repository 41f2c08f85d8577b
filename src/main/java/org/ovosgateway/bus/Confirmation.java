// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.function.UnaryOperator;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Proves that a device has done what it was told: by a question in the same breath, so that it takes no second round trip.
 *
 * <p>The services of OVOS work on messages in several threads, so an answer may be older than the message before it; one
 * that contradicts is asked for again.
 *
 * @param told type of the message that is to be proved
 * @param toldBefore {@link Device#commands} before it was told
 */
record Confirmation(
        Device device,
        String told,
        long toldBefore,
        Question question,
        Expectation expectation,
        UnaryOperator<BusMessage> check) {

    private static final int ATTEMPTS = 6;
    private static final long FIRST_PAUSE_MS = 20;

    /** Asks; call it right after the message was given to the device. */
    Future<Void> prove() {
        return ask(1);
    }

    private Future<Void> ask(int attempt) {
        return device.confirm(question).transform(answer -> {
            if (answer.failed()) {
                return Future.failedFuture(
                        answer.cause() instanceof NoAnswerException
                                ? NoAnswerException.toDeed(told, question)
                                : answer.cause());
            }
            String contradiction = expectation.contradiction(check.apply(answer.result()));
            if (contradiction == null || device.commands(told) > toldBefore + 1) {
                // a later message may have undone it
                return Future.succeededFuture();
            }
            if (attempt == ATTEMPTS) {
                return Future.failedFuture(new NotDoneException(told, question.answeredBy(), contradiction));
            }
            return pause(attempt).compose(nothing -> ask(attempt + 1));
        });
    }

    private Future<Void> pause(int attempt) {
        Promise<Void> over = Promise.promise();
        device.vertx().setTimer(FIRST_PAUSE_MS << attempt - 1, timer -> over.complete());
        return over.future();
    }
}
