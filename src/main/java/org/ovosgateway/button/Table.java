// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A table that a route holds in one option, as YAML: {@code pressed: single, 2x: double}, or a line for each. */
final class Table {

    private Table() {}

    /**
     * The entries, whose keys are the same in any case.
     *
     * @throws IllegalArgumentException when it is no table
     */
    static Map<String, Object> of(String option, String text) {
        Map<String, Object> table = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        table.putAll(parse(option, text));
        return table;
    }

    private static Map<String, Object> parse(String option, String text) {
        if (text == null || text.isBlank()) {
            return Map.of();
        }
        boolean complete = text.strip().startsWith("{") || text.strip().contains("\n");
        try {
            Object yaml = new Load(LoadSettings.builder().setLabel(option).build())
                    .loadFromString(complete ? text : "{" + text + "}");
            if (yaml instanceof Map<?, ?> map) {
                Map<String, Object> entries = new LinkedHashMap<>();
                map.forEach((key, value) -> entries.put(key == null ? "" : key.toString(), value));
                return entries;
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(
                    "%s is no table such as 'pressed: single, held: hold': %s".formatted(option, text), e);
        }
        throw new IllegalArgumentException(
                "%s is no table such as 'pressed: single, held: hold': %s".formatted(option, text));
    }
}
