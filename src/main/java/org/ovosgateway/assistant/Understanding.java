// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.Apology;
import org.ovosgateway.bus.OvosConstants;
import org.springframework.stereotype.Component;

/**
 * Which utterances nobody understood; routes call it as the bean {@code understanding}.
 *
 * <p>The lines of OVOS differ in how they say so: nobody wanted the utterance; the skill that apologises did so, whether it
 * calls that a success or not; or the one who wanted it failed in the end. Several of these may come of one utterance.
 */
@Component("understanding")
public class Understanding {

    /** Within this, a second sign is of the same utterance, unless it was told to be over. */
    private static final Duration SAME = Duration.ofSeconds(5);

    private final Map<String, Turn> devices = new ConcurrentHashMap<>();

    private static final class Turn {
        private Map<String, Object> utterance = Map.of();
        /** What a fallback was asked, which may be an earlier utterance than the last. */
        private Map<String, Object> asked;

        private String refusedBy;
        private Long toldAt;
    }

    /**
     * Takes note of a message of the bus.
     *
     * @return the utterance, as {@code text}, {@code lang} and {@code skill}, that was not understood by that; null when
     *     there is none, or when it was told already
     */
    public Map<String, Object> failed(
            @Header(OvosConstants.DEVICE) String device,
            @Header(OvosConstants.TYPE) String type,
            @Header(OvosConstants.CONTEXT) Map<String, Object> context,
            @Body Map<String, Object> data) {
        Turn turn = devices.computeIfAbsent(device, first -> new Turn());
        Object skill = context.get("skill_id");
        synchronized (turn) {
            switch (type) {
                case "recognizer_loop:utterance" -> turn.utterance = utterance(data);
                case "speak" -> {
                    if (isApology(data)) {
                        return tell(turn, turn.asked, skill);
                    }
                }
                case "complete_intent_failure" -> {
                    return tell(turn, data.containsKey("utterances") ? utterance(data) : null, null);
                }
                case "ovos.utterance.handled", "ovos.utterance.cancelled" -> {
                    Map<String, Object> failure =
                            turn.refusedBy == null ? null : tell(turn, turn.asked, turn.refusedBy);
                    turn.refusedBy = null;
                    turn.asked = null;
                    turn.toldAt = null;
                    return failure;
                }
                default -> {
                    if (type.endsWith(".request")) {
                        turn.asked = utterance(data);
                    } else if (type.endsWith(".response")) {
                        turn.refusedBy = Boolean.FALSE.equals(data.get("result")) ? String.valueOf(skill) : null;
                    }
                }
            }
            return null;
        }
    }

    private static boolean isApology(Map<String, Object> data) {
        return data.get("meta") instanceof Map<?, ?> meta && Apology.is(meta.get("skill"), meta.get("dialog"));
    }

    private static Map<String, Object> tell(Turn turn, Map<String, Object> known, Object skill) {
        long now = System.nanoTime();
        if (turn.toldAt != null && now - turn.toldAt < SAME.toNanos()) {
            return null;
        }
        turn.toldAt = now;
        Map<String, Object> failure = new HashMap<>(known == null ? turn.utterance : known);
        failure.put("skill", skill);
        return failure;
    }

    private static Map<String, Object> utterance(Map<String, Object> data) {
        Map<String, Object> utterance = new HashMap<>();
        if (data.get("utterances") instanceof List<?> texts && !texts.isEmpty()) {
            utterance.put("text", texts.get(0));
        }
        utterance.put("lang", data.get("lang"));
        return utterance;
    }
}
