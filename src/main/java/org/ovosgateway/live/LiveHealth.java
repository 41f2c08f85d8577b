// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.List;
import jakarta.annotation.PostConstruct;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.ovosgateway.ReadinessCheck;
import org.springframework.stereotype.Component;

/**
 * Reports in the health of the gateway, as {@code routes}, which files are not live as they are written. Up while the
 * versions before them serve, as nobody should restart a working gateway because of a typo; down while operations of the API have none.
 */
@Component
class LiveHealth {

    private final CamelContext camel;
    private final LiveRoutes routes;

    LiveHealth(CamelContext camel, LiveRoutes routes) {
        this.camel = camel;
        this.routes = routes;
    }

    @PostConstruct
    void register() {
        ReadinessCheck.register(camel, "routes", this::check);
    }

    private void check(HealthCheckResultBuilder result) {
        List<Failure> failures = routes.failures();
        result.up();
        if (!failures.isEmpty()) {
            result.message("Not all route files are live as they are written");
            if (routes.isIncomplete()) {
                result.down().message("The API is not served, or a part of it is not");
            }
            result.detail("failures", failures.stream().map(Failure::toString).toList());
        }
    }
}
