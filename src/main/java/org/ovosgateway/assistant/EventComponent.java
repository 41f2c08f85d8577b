// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.ovosgateway.bus.Devices;
import org.springframework.stereotype.Component;

/** {@code event:<type>}: a route that sends to it reports that something has happened at a device. */
@Component("event-component")
class EventComponent extends DefaultComponent {

    private final Devices devices;
    private final Events events;

    EventComponent(Devices devices, Events events) {
        this.devices = devices;
        this.events = events;
    }

    Devices devices() {
        return devices;
    }

    Events events() {
        return events;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String type, Map<String, Object> parameters) throws Exception {
        if (!type.matches("[a-z][a-z0-9_]{0,63}")) {
            throw new IllegalArgumentException(
                    "An event is named with a-z, 0-9 and _, such as intent_failed, not '" + type + "'");
        }
        EventEndpoint endpoint =
                new EventEndpoint(uri, this, type, PropertiesHelper.extractProperties(parameters, "data."));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
