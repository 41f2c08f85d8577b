// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.CamelContextCustomizer;
import org.apache.camel.support.DefaultEndpoint;
import org.springframework.stereotype.Component;

/** What holds for every route unless it says otherwise. */
@Component
class RouteDefaults implements CamelContextCustomizer {

    @Override
    public void configure(CamelContext camel) {
        // a failure is told to who asked, by HTTP or in the log; Camel would log its message, and a trace for each 504
        camel.getCamelContextExtension().addInterceptStrategy(new FailedNode.Watch());
        camel.getCamelContextExtension().addInterceptStrategy(new DryRunGuard());
        RouteFailures failures = new RouteFailures();
        camel.getCamelContextExtension().registerEndpointCallback((uri, endpoint) -> {
            if (endpoint instanceof DefaultEndpoint known && known.getExceptionHandler() == null) {
                known.setExceptionHandler(failures);
            }
            return DryRunGuard.guard(endpoint);
        });
    }
}
