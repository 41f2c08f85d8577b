// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Consumers of the messages of one session each, by its id, since there may be hundreds. Not of the session of the device. */
final class SessionSubscriptions {

    private static final Set<String> NAMES = Set.of(
            "speak",
            "mycroft.mic.listen",
            "complete_intent_failure",
            "ovos.utterance.handled",
            "ovos.utterance.cancelled",
            "ovos.intent.handler.error");

    private static final List<String> BEGINNINGS =
            List.of("mycroft.skill.handler.", "skill.converse.", "ovos.skills.fallback.");

    private static final List<String> ENDS =
            List.of(".activate", ".deactivate", ".stop.response", ".get_response.waiting", ".get_response.killed");

    /** Beginnings of names with a colon that are no intent of a skill, nor a stage of the core. */
    private static final Set<String> NOT_SKILLS = Set.of("recognizer_loop", "padatious", "speak");

    private final Map<String, Consumer<BusMessage>> consumers = new ConcurrentHashMap<>();

    Runnable subscribe(String sessionId, Consumer<BusMessage> consumer) {
        consumers.put(sessionId, consumer);
        return () -> consumers.remove(sessionId, consumer);
    }

    /** Whether a message of this name may have a consumer: all others need not be read as a whole. */
    boolean accepts(Name name) {
        return !consumers.isEmpty() && isOfTurn(name.old());
    }

    /** The consumer of a message; null for none. */
    Consumer<BusMessage> consumerOf(BusMessage message) {
        return consumers.isEmpty() || !isOfTurn(message.type()) ? null : consumers.get(message.sessionId());
    }

    private static boolean isOfTurn(String type) {
        int colon = type.indexOf(':');
        return NAMES.contains(type)
                || colon > 0 && !NOT_SKILLS.contains(type.substring(0, colon))
                || BEGINNINGS.stream().anyMatch(type::startsWith)
                || ENDS.stream().anyMatch(type::endsWith);
    }
}
