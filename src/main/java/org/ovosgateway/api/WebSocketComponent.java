// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.ovosgateway.Nearest;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.StreamLimit;
import org.ovosgateway.http.WebSocketConnection;
import org.springframework.stereotype.Component;

/** {@code vertx-websocket:}, WebSockets on the ports of the API, behind the same guard. */
@Component("vertx-websocket-component")
class WebSocketComponent extends DefaultComponent {

    private static final List<String> OPTIONS =
            List.of(Entrance.ACCESS, "sendToAll", "fireWebSocketConnectionEvents", "authByMessage");

    private final Map<String, Map<String, WebSocketConnection>> peers = new ConcurrentHashMap<>();
    private final SecuritySchemes security;
    private final ApiProperties apis;
    private final StreamLimit streams;
    private final HttpProperties http;

    WebSocketComponent(SecuritySchemes security, ApiProperties apis, StreamLimit streams, HttpProperties http) {
        this.security = security;
        this.apis = apis;
        this.streams = streams;
        this.http = http;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String path, Map<String, Object> parameters) throws Exception {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "vertx-websocket: takes a path, such as vertx-websocket:/events, on the ports of the API, not '"
                            + path + "'");
        }
        String folder = getAndRemoveParameter(parameters, HttpComponent.API, String.class);
        String address = apis.address(folder == null ? Api.OWN : new Api(folder));
        WebSocketEndpoint endpoint = new WebSocketEndpoint(uri, this, path, address);
        setProperties(endpoint, parameters);
        parameters.keySet().stream().findFirst().ifPresent(option -> {
            throw new IllegalArgumentException(
                    "vertx-websocket: has no option '%s'%s".formatted(option, Nearest.hint(option, OPTIONS)));
        });
        Entrance.of(endpoint.getAccess(), null, null, folder);
        return endpoint;
    }

    /** Those who are connected to this path, by their keys. */
    Map<String, WebSocketConnection> peers(String path) {
        return peers.computeIfAbsent(path, p -> new ConcurrentHashMap<>());
    }

    SecuritySchemes security() {
        return security;
    }

    StreamLimit streams() {
        return streams;
    }

    HttpProperties http() {
        return http;
    }
}
