// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.PropertiesHelper;
import org.springframework.stereotype.Component;

/** The message buses of the assistants as a Camel component: {@code ovos:mycroft.stop}. */
@Component("ovos")
class OvosComponent extends DefaultComponent {

    private final Devices devices;

    OvosComponent(Devices devices) {
        this.devices = devices;
    }

    Devices devices() {
        return devices;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String type, Map<String, Object> parameters) throws Exception {
        Map<String, Object> data = PropertiesHelper.extractProperties(parameters, "data.");
        Map<String, Object> answer = PropertiesHelper.extractProperties(parameters, "answer.");
        Map<String, Object> expect = PropertiesHelper.extractProperties(parameters, "expect.");
        OvosEndpoint endpoint = new OvosEndpoint(uri, this, type, data, answer, expect);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
