// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The intent service of ovos-core with Adapt and Padacioso: which intents there are, which of them takes a text, and which
 * are disabled. Padacioso lists none of its intents to others.
 */
final class IntentService extends OvosService {

    private final InstalledSkills skills;
    private final List<Intent> intents;
    private final Set<Intent> disabled = new HashSet<>();

    IntentService(Consumer<Message> bus, InstalledSkills skills, List<Intent> intents) {
        super(bus);
        this.skills = skills;
        this.intents = intents;
        on("intent.service.intent.get", this::preview);
        on("intent.service.adapt.manifest.get", this::listIntents);
        on("intent.service.adapt.vocab.manifest.get", this::listVocabulary);
        on("mycroft.skill.disable_intent", this::disable);
        on("mycroft.skill.enable_intent", this::enable);
        // loading a skill registers all of its intents
        on(
                "skillmanager.deactivate",
                wanted -> disabled.removeIf(intent ->
                        intent.skill().equals(wanted.data().path("skill").asText())));
    }

    /** The intent that takes a text in the session of a message; null for none. */
    Intent match(Message message, String text) {
        for (Intent intent : intents) {
            if (isRegistered(intent)
                    && !isBlacklisted(message, intent.skill())
                    && !isListed(message, "blacklisted_intents", intent.fullName())
                    && hasStage(message, intent.ofAdapt() ? "adapt" : "padacioso")
                    && intent.match(text) != null) {
                return intent;
            }
        }
        return null;
    }

    private boolean isRegistered(Intent intent) {
        return skills.isActive(intent.skill()) && !disabled.contains(intent);
    }

    // a willing fallback counts as a match, and so does a stop
    private void preview(Message asked) {
        JsonNode utterance = asked.data().path("utterance");
        if (!utterance.isTextual()) {
            return;
        }
        String text = utterance.textValue().strip().toLowerCase(Locale.ROOT);
        ObjectNode found = null;
        Intent intent = match(asked, text);
        if (Conversation.isStop(text) && hasStage(asked, "stop")) {
            found = found("stop:global", Conversation.STOP, "ovos-stop-pipeline-plugin-high", "match_high");
            found.put("conf", 1.0);
        } else if (intent != null) {
            found = found(
                    intent.fullName(),
                    intent.skill(),
                    intent.ofAdapt() ? "ovos-adapt-pipeline-plugin-high" : "ovos-padacioso-pipeline-plugin-high",
                    "match_high");
            if (intent.ofAdapt()) {
                addTag(found, intent, text);
            }
        } else if (skills.isActive(Conversation.FALLBACK)
                && !isBlacklisted(asked, Conversation.FALLBACK)
                && hasStage(asked, "fallback")) {
            found = found(
                    "ovos.skills.fallback." + Conversation.FALLBACK + ".request",
                    null,
                    "ovos-fallback-pipeline-plugin-low",
                    "match_low");
            found.putArray("utterances").add(utterance.textValue());
            found.put("lang", asked.data().path("lang").asText("en-US"));
        }
        ObjectNode answer = Message.object();
        answer.set("intent", found);
        answer.set("utterance", utterance);
        emit(asked.reply("intent.service.intent.reply", answer));
    }

    /** What Adapt tells of the first keyword that it has found. */
    private static void addTag(ObjectNode found, Intent intent, String text) {
        found.put("intent_type", intent.fullName())
                .put("confidence", 1.0)
                .put("utterance", text)
                .putNull("target");
        ArrayNode tags = found.putArray("__tags__");
        intent.keywords().stream().filter(text::contains).findFirst().ifPresent(word -> {
            found.put(intent.keywordName(), word);
            int start = words(text.substring(0, text.indexOf(word)));
            ObjectNode entity =
                    Message.object().put("key", word).put("match", word).put("confidence", 1.0);
            entity.putArray("data").addArray().add(word).add(intent.vocabularyName());
            ObjectNode tag = tags.addObject()
                    .put("match", word)
                    .put("key", word)
                    .put("start_token", start)
                    .put("end_token", start + words(word) - 1)
                    .put("from_context", false);
            tag.putArray("entities").add(entity);
        });
    }

    private static int words(String text) {
        return text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }

    private static ObjectNode found(String name, String skill, String stage, String handler) {
        return Message.object()
                .put("intent_name", name)
                .put("intent_service", stage)
                .put("skill_id", skill)
                .put("handler", handler);
    }

    private void listIntents(Message asked) {
        ObjectNode answer = Message.object();
        ArrayNode list = answer.putArray("intents");
        intents.stream()
                .filter(intent -> intent.ofAdapt() && isRegistered(intent))
                .forEach(intent -> list.add(adaptIntent(intent)));
        emit(asked.reply("intent.service.adapt.manifest", answer));
    }

    private static ObjectNode adaptIntent(Intent intent) {
        ObjectNode listed = Message.object().put("name", intent.fullName());
        listed.putArray("requires").addArray().add(intent.keywordName()).add(intent.keywordName());
        listed.putArray("at_least_one");
        listed.putArray("optional");
        listed.putArray("excludes");
        return listed;
    }

    // what was registered once stays in this list
    private void listVocabulary(Message asked) {
        ObjectNode answer = Message.object();
        ArrayNode list = answer.putArray("vocab");
        for (Intent intent : intents) {
            for (String word : intent.keywords()) {
                list.addObject()
                        .put("entity_value", word)
                        .put("entity_type", intent.vocabularyName())
                        .put("lang", "en-US")
                        .put("start", word)
                        .put("end", intent.vocabularyName());
            }
        }
        emit(asked.reply("intent.service.adapt.vocab.manifest", answer));
    }

    // each skill that has an intent of this name acts, and is silent if it has none, or not in that state
    private void disable(Message wanted) {
        for (Intent intent : named(wanted)) {
            if (disabled.add(intent)) {
                for (String name : List.of(intent.fullName(), intent.fullName() + "_en-US")) {
                    forward(wanted, intent, "detach_intent", Message.object().put("intent_name", name));
                }
            }
        }
    }

    private void enable(Message wanted) {
        for (Intent intent : named(wanted)) {
            if (disabled.remove(intent)) {
                if (intent.ofAdapt()) {
                    forward(wanted, intent, "register_intent", adaptIntent(intent));
                } else {
                    ObjectNode registered =
                            Message.object().put("name", intent.fullName()).put("lang", "en-US");
                    registered.putArray("samples").add(intent.words().pattern());
                    forward(wanted, intent, "padatious:register_intent", registered);
                }
            }
        }
    }

    private List<Intent> named(Message wanted) {
        String name = wanted.data().path("intent_name").asText();
        return intents.stream()
                .filter(intent -> intent.name().equals(name) && skills.isActive(intent.skill()))
                .toList();
    }

    private void forward(Message wanted, Intent intent, String type, ObjectNode data) {
        Message forwarded = wanted.forward(type, data);
        forwarded.context().put("skill_id", intent.skill());
        emit(forwarded);
    }

    static boolean isBlacklisted(Message message, String skill) {
        return isListed(message, "blacklisted_skills", skill);
    }

    // the default session is the core's own: what others put into it does not count
    private static boolean isListed(Message message, String list, String entry) {
        if (!ofDefaultSession(message)) {
            for (JsonNode one : message.context().path("session").path(list)) {
                if (one.asText().equals(entry)) {
                    return true;
                }
            }
        }
        return false;
    }

    static boolean hasStage(Message message, String part) {
        JsonNode stages = message.context().path("session").path("pipeline");
        if (!stages.isArray() || ofDefaultSession(message)) {
            return true;
        }
        for (JsonNode stage : stages) {
            if (stage.asText().contains(part)) {
                return true;
            }
        }
        return false;
    }
}
