// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;

/**
 * Tells a device what un-mutes its microphone, and mutes it again if it was muted.
 *
 * <p>Whether it was is asked in one breath with the message. When the listener does not answer, or muting fails for good,
 * the microphone may be open though its owner muted it: that is reported.
 */
final class KeptMute {

    /** A listener that is busy answers late, and nobody waits for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long AGAIN_MS = 1_000;
    private static final int ATTEMPTS = 10;

    private final Device device;

    KeptMute(Device device) {
        this.device = device;
    }

    /** @return completed with the echo of the message; muting goes on after it */
    Future<BusMessage> tell(String type, ObjectNode data) {
        Promise<BusMessage> echo = Promise.promise();
        device.askThenTell(microphone(), type, data, echo)
                .onSuccess(status -> {
                    JsonNode muted = status.data().path("muted");
                    if (!muted.isBoolean()) {
                        report("the listener did not tell whether the microphone was muted");
                    } else if (muted.booleanValue()) {
                        mute(1);
                    }
                })
                .onFailure(failure -> report("whether the microphone was muted is not known: " + failure.getMessage()));
        return echo.future();
    }

    private void mute(int attempt) {
        device.tell("mycroft.mic.mute", BusMessage.JSON.createObjectNode()).onFailure(failure -> {
            if (attempt < ATTEMPTS) {
                device.vertx().setTimer(AGAIN_MS, timer -> mute(attempt + 1));
            } else {
                report("the microphone was muted before, and could not be muted again: " + failure.getMessage());
            }
        });
    }

    private void report(String why) {
        device.report("microphone-open", "The microphone may be open after a stop: " + why);
    }

    /** Shared by all who un-mute meanwhile, and answered after all of them. */
    private static Question microphone() {
        return new Question(
                "mycroft.mic.get_status",
                BusMessage.JSON.createObjectNode(),
                "mycroft.mic.get_status.response",
                Match.ID,
                PATIENCE,
                "the listener",
                Reading.PLAIN);
    }
}
