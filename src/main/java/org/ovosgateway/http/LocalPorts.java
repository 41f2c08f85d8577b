// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.HashMap;
import java.util.Map;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Publishes the ports that are listened on as properties, where Spring Boot's own servers do. */
public final class LocalPorts {

    private static final String SOURCE = "server.ports";

    private LocalPorts() {}

    /** Sets a property such as {@code local.server.port}. */
    public static void publish(ConfigurableEnvironment environment, String property, int port) {
        var sources = environment.getPropertySources();
        Map<String, Object> ports = new HashMap<>();
        if (sources.get(SOURCE) instanceof MapPropertySource before) {
            ports.putAll(before.getSource());
        }
        ports.put(property, port);
        sources.remove(SOURCE);
        sources.addFirst(new MapPropertySource(SOURCE, ports));
    }
}
