// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.List;
import jakarta.annotation.PostConstruct;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.ovosgateway.ReadinessCheck;
import org.springframework.stereotype.Component;

/**
 * Reports in the health of the gateway, as {@code users}, what is wrong with the users file. Down while it keeps everybody
 * out; a gateway that serves by an older list, or is to have no users, is up.
 */
@Component
class UsersHealth {

    private final CamelContext camel;
    private final Users users;

    UsersHealth(CamelContext camel, Users users) {
        this.camel = camel;
        this.users = users;
    }

    @PostConstruct
    void register() {
        ReadinessCheck.register(camel, "users", this::check);
    }

    private void check(HealthCheckResultBuilder result) {
        result.up();
        List<String> misspelt = users.misspelt();
        if (!misspelt.isEmpty()) {
            result.message(String.join("; ", misspelt));
        }
        users.trouble().ifPresent(trouble -> {
            result.message(trouble.reason());
            if (!users.isKnown() && !trouble.missing()) {
                result.down();
            }
        });
    }
}
