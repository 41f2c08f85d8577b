// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.ovosgateway.bus.Question.Verdict;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * The skill {@code skill-rest-api} of one device, which answers {@code ovos.api.*}: what nothing else on the bus tells.
 *
 * <p>It answers several times, with data and an error in either order, and without the context of the question.
 */
final class Companion {

    /** Where the skill expects the shared key, in base64, in the data of each question. */
    static final String KEY = "app_key";

    /** Silence for this long is looked into, while the answer may still come. */
    private static final Duration DOUBT = Duration.ofSeconds(1);

    private final Device device;

    Companion(Device device) {
        this.device = device;
    }

    /**
     * Asks the skill.
     *
     * @return the answer; fails with a problem that says why there is none: no key, key refused, skill not installed,
     *     not active, or silent, core not there
     */
    Future<BusMessage> ask(String type, ObjectNode data, Duration timeout) {
        String key = device.bus().apiKey();
        if (key.isEmpty()) {
            return Future.failedFuture(problem(
                    "companion-key-missing",
                    "No key for the companion skill is set: set API_KEY to the api_key in the settings of '%s'."));
        }
        ObjectNode withKey =
                data.deepCopy().put(KEY, Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8)));
        Question question = new Question(
                type,
                withKey,
                type + ".answer",
                Match.TYPE,
                timeout,
                "the skill " + device.bus().companionSkill(),
                reading());
        Promise<BusMessage> answer = Promise.promise();
        long doubt = device.vertx()
                .setTimer(
                        DOUBT.toMillis(),
                        timer -> whySilent().onSuccess(reason -> {
                            if (reason.problem().status() == 502) {
                                device.abandon(question, reason);
                            }
                        }));
        device.ask(question).onSuccess(message -> take(answer, message)).onFailure(failure -> explain(answer, failure));
        return answer.future().onComplete(done -> device.vertx().cancelTimer(doubt));
    }

    /** A skill without settings says so at once, and one with settings says the same after having told them. */
    private static Reading reading() {
        return answer -> isRefusal(answer) || !answer.data().has("error") ? Verdict.TAKE : Verdict.TAKE_IF_LAST;
    }

    private static boolean isRefusal(BusMessage answer) {
        return answer.context().path("authenticated").isBoolean()
                && !answer.context().path("authenticated").booleanValue();
    }

    private void take(Promise<BusMessage> answer, BusMessage message) {
        if (isRefusal(message)) {
            answer.tryFail(problem(
                    "companion-refused",
                    "The companion skill '%s' refused our key: set API_KEY to the api_key in its settings."));
        } else if (message.data().has("error")) {
            boolean noSettings = message.type().equals("ovos.api.skill_settings.answer");
            if (noSettings) {
                answer.tryComplete(
                        new BusMessage(message.type(), BusMessage.JSON.createObjectNode(), message.context()));
            } else {
                answer.tryFail(problem(
                        "companion-failed", "The companion skill '%s' could not answer: look into the log of OVOS."));
            }
        } else {
            answer.tryComplete(message);
        }
    }

    private void explain(Promise<BusMessage> answer, Throwable failure) {
        if (failure instanceof NoAnswerException) {
            whySilent().onSuccess(answer::tryFail).onFailure(unknown -> answer.tryFail(failure));
        } else {
            answer.tryFail(failure);
        }
    }

    /** Asks the core which skills it runs, to tell silence from absence. */
    private Future<ProblemException> whySilent() {
        return device.ask(skillList(device)).map(this::why).recover(failure -> {
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

    private ProblemException why(BusMessage skills) {
        JsonNode skill = skills.data().path(device.bus().companionSkill());
        if (skill.isMissingNode()) {
            return problem("companion-missing", "The companion skill '%s' is not installed, or not loaded yet.");
        }
        if (!skill.path("active").asBoolean()) {
            return problem("companion-inactive", "The companion skill '%s' is installed but not active: activate it.");
        }
        return new NoAnswerException(new Problem(
                "companion-silent",
                "The assistant did not answer in time",
                504,
                "The companion skill '%s' is active but did not answer: look into the log of OVOS."
                        .formatted(device.bus().companionSkill())));
    }

    private static Question skillList(Device device) {
        return new Question(
                "skillmanager.list",
                BusMessage.JSON.createObjectNode(),
                "mycroft.skills.list",
                Match.TYPE,
                device.bus().answerTimeout(),
                "ovos-core",
                Reading.PLAIN);
    }

    private ProblemException problem(String type, String detail) {
        return new ProblemException(new Problem(
                type,
                "The companion skill did not help",
                502,
                detail.formatted(device.bus().companionSkill())));
    }
}
