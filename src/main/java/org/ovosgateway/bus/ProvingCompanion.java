// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Verdict;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * The companion skill of this gateway ({@code companion/}): question and answer prove the key, and never carry it.
 *
 * <p>Callers who ask the same at the same time share one question.
 */
final class ProvingCompanion {

    static final String ASK = "ovos.gateway.companion";
    static final String ANSWER = ASK + ".response";

    /** The skill answers once: when this is over, no better answer follows one that proves nothing. */
    private static final long BETTER_MS = 300;

    private static final String CHANGE = "change_settings";

    private final Device device;
    private final CompanionLink link;
    private final ProvenCompanions proven;
    private final KeyProof proof;
    private final Map<Shared, Future<BusMessage>> underWay = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    /** What the skill gave with its last answer; it takes no question without. */
    private volatile String challenge = "";

    private record Shared(String body, long changes) {}

    ProvingCompanion(Device device, CompanionLink link, ProvenCompanions proven) {
        this.device = device;
        this.link = link;
        this.proven = proven;
        this.proof = new KeyProof(device.bus().apiKey());
    }

    Future<BusMessage> ask(String operation, ObjectNode data, Duration timeout) {
        String body = data.deepCopy().put("operation", operation).toString();
        if (operation.equals(CHANGE)) {
            changes.incrementAndGet();
            return askAnew(body, timeout).onComplete(done -> changes.incrementAndGet());
        }
        Shared shared = new Shared(body, changes.get());
        Promise<BusMessage> promise = Promise.promise();
        Future<BusMessage> same = underWay.putIfAbsent(shared, promise.future());
        if (same != null) {
            return same;
        }
        promise.future().onComplete(done -> underWay.remove(shared));
        askAnew(body, timeout).onComplete(promise);
        return promise.future();
    }

    /** What has no challenge, or an old one, is refused with the one to take. */
    private Future<BusMessage> askAnew(String body, Duration timeout) {
        return once(body, timeout)
                .compose(answer -> answer.data().path("error").asText().equals("stale")
                        ? once(body, timeout)
                        : Future.succeededFuture(answer))
                .compose(this::read);
    }

    private Future<BusMessage> once(String body, Duration timeout) {
        String id = UUID.randomUUID().toString();
        String given = challenge;
        ObjectNode asked = BusMessage.JSON
                .createObjectNode()
                .put("id", id)
                .put("challenge", given)
                .put("body", body)
                .put("proof", proof.of(ASK, id, given, body));
        Question[] question = new Question[1];
        boolean[] doubted = new boolean[1];
        question[0] = link.question(ASK, asked, ANSWER, Match.ID, timeout, answer -> {
            if (proves(answer, id)) {
                challenge = answer.data().path("challenge").asText();
                return Verdict.TAKE;
            }
            // somebody else, or a skill with another key
            if (!doubted[0]) {
                doubted[0] = true;
                device.vertx().setTimer(BETTER_MS, timer -> device.abandon(question[0], refused()));
            }
            return Verdict.IGNORE;
        });
        return link.ask(question[0], "look into the log of OVOS.")
                .compose(this::remember)
                .compose(this::open);
    }

    private boolean proves(BusMessage answer, String id) {
        JsonNode data = answer.data();
        return data.path("id").asText().equals(id)
                && proof.holds(
                        data.path("proof").asText(),
                        ANSWER,
                        id,
                        data.path("challenge").asText(),
                        data.path("body").asText());
    }

    /** From now on the key is not sent to this device, before anybody hears of the answer. */
    private Future<BusMessage> remember(BusMessage answer) {
        return proven.has(device.name())
                ? Future.succeededFuture(answer)
                : device.vertx()
                        .executeBlocking(
                                () -> {
                                    proven.add(device.name());
                                    return answer;
                                },
                                false);
    }

    /** The answer with its body as its data. */
    private Future<BusMessage> open(BusMessage answer) {
        return answer.large()
                ? device.vertx().executeBlocking(() -> opened(answer), false)
                : Future.succeededFuture(opened(answer));
    }

    private BusMessage opened(BusMessage answer) {
        try {
            JsonNode body = BusMessage.JSON.readTree(answer.data().path("body").asText());
            if (body instanceof ObjectNode data) {
                return answer.with(data);
            }
        } catch (IOException e) {
            // said below
        }
        throw link.problem("companion-failed", "The answer of the companion skill '%s' is no JSON object.");
    }

    private Future<BusMessage> read(BusMessage answer) {
        if (answer.data().path("result") instanceof ObjectNode result) {
            return Future.succeededFuture(answer.with(result));
        }
        return Future.failedFuture(problem(
                answer.data().path("error").asText(),
                answer.data().path("detail").asText(),
                answer.data().path("more")));
    }

    private ProblemException problem(String code, String detail, JsonNode more) {
        return switch (code) {
            case "proof" -> refused();
            case "invalid" -> new ProblemException(Problem.validation(fields(more)));
            case "forbidden" ->
                new ProblemException(new Problem(
                        "settings-protected",
                        "These settings cannot be changed from here",
                        409,
                        "The settings of the companion skill '%s' hold the key: change them on the assistant."
                                .formatted(link.name())));
            case "unknown-skill" ->
                new ProblemException(new Problem(
                        "unknown-skill",
                        "There is no such skill",
                        404,
                        "The companion skill says: " + bounded(detail) + "."));
            case "no-log" ->
                new ProblemException(new Problem(
                        "unknown-log",
                        "There is no such log",
                        404,
                        "The companion skill says: " + bounded(detail) + "."));
            default ->
                link.problem(
                        "companion-failed",
                        "The companion skill '%s' could not answer: "
                                + bounded(detail).replace("%", "%%") + ".");
        };
    }

    /** Another client of the bus may have answered in its place. */
    private ProblemException refused() {
        return link.problem(
                "companion-refused",
                "The companion skill '%s' did not prove our key: set API_KEY to the api_key in its settings.");
    }

    private static String bounded(String detail) {
        return detail.substring(0, Math.min(detail.length(), 300));
    }

    private static List<FieldError> fields(JsonNode flaws) {
        return flaws.properties().stream()
                .map(flaw -> new FieldError(flaw.getKey(), flaw.getValue().asText()))
                .toList();
    }
}
