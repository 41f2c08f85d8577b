// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Reads the core's list of skills, {@code mycroft.skills.list}: {@code {<id>: {"active": bool, "id": <id>}}}; routes call
 * it as the bean {@code skills}.
 */
@Component("skills")
public class Skills {

    /** The list with how many there are, and how many are active. */
    public Map<String, Object> count(@Body Map<String, Object> list) {
        long active = list.values().stream().filter(Skills::isActive).count();
        Map<String, Object> counted = new LinkedHashMap<>();
        counted.put("count", list.size());
        counted.put("count_active", active);
        counted.put("count_inactive", list.size() - active);
        counted.put("results", list);
        return counted;
    }

    /**
     * Whether the skill is active.
     *
     * @throws ProblemException 404 when the core does not list it
     */
    public boolean isActive(@Body Map<String, Object> list, @Header("skill_id") String id) {
        if (!list.containsKey(id)) {
            String detail = "The assistant has no skill '%s'. GET /v1/skills lists those it has.".formatted(id);
            throw new ProblemException(new Problem("unknown-skill", "There is no such skill", 404, detail));
        }
        return isActive(list.get(id));
    }

    /**
     * Checks the core's answer to an activation or deactivation.
     *
     * @throws ProblemException 502 when it says that it failed
     */
    public void confirm(@Body Map<String, Object> answer) {
        if (answer.containsKey("error")) {
            throw new ProblemException(new Problem(
                    "skill-refused",
                    "The assistant could not do that",
                    502,
                    "The core could not load or unload the skill: look into the log of OVOS."));
        }
    }

    private static boolean isActive(Object skill) {
        return skill instanceof Map<?, ?> map && Boolean.TRUE.equals(map.get("active"));
    }
}
