// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.ovosgateway.IntentName;
import org.ovosgateway.Json;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.IntentService;

/** Finds out which intent would take a text, while no skill does anything. */
final class IntentPreview {

    /** By parts of their names: the stages that ask skills themselves, which may act on it, or that stop the device. */
    private static final List<String> ACTING_STAGES = List.of("stop", "converse", "common", "fallback");

    /** Of the answers of all stages; the other members are what the intent has found in the text. */
    private static final Set<String> NO_SLOTS = Set.of(
            "intent_name", "intent_service", "skill_id", "handler", "intent_type", "target", "utterance", "lang");

    private static final int LONGEST_SLOT = 4_000;

    private final Conversations conversations;

    IntentPreview(Conversations conversations) {
        this.conversations = conversations;
    }

    /** Completed with {@code matched}, {@code stage}, {@code confidence} and {@code slots}. */
    Future<Map<String, Object>> of(Utterance utterance, Device device, Caller caller) {
        return conversations.bounds(device, caller.skills()).compose(bounds -> {
            ObjectNode session = Json.PLAIN
                    .createObjectNode()
                    .put("session_id", UUID.randomUUID().toString());
            if (utterance.lang() != null) {
                session.put("lang", utterance.lang());
            }
            if (caller.room() != null) {
                session.put("site_id", caller.room());
            }
            bounds.without(ACTING_STAGES).putInto(session);
            return new IntentService(device)
                    .match(session, utterance.text(), utterance.lang(), ACTING_STAGES)
                    .map(intent -> outcome(intent, caller.skills()));
        });
    }

    private static Map<String, Object> outcome(JsonNode intent, SkillLimits limits) {
        Map<String, Object> matched = matched(intent);
        if (matched != null && !limits.mayAsk((String) matched.get("skill"), (String) matched.get("intent"))) {
            // a stage that ignores the session must not tell what the caller may not ask
            matched = null;
        }
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("matched", matched);
        outcome.put(
                "stage", matched == null ? null : intent.path("intent_service").asText(null));
        JsonNode confidence = intent.path("confidence");
        outcome.put("confidence", matched == null || !confidence.isNumber() ? null : confidence.doubleValue());
        outcome.put("slots", matched == null ? Map.of() : slots(intent, (String) matched.get("skill")));
        return outcome;
    }

    /** {@code skill} and {@code intent}; null where a fallback offers itself, or nobody does. */
    private static Map<String, Object> matched(JsonNode intent) {
        // Adapt's own name of it, where the intent service adds none
        String name = intent.path("intent_name").isTextual()
                ? intent.path("intent_name").textValue()
                : intent.path("intent_type").asText("");
        int colon = name.indexOf(':');
        if (colon <= 0) {
            return null;
        }
        Map<String, Object> matched = new LinkedHashMap<>();
        matched.put("skill", intent.path("skill_id").asText(name.substring(0, colon)));
        matched.put("intent", IntentName.plain(name.substring(colon + 1)));
        return matched;
    }

    private static Map<String, Object> slots(JsonNode intent, String skill) {
        Map<String, Object> slots = new TreeMap<>();
        intent.properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (value.isTextual()
                    && !NO_SLOTS.contains(member.getKey())
                    && value.textValue().length() <= LONGEST_SLOT) {
                slots.put(IntentName.keyword(skill, member.getKey()), value.textValue());
            }
        });
        return slots;
    }
}
