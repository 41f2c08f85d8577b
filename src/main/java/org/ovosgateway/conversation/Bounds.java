// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a session may use of OVOS.
 *
 * @param pipeline the stages that match an utterance; empty for those of the device
 * @param deniedSkills ids of skills that it may not use
 * @param deniedIntents intents that it may not use, as {@code skill:intent}
 */
record Bounds(List<String> pipeline, Set<String> deniedSkills, Set<String> deniedIntents) {

    /** The stage that stops the device, by its name on the new line. */
    private static final Set<String> STOP_STAGES = Set.of("ovos-stop-pipeline-plugin");

    static final Bounds NONE = new Bounds(List.of(), Set.of(), Set.of());

    /** The same without the stages that have one of these parts in their names. */
    Bounds without(List<String> parts) {
        return new Bounds(
                pipeline.stream()
                        .filter(stage -> parts.stream().noneMatch(stage::contains))
                        .toList(),
                deniedSkills,
                deniedIntents);
    }

    /** Replaces the bounds in a session, which others may have changed. Without an entry, that of the device counts. */
    void putInto(ObjectNode session) {
        put(session, "pipeline", pipeline);
        put(session, "blacklisted_pipelines", STOP_STAGES);
        put(session, "blacklisted_skills", deniedSkills);
        put(session, "blacklisted_intents", deniedIntents);
    }

    private static void put(ObjectNode session, String name, Collection<String> values) {
        session.remove(name);
        if (!values.isEmpty()) {
            values.forEach(session.putArray(name)::add);
        }
    }
}
