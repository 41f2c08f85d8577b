// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A signal or a neuron of a synapse.
 *
 * @param name what kind it is, such as {@code order} or {@code say}
 * @param parameters a text, a map, or null
 */
record SynapsePart(String name, Object parameters) {

    /** A parameter by its name; null where there is none. */
    Object parameter(String key) {
        return parameters instanceof Map<?, ?> map ? map.get(key) : null;
    }

    /** The parameter that can stand alone, as in {@code order: good morning}. */
    String main(String key) {
        Object value = parameters instanceof Map<?, ?> map ? map.get(key) : parameters;
        return value == null ? null : value.toString();
    }

    /** As Kalliope shows it; what the owner alone can write may hold secrets anywhere, as a URL does in its path. */
    Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", name);
        shown.put("parameters", SynapseReader.OF_OWNER.contains(name) ? Map.of() : parameters);
        return shown;
    }

    /** As it is written in a file. */
    Object written() {
        return parameters == null ? name : Map.of(name, parameters);
    }
}
