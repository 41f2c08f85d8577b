// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.IntentName;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;

/** The intent service of one assistant: which intents it knows, which of them takes a text, and their switches. */
public final class IntentService {

    private static final String ANSWERED_BY = "the intent service of ovos-core";

    /** A part that has not answered after this many times as long as another one needed, is not there. */
    private static final int PATIENCE = 10;

    private static final long LEAST_PATIENCE_MS = 1_000;

    private static final Duration SWITCH_TIMEOUT = Duration.ofSeconds(2);

    private static final Set<String> INTENT_REGISTRATIONS = Set.of(
            "register_intent",
            "padatious:register_intent",
            "ovos.intent.register.keyword",
            "ovos.intent.register.template");

    private static final String DETACHMENT = "detach_intent";

    private final Device device;

    /**
     * What the parts that match intents have said; null for one that says nothing.
     *
     * @param registered all intents, by the intent service of the new line
     * @param adapt those of Adapt
     * @param padatious those of Padatious
     */
    public record Manifests(JsonNode registered, JsonNode adapt, JsonNode padatious) {}

    public IntentService(Device device) {
        this.device = device;
    }

    /**
     * Asks which intent takes a text. No handler of a skill runs.
     *
     * @param session of the question, with an id that is not that of the device
     * @param lang of the text; null for that of the session
     * @param without parts of the names of stages to leave out, for the line that does not list them to others
     * @return completed with the intent, null where none takes it; fails with {@link BusUnavailableException} or
     *     {@link NoAnswerException}
     */
    public Future<JsonNode> match(ObjectNode session, String text, String lang, List<String> without) {
        ObjectNode data = BusMessage.JSON.createObjectNode().put("utterance", text);
        if (lang != null) {
            data.put("lang", lang);
        }
        without.forEach(data.putArray("exclude_pipeline")::add);
        return ask(session, "intent.service.intent.get", data, "intent.service.intent.reply")
                .map(answer -> answer.path("intent"));
    }

    /** Asks for all intents; fails where no part says anything. Waits for silent parts ten times as long as Adapt needed. */
    public Future<Manifests> manifests() {
        long asked = System.nanoTime();
        Future<JsonNode> registered =
                ask("ovos.intent.list", none(), "ovos.intent.list.response").map(answer -> answer.path("intents"));
        Future<JsonNode> adapt = ask("intent.service.adapt.manifest.get", none(), "intent.service.adapt.manifest")
                .map(answer -> answer.path("intents"));
        Future<JsonNode> padatious = ask(
                        "intent.service.padatious.manifest.get", none(), "intent.service.padatious.manifest")
                .map(answer -> answer.path("intents"));
        Promise<Void> over = Promise.promise();
        Future.join(registered, adapt, padatious).onComplete(all -> over.tryComplete());
        registered.onSuccess(list -> over.tryComplete());
        adapt.onSuccess(list -> {
            long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked);
            device.vertx().setTimer(Math.max(LEAST_PATIENCE_MS, PATIENCE * taken), timer -> over.tryComplete());
        });
        return over.future()
                .compose(nothing -> registered.succeeded() || adapt.succeeded() || padatious.succeeded()
                        ? Future.succeededFuture(new Manifests(registered.result(), adapt.result(), padatious.result()))
                        : Future.failedFuture(adapt.cause()));
    }

    /** Asks for the words of the intents of Adapt, of all skills. */
    public Future<JsonNode> vocabulary() {
        return ask("intent.service.adapt.vocab.manifest.get", none(), "intent.service.adapt.vocab.manifest")
                .map(answer -> answer.path("vocab"));
    }

    /** Asks the intent service of the new line what the intents of a skill are made of. */
    public Future<JsonNode> definitions(String skill) {
        return ask("ovos.intent.describe", none().put("skill_id", skill), "ovos.intent.describe.response")
                .map(answer -> answer.path("definitions"));
    }

    /**
     * Enables or disables an intent. OVOS names no skill in the message for it: every skill with an intent of this name takes
     * it. Where the skill has none, those of the others are then as they were, unless some were enabled and some were not.
     *
     * @param intent by its plain name
     * @return completed with false where the skill has no such intent; fails with {@link BusUnavailableException}
     */
    public Future<Boolean> enable(String skill, String intent, boolean enabled) {
        Set<String> wanted = Set.of(skill);
        return set(intent, enabled, wanted)
                .compose(switched -> switched.contains(skill)
                        ? Future.succeededFuture(true)
                        // a skill is silent, too, where it was so before: set the other way, it is not
                        : set(intent, !enabled, wanted).compose(back -> {
                            Future<Set<String>> again = switched.containsAll(back)
                                    ? Future.succeededFuture(back)
                                    : set(intent, enabled, back);
                            return again.map(done -> back.contains(skill));
                        }));
    }

    /** Completed with the skills that have done it, once all awaited ones have, or after a timeout. */
    private Future<Set<String>> set(String intent, boolean enabled, Set<String> awaited) {
        Set<String> skills = ConcurrentHashMap.newKeySet();
        Promise<Set<String>> set = Promise.promise();
        Runnable unsubscribe = device.subscribe(
                name -> enabled
                        ? INTENT_REGISTRATIONS.contains(name.old())
                        : name.old().equals(DETACHMENT),
                message -> {
                    String skill = skill(message, intent);
                    if (skill != null && skills.add(skill) && skills.containsAll(awaited)) {
                        set.tryComplete(skills);
                    }
                });
        long timer = device.vertx().setTimer(SWITCH_TIMEOUT.toMillis(), late -> set.tryComplete(skills));
        String type = enabled ? "mycroft.skill.enable_intent" : "mycroft.skill.disable_intent";
        List<Future<BusMessage>> sent = new ArrayList<>();
        // Adapt knows it by its name, Padatious by that of its file
        for (String name : List.of(intent, IntentName.file(intent))) {
            sent.add(device.tell(type, none().put("intent_name", name)));
        }
        Future.all(sent).onFailure(set::tryFail);
        return set.future().map(Set::copyOf).onComplete(result -> {
            unsubscribe.run();
            device.vertx().cancelTimer(timer);
        });
    }

    /** Whose intent of this name it is; null for another one. The lines differ in the members and in how much of the name they hold. */
    private static String skill(BusMessage message, String intent) {
        JsonNode data = message.data();
        String name = data.path("intent_name").asText(data.path("name").asText());
        int colon = name.lastIndexOf(':');
        if (!IntentName.plain(name.substring(colon + 1)).equals(intent)) {
            return null;
        }
        return colon > 0
                ? name.substring(0, colon)
                : data.path("skill_id")
                        .asText(message.context().path("skill_id").asText());
    }

    private static ObjectNode none() {
        return BusMessage.JSON.createObjectNode();
    }

    private Future<ObjectNode> ask(String type, ObjectNode data, String reply) {
        return ask(null, type, data, reply);
    }

    private Future<ObjectNode> ask(ObjectNode session, String type, ObjectNode data, String reply) {
        return device.ask(new Question(
                        type, data, reply, Match.ID, device.bus().answerTimeout(), ANSWERED_BY, Reading.PLAIN, session))
                .map(BusMessage::data);
    }
}
