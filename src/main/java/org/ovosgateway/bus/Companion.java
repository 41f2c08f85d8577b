// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.time.InstantSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Verdict;
import org.ovosgateway.problem.ProblemException;

/**
 * The companion skill of one device, which answers {@code ovos.api.*}: what nothing else on the bus tells.
 *
 * <p>There are two: that of this gateway, and the published {@code skill-rest-api}, which wants the key itself. Which one
 * is there is asked once for each connection, and again after a failure. Where ours has proved the key once, the key is not
 * sent, unless key-in-clear says so.
 */
final class Companion {

    private static final String PREFIX = "ovos.api.";

    /** Both answer this, asked without the key, with a refusal; ours says who it is. */
    private static final String PROBE = PREFIX + "is_awake";

    private static final String INFO = PREFIX + "info";

    /** What the core says of each skill that it has loaded: after an installation, of another one of this id. */
    private static final String LOADED = "mycroft.skills.loaded";

    private enum Kind {
        PROVING,
        SHARED_KEY
    }

    private final Device device;
    private final ProvenCompanions proven;
    private final CompanionLink link;
    private final SharedKeyCompanion sharedKey;
    private final ProvingCompanion proving;
    private final InstantSource clock;

    private Future<Kind> kind;

    Companion(Device device, ProvenCompanions proven) {
        this(device, proven, InstantSource.system());
    }

    Companion(Device device, ProvenCompanions proven, InstantSource clock) {
        this.device = device;
        this.proven = proven;
        this.link = new CompanionLink(device);
        this.sharedKey = new SharedKeyCompanion(link, device.bus().apiKey());
        this.proving = new ProvingCompanion(device, link, proven);
        this.clock = clock;
        device.onLink(up -> forget());
        device.subscribe(name -> name.old().equals(LOADED), this::loaded);
    }

    /**
     * Asks the skill.
     *
     * @return the answer; fails with a problem that says why there is none: no key, key refused, skill not installed,
     *     not active, silent or too old, core not there
     */
    Future<BusMessage> ask(String type, ObjectNode data, Duration timeout) {
        if (device.bus().apiKey().isEmpty()) {
            return Future.failedFuture(link.problem(
                    "companion-key-missing",
                    "No key for the companion skill is set: set API_KEY to the api_key in the settings of '%s'."
                            + CompanionLink.INSTALL));
        }
        long start = System.nanoTime();
        return kind(timeout)
                .compose(found -> {
                    Duration left = timeout.minusNanos(System.nanoTime() - start);
                    Duration wait = left.toMillis() < 1 ? Duration.ofMillis(1) : left;
                    return found == Kind.PROVING
                            ? proving.ask(type.substring(PREFIX.length()), data, wait)
                            : sharedKey.ask(type, data, wait);
                })
                .map(answer -> type.equals(INFO) ? withCompanion(answer) : answer)
                .onFailure(failure -> {
                    if (!isAnswer(failure)) {
                        forget();
                    }
                });
    }

    /** Whether the skill that was asked has said so itself. */
    private static boolean isAnswer(Throwable failure) {
        return failure instanceof ProblemException e
                && (e.problem().status() < 500 || e.problem().type().equals("companion-failed"));
    }

    private void loaded(BusMessage skill) {
        if (link.name().equals(skill.data().path("id").asText())) {
            forget();
        }
    }

    private synchronized Future<Kind> kind(Duration timeout) {
        if (kind == null) {
            kind = find(timeout);
        }
        return kind;
    }

    private synchronized void forget() {
        kind = null;
    }

    private Future<Kind> find(Duration timeout) {
        Question probe = link.question(
                PROBE, BusMessage.JSON.createObjectNode(), PROBE + ".answer", Match.TYPE, timeout, Companion::reading);
        return link.ask(probe, "look into the log of OVOS." + CompanionLink.INSTALL)
                .compose(answer -> {
                    if (isOurs(answer)) {
                        return Future.succeededFuture(Kind.PROVING);
                    }
                    Boolean allowed = device.bus().keyInClear();
                    if (allowed == null && proven.has(device.name())) {
                        return Future.failedFuture(link.problem(
                                "companion-changed",
                                ("The companion skill '%%s' proved the key before, and what answers now wants the key itself,"
                                                + " which was not sent. If you put skill-rest-api back, set"
                                                + " ovos.devices.%s.key-in-clear to true.")
                                        .formatted(device.name())));
                    }
                    if (allowed != null && !allowed) {
                        return Future.failedFuture(link.problem(
                                "companion-outdated",
                                "The companion skill '%%s' wants the key itself, which ovos.devices.%s.key-in-clear forbids."
                                                .formatted(device.name())
                                        + CompanionLink.INSTALL));
                    }
                    return Future.succeededFuture(Kind.SHARED_KEY);
                });
    }

    /** Who asks with a key at the same time is answered too, and without a word on which skill does it. */
    private static Verdict reading(BusMessage answer) {
        if (isOurs(answer)) {
            return Verdict.TAKE;
        }
        return SharedKeyCompanion.isRefusal(answer) ? Verdict.TAKE_IF_LAST : Verdict.IGNORE;
    }

    private static boolean isOurs(BusMessage answer) {
        return answer.data().path("companion").path("protocol").isIntegralNumber();
    }

    /** The information tells which of the two it comes from. */
    private BusMessage withCompanion(BusMessage answer) {
        if (!answer.hasObjectAsData()) {
            return answer;
        }
        ObjectNode data = answer.data().deepCopy();
        JsonNode told = data.path("companion");
        ObjectNode companion = told.isObject()
                ? (ObjectNode) told
                : data.putObject("companion")
                        .put("name", "skill-rest-api")
                        .putNull("version")
                        .put("protocol", 0);
        JsonNode time = companion.remove("time");
        if (time != null && time.isIntegralNumber()) {
            companion.put("clock_skew", Math.round((time.longValue() - clock.millis()) / 1000.0));
        }
        return answer.with(data);
    }
}
