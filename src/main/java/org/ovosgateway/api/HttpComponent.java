// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.DefaultPlatformHttpConsumer;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.spi.RestConfiguration;
import org.springframework.stereotype.Component;

/**
 * Camel's {@code platform-http} with options more: {@code access}, who may call a route that is not in the contract, and
 * {@code maxBody}; with {@code useStreaming} the route gets the body while it arrives.
 *
 * <p>{@code access=public} is everybody, any other value a scope; without it any user may. See {@link Entrance}.
 */
@Component("platform-http")
class HttpComponent extends PlatformHttpComponent {

    /** Option that says to which API a route belongs; set by whoever loads the folder of an API. */
    static final String API = "api";

    private static final String METHODS = "httpMethodRestrict";

    @Override
    protected Endpoint createEndpoint(String uri, String path, Map<String, Object> parameters) throws Exception {
        Entrance.of(
                getAndRemoveParameter(parameters, Entrance.ACCESS, String.class),
                getAndRemoveParameter(parameters, Entrance.STREAMING, String.class),
                getAndRemoveParameter(parameters, Entrance.MAX_BODY, String.class),
                getAndRemoveParameter(parameters, API, String.class));
        parameters.computeIfPresent(METHODS, (name, methods) -> withHead(methods.toString()));
        PlatformHttpEndpoint endpoint = (PlatformHttpEndpoint) super.createEndpoint(uri, path, parameters);
        if (!endpoint.isUseBodyHandler()) {
            throw new IllegalArgumentException("useBodyHandler can't be set: the gateway reads each body"
                    + " itself, so that all together stay within ovos.http.max-bodies");
        }
        return endpoint;
    }

    /** Mounts a contract; the endpoint says of which API, since two may have the same path at different addresses. */
    @Override
    public Consumer createConsumer(
            CamelContext camel,
            Processor processor,
            String basePath,
            RestConfiguration configuration,
            Map<String, Object> parameters)
            throws Exception {
        Object api = parameters.remove(API);
        if (api == null) {
            return super.createConsumer(camel, processor, basePath, configuration, parameters);
        }
        String uri = "platform-http:" + basePath + "?matchOnUriPrefix=true&" + API + "=" + api;
        DefaultPlatformHttpConsumer consumer =
                ((PlatformHttpEndpoint) camel.getEndpoint(uri, parameters)).createConsumer(processor);
        consumer.setRegister(false);
        return consumer;
    }

    /** What answers GET answers HEAD, without the body (RFC 9110, 9.1). */
    private static String withHead(String methods) {
        List<String> names = List.of(methods.toUpperCase(Locale.ROOT).split("\\s*,\\s*"));
        return names.contains("GET") && !names.contains("HEAD") ? methods + ",HEAD" : methods;
    }
}
