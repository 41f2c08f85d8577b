// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be done, and by which words.
 *
 * @param enabled whether an order can start it; by its name it can be started in any case
 */
record Synapse(String name, boolean enabled, List<SynapsePart> signals, List<SynapsePart> neurons) {

    /** As Kalliope shows it. */
    Map<String, Object> shown() {
        return object(
                signals.stream().map(SynapsePart::shown).toList(),
                neurons.stream().map(SynapsePart::shown).toList());
    }

    /** As it is written in a file. */
    Map<String, Object> written() {
        return object(
                signals.stream().map(SynapsePart::written).toList(),
                neurons.stream().map(SynapsePart::written).toList());
    }

    private Map<String, Object> object(List<?> shownSignals, List<?> shownNeurons) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", name);
        object.put("enabled", enabled);
        object.put("signals", shownSignals);
        object.put("neurons", shownNeurons);
        return object;
    }
}
