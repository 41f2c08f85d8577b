// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The Wyoming protocol as a Camel component: {@code wyoming:handle} begins a route that answers what clients ask. */
@Component("wyoming")
@EnableConfigurationProperties(WyomingProperties.class)
class WyomingComponent extends DefaultComponent {

    private final ObjectProvider<WyomingServer> server;

    WyomingComponent(ObjectProvider<WyomingServer> server) {
        this.server = server;
    }

    /**
     * The server that the routes are for.
     *
     * @throws IllegalStateException where it is off
     */
    WyomingServer server() {
        WyomingServer enabled = server.getIfAvailable();
        if (enabled == null) {
            throw new IllegalStateException("wyoming: needs " + WyomingProperties.PREFIX + ".enabled to be true");
        }
        return enabled;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String service, Map<String, Object> parameters) throws Exception {
        WyomingEndpoint endpoint = new WyomingEndpoint(uri, this, service);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
