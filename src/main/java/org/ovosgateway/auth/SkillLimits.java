// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.Set;
import java.util.TreeSet;

import org.ovosgateway.IntentName;

/**
 * The skills that a user may ask.
 *
 * @param allow ids of the only skills; null for all
 * @param deny ids of skills, and intents as {@code skill:intent}, that the user may not ask
 */
public record SkillLimits(Set<String> allow, Set<String> deny) {

    /** All skills. */
    public static final SkillLimits NONE = new SkillLimits(null, Set.of());

    /** Whether the user may not ask everything. */
    public boolean isLimited() {
        return allow != null || !deny.isEmpty();
    }

    /** Whether the user may ask the listed skills only, so that all others have to be known. */
    public boolean isAllowList() {
        return allow != null;
    }

    /** Whether the user may ask a skill. */
    public boolean mayAsk(String skill) {
        return !deny.contains(skill) && (allow == null || allow.contains(skill));
    }

    /** Whether the user may ask an intent of a skill, in either spelling. */
    public boolean mayAsk(String skill, String intent) {
        return mayAsk(skill)
                && !deny.contains(skill + ":" + intent)
                && !deny.contains(skill + ":" + IntentName.file(intent));
    }

    /** The skills to keep out of a session, among them those of {@code installed} that the user may not ask. */
    public Set<String> deniedSkills(Set<String> installed) {
        Set<String> denied = new TreeSet<>();
        deny.stream().filter(entry -> entry.indexOf(':') < 0).forEach(denied::add);
        installed.stream().filter(skill -> !mayAsk(skill)).forEach(denied::add);
        return denied;
    }

    /** The intents to keep out of a session, in both spellings. */
    public Set<String> deniedIntents() {
        Set<String> denied = new TreeSet<>();
        for (String entry : deny) {
            if (entry.indexOf(':') > 0) {
                String intent = IntentName.plain(entry);
                denied.add(intent);
                denied.add(IntentName.file(intent));
            }
        }
        return denied;
    }
}
