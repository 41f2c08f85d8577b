// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.util.Map;
import jakarta.annotation.PostConstruct;

import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.ovosgateway.StateDirectory;
import org.springframework.stereotype.Component;

/** Reports in the health of the gateway, as {@code state}, whether what must outlive a restart can be kept. */
@Component
class StateHealth {

    private static final long CHECK_MILLIS = 30_000;

    private final CamelContext camel;
    private final StateDirectory state;
    private final Vertx vertx;

    StateHealth(CamelContext camel, StateDirectory state, Vertx vertx) {
        this.camel = camel;
        this.state = state;
        this.vertx = vertx;
    }

    @PostConstruct
    void register() {
        var registry = HealthCheckHelper.getHealthCheckRegistry(camel);
        if (registry != null) {
            registry.register(new Check());
        }
        state.check();
        // also where nobody asks for health: what could not be kept is tried again
        vertx.setPeriodic(CHECK_MILLIS, id -> vertx.executeBlocking(state::check, false));
    }

    private final class Check extends AbstractHealthCheck {

        Check() {
            super("ovos", "state");
        }

        @Override
        public boolean isLiveness() {
            return false;
        }

        @Override
        protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
            state.check().ifPresentOrElse(reason -> result.down().message(reason), result::up);
        }
    }
}
