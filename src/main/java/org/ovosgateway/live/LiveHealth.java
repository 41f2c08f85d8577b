// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.Map;

import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.springframework.stereotype.Component;

/**
 * Tells which files are not live as they are written. Always up: the versions before them serve, and nobody should
 * restart a working gateway because of a typo.
 */
@Component
class LiveHealth extends AbstractHealthCheck {

    private final LiveRoutes routes;

    LiveHealth(LiveRoutes routes) {
        super("ovos", "routes");
        this.routes = routes;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        routes.failures().forEach(failure -> builder.detail(failure.file(), failure.toString()));
    }
}
