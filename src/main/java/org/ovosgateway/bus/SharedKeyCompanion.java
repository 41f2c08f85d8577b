// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;
import org.ovosgateway.bus.Question.Verdict;

/**
 * The published skill {@code skill-rest-api}, which takes the key itself along with each question.
 *
 * <p>It answers several times, with data and an error in either order, and without the context of the question.
 */
final class SharedKeyCompanion {

    /** Where the skill expects the shared key, in base64, in the data of each question. */
    static final String KEY = "app_key";

    /** What it can answer, and what it stays silent without; the defaults of OVOS have neither. */
    private static final Map<String, String> NEEDS = Map.of(
            "ovos.api.info", "'log_level' in mycroft.conf",
            "ovos.api.cache", "'voice' in mycroft.conf, in the section of the TTS module in use",
            "ovos.api.config", "",
            "ovos.api.skill_settings", "");

    private final CompanionLink link;
    private final String key;

    SharedKeyCompanion(CompanionLink link, String key) {
        this.link = link;
        this.key = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    Future<BusMessage> ask(String type, ObjectNode data, Duration timeout) {
        String needs = NEEDS.get(type);
        if (needs == null) {
            return Future.failedFuture(link.problem(
                    "companion-outdated",
                    "The companion skill '%s' is skill-rest-api, which cannot do this." + CompanionLink.INSTALL));
        }
        String silence = needs.isEmpty()
                ? "look into the log of OVOS."
                : "it is skill-rest-api, which fails in silence without %s.".formatted(needs);
        Question question =
                link.question(type, data.deepCopy().put(KEY, key), type + ".answer", Match.TYPE, timeout, reading());
        return link.ask(question, silence + CompanionLink.INSTALL).compose(this::read);
    }

    /** A skill without settings says so at once, and one with settings says the same after having told them. */
    private static Reading reading() {
        return answer -> isRefusal(answer) || !answer.data().has("error") ? Verdict.TAKE : Verdict.TAKE_IF_LAST;
    }

    static boolean isRefusal(BusMessage answer) {
        return answer.context().path("authenticated").isBoolean()
                && !answer.context().path("authenticated").booleanValue();
    }

    private Future<BusMessage> read(BusMessage message) {
        if (isRefusal(message)) {
            return Future.failedFuture(link.problem(
                    "companion-refused",
                    "The companion skill '%s' refused our key: set API_KEY to the api_key in its settings."
                            + CompanionLink.INSTALL));
        }
        if (!message.data().has("error")) {
            return Future.succeededFuture(message);
        }
        return message.type().equals("ovos.api.skill_settings.answer")
                ? Future.succeededFuture(
                        new BusMessage(message.type(), BusMessage.JSON.createObjectNode(), message.context()))
                : Future.failedFuture(link.problem(
                        "companion-failed",
                        "The companion skill '%s' could not answer: look into the log of OVOS."
                                + CompanionLink.INSTALL));
    }
}
