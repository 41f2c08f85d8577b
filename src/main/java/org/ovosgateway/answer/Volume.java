// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Body;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Translates the volume of the bus, 0 to 1 as in {@code mycroft.volume.get.response}, into that of callers, 0 to 100, and
 * back; routes call it as the bean {@code volume}.
 */
@Component("volume")
public class Volume {

    private static final int FULL = 100;

    /** Some mixers have eight steps only. */
    private static final int STEP = 10;

    /**
     * The volume in percent.
     *
     * @param heard a number from 0 to 1, or a map with it as {@code percent}
     * @return 0 to 100, what is beyond it cut off; null when there is no number
     */
    public Integer percent(@Body Object heard) {
        Object value = heard instanceof Map<?, ?> map ? map.get("percent") : heard;
        return value instanceof Number number
                ? (int) Math.round(Math.max(0, Math.min(1, number.doubleValue())) * FULL)
                : null;
    }

    /**
     * The volume for the bus.
     *
     * @param wanted a number from 0 to 100, or a map with it as {@code volume}
     * @return 0 to 1
     * @throws ProblemException 422 when it is something else
     */
    public double fraction(@Body Object wanted) {
        Object value = wanted instanceof Map<?, ?> map ? map.get("volume") : wanted;
        if (value instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= FULL) {
            double fraction = number.doubleValue() / FULL;
            // the ALSA plugin cuts what is behind the point: 0.29 * 100 is 28.999999999999996
            return fraction * FULL < number.doubleValue() ? Math.nextUp(fraction) : fraction;
        }
        throw new ProblemException(
                Problem.validation(List.of(new FieldError("volume", "must be a number from 0 to " + FULL))));
    }

    /** What may be read back after {@link #fraction} was set, for an option {@code expect}; what is muted may say 0. */
    public String nearly(@Body Object wanted) {
        long percent = Math.round(fraction(wanted) * FULL);
        double least = Math.max(0, percent - STEP) / (double) FULL;
        double most = Math.min(FULL, percent + STEP) / (double) FULL;
        return least + ".." + most + "|0..0";
    }

    /** What {@code mycroft.volume.get.response} tells: {@code {"volume", "muted"}}, null for what it does not. */
    public Map<String, Object> state(@Body Map<String, Object> answer) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("volume", percent(answer));
        state.put("muted", answer.get("muted") instanceof Boolean muted ? muted : null);
        return state;
    }
}
