// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which skills somebody may ask.
 *
 * @param allow the only skills; null for all
 * @param deny skills, and intents as {@code skill:intent}, that are not for them
 */
public record SkillLimits(Set<String> allow, Set<String> deny) {

    /** All skills. */
    public static final SkillLimits NONE = new SkillLimits(null, Set.of());

    /** Whether there is anything that they may not ask. */
    public boolean isLimited() {
        return allow != null || !deny.isEmpty();
    }

    /** Whether only skills that are named may be asked, so that others have to be known. */
    public boolean isAllowList() {
        return allow != null;
    }

    /** Whether a skill may answer. */
    public boolean mayAsk(String skill) {
        return !deny.contains(skill) && (allow == null || allow.contains(skill));
    }

    /** Whether an intent of a skill may, in either spelling. */
    public boolean mayAsk(String skill, String intent) {
        return mayAsk(skill)
                && !deny.contains(skill + ":" + intent)
                && !deny.contains(skill + ":" + intent + ".intent");
    }

    /** The skills to keep out of a session, of those that are known. */
    public Set<String> deniedSkills(Set<String> known) {
        Set<String> denied = new TreeSet<>();
        deny.stream().filter(entry -> entry.indexOf(':') < 0).forEach(denied::add);
        known.stream().filter(skill -> !mayAsk(skill)).forEach(denied::add);
        return denied;
    }

    /** The intents to keep out of a session; some lines name them after their files, others do not. */
    public Set<String> deniedIntents() {
        Set<String> denied = new TreeSet<>();
        for (String entry : deny) {
            if (entry.indexOf(':') > 0) {
                String intent = entry.endsWith(".intent") ? entry.substring(0, entry.length() - 7) : entry;
                denied.add(intent);
                denied.add(intent + ".intent");
            }
        }
        return denied;
    }
}
