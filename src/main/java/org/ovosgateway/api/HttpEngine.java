// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.StreamLimit;
import org.springframework.stereotype.Component;

/** Mounts every {@code platform-http} and REST DSL consumer on the gateway's own HTTP server, behind its guard. */
@Component(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME)
class HttpEngine implements PlatformHttpEngine {

    private final SecuritySchemes security;
    private final ApiProperties apis;
    private final ContentPools pools;
    private final StreamLimit streams;
    private final HttpProperties limits;

    HttpEngine(
            SecuritySchemes security,
            ApiProperties apis,
            ContentPools pools,
            StreamLimit streams,
            HttpProperties limits) {
        this.security = security;
        this.apis = apis;
        this.pools = pools;
        this.streams = streams;
        this.limits = limits;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new HttpConsumer(endpoint, processor, security, apis, pools, streams, limits);
    }
}
