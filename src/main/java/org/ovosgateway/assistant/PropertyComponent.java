// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Map;
import java.util.Set;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.springframework.stereotype.Component;

/**
 * {@code property:<name>}: a route that sends to it says what a property is now; one that begins with it asks the device for
 * that.
 */
@Component("property-component")
class PropertyComponent extends DefaultComponent {

    /** What the gateway itself tells, and names that mean something else where properties have addresses, as in MQTT. */
    private static final Set<String> RESERVED = Set.of("availability", "event", "parts", "request", "response", "set");

    private final States states;
    private final Readings readings;

    PropertyComponent(States states, Readings readings) {
        this.states = states;
        this.readings = readings;
    }

    States states() {
        return states;
    }

    Readings readings() {
        return readings;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters) throws Exception {
        if (!name.matches("[a-z][a-z0-9_]{0,63}") || RESERVED.contains(name)) {
            throw new IllegalArgumentException(
                    "A property is named with a-z, 0-9 and _, such as mic_mute, and none of %s; not '%s'"
                            .formatted(RESERVED, name));
        }
        Map<String, Object> data = PropertiesHelper.extractProperties(parameters, "data.");
        PropertyEndpoint endpoint = new PropertyEndpoint(uri, this, name, data);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
