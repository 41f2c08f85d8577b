// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Vertx;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the router that Camel's consumers mount their routes on. */
@Configuration(proxyBeanMethods = false)
class ApiConfiguration {

    @Bean(VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME)
    HttpRouter router(Vertx vertx) {
        return new HttpRouter(vertx);
    }
}
