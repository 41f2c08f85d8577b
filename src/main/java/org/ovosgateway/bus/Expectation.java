// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Ellipsis;

/**
 * What an answer says when something was done: values by their paths, with {@code |} between those that are good, and
 * {@code ..} between the least and the greatest of numbers.
 */
record Expectation(Map<String, String> values) {

    /** Copies the values. */
    Expectation {
        values = new LinkedHashMap<>(values);
    }

    /**
     * What in an answer says that it was not done; null when nothing does. What an answer does not tell says nothing, as
     * there are plugins that tell less than others.
     */
    String contradiction(BusMessage answer) {
        for (Map.Entry<String, String> expected : values.entrySet()) {
            JsonNode told = answer.data().at("/" + expected.getKey().replace('.', '/'));
            boolean silent = told.isMissingNode() || told.isNull();
            if (!silent && Arrays.stream(expected.getValue().split("\\|")).noneMatch(good -> isGood(told, good))) {
                return "'%s' is %s, and should be %s"
                        .formatted(
                                expected.getKey(),
                                Ellipsis.cut(told.toString(), 64),
                                expected.getValue().replace("|", " or "));
            }
        }
        return null;
    }

    private static boolean isGood(JsonNode told, String good) {
        String[] range = good.split("\\.\\.");
        return range.length == 2
                ? told.isNumber()
                        && told.doubleValue() >= Double.parseDouble(range[0])
                        && told.doubleValue() <= Double.parseDouble(range[1])
                : told.asText().equals(good);
    }
}
