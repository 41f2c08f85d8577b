// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import jakarta.annotation.PostConstruct;

import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.ovosgateway.ReadinessCheck;
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
        ReadinessCheck.register(camel, "state", this::check);
        state.check();
        // also where nobody asks for health: what could not be kept is tried again
        vertx.setPeriodic(CHECK_MILLIS, id -> vertx.executeBlocking(state::check, false));
    }

    private void check(HealthCheckResultBuilder result) {
        state.check().ifPresentOrElse(reason -> result.down().message(reason), result::up);
    }
}
