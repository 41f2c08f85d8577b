// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Map;
import java.util.function.Consumer;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** A check whether a part of the gateway is ready. It does not count for liveness, since a restart would not help. */
public final class ReadinessCheck extends AbstractHealthCheck {

    private final Consumer<HealthCheckResultBuilder> check;

    private ReadinessCheck(String name, Consumer<HealthCheckResultBuilder> check) {
        super("ovos", name);
        this.check = check;
    }

    /**
     * Adds a check to the health of the gateway.
     *
     * @param name under which {@code /health} shows it
     * @param check fills in the result at each call
     */
    public static void register(CamelContext camel, String name, Consumer<HealthCheckResultBuilder> check) {
        var registry = HealthCheckHelper.getHealthCheckRegistry(camel);
        if (registry != null) {
            registry.register(new ReadinessCheck(name, check));
        }
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
        check.accept(result);
    }
}
