// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What may be used in a session.
 *
 * @param pipeline the stages that match an utterance; empty for those of the device
 * @param deniedSkills the skills that may not
 * @param deniedIntents the intents that may not
 */
record Bounds(List<String> pipeline, Set<String> deniedSkills, Set<String> deniedIntents) {

    /** What stops the device, by the name that the new line knows. */
    private static final Set<String> STOPS = Set.of("ovos-stop-pipeline-plugin");

    static final Bounds NONE = new Bounds(List.of(), Set.of(), Set.of());

    /** In place of what stands in the session, which others may have changed; an empty list means that of the device. */
    void putInto(ObjectNode session) {
        put(session, "pipeline", pipeline);
        put(session, "blacklisted_pipelines", STOPS);
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
