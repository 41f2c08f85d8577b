// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Asks the companion skill of one device, whichever it is, and finds out why it does not answer. */
final class CompanionLink {

    /** The remedy wherever it is not known to be ours. */
    static final String INSTALL = " To install ours, copy the gateway's folder 'companion' to the assistant and run"
            + " 'pip install ./companion' in the environment of OVOS (docs/companion.md).";

    /** Silence for this long is looked into, while the answer may still come. */
    private static final Duration DOUBT = Duration.ofSeconds(1);

    private final Device device;

    CompanionLink(Device device) {
        this.device = device;
    }

    /**
     * Asks one question.
     *
     * @param silence what it means that the skill is active and does not answer this
     * @return the answer; fails with a problem that says why there is none: skill not installed, not active, or silent,
     *     core not there
     */
    Future<BusMessage> ask(Question question, String silence) {
        Promise<BusMessage> answer = Promise.promise();
        long doubt = device.vertx()
                .setTimer(
                        DOUBT.toMillis(),
                        timer -> whySilent(silence).onSuccess(reason -> {
                            if (reason.problem().status() == 502) {
                                device.abandon(question, reason);
                            }
                        }));
        device.ask(question).onSuccess(answer::tryComplete).onFailure(failure -> explain(answer, failure, silence));
        return answer.future().onComplete(done -> device.vertx().cancelTimer(doubt));
    }

    Question question(String type, ObjectNode data, String reply, Match match, Duration timeout, Reading reading) {
        return new Question(type, data, reply, match, timeout, "the skill " + name(), reading);
    }

    ProblemException problem(String type, String detail) {
        return new ProblemException(
                new Problem(type, "The companion skill did not help", 502, detail.formatted(name())));
    }

    String name() {
        return device.bus().companionSkill();
    }

    private void explain(Promise<BusMessage> answer, Throwable failure, String silence) {
        if (failure instanceof NoAnswerException) {
            whySilent(silence).onSuccess(answer::tryFail).onFailure(unknown -> answer.tryFail(failure));
        } else {
            answer.tryFail(failure);
        }
    }

    /** Asks the core which skills it runs, to tell silence from absence. */
    private Future<ProblemException> whySilent(String silence) {
        return device.ask(skillList()).map(skills -> why(skills, silence)).recover(failure -> {
            if (failure instanceof NoAnswerException) {
                return Future.succeededFuture(new NoAnswerException(new Problem(
                        "core-silent",
                        "The assistant did not answer in time",
                        504,
                        "Neither the companion skill nor the core of '%s' answers: check that ovos-core is running."
                                .formatted(device.name()))));
            }
            return Future.failedFuture(failure);
        });
    }

    private ProblemException why(BusMessage skills, String silence) {
        JsonNode skill = skills.data().path(name());
        if (skill.isMissingNode()) {
            return problem(
                    "companion-missing", "The companion skill '%s' is not installed, or not loaded yet." + INSTALL);
        }
        if (!skill.path("active").asBoolean()) {
            return problem(
                    "companion-inactive",
                    "The companion skill '%s' is installed but not active: activate it." + INSTALL);
        }
        return new NoAnswerException(new Problem(
                "companion-silent",
                "The assistant did not answer in time",
                504,
                "The companion skill '%s' is active but did not answer: ".formatted(name()) + silence));
    }

    private Question skillList() {
        return Question.skillList(device.bus().answerTimeout());
    }
}
