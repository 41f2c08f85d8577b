// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

/** Logins through a reverse proxy, which count for the address that it tells, and for no other. */
class ProxyTest {

    private static final String PER_ADDRESS = "ovos.auth.attempts.per-address";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway behind =
            Gateway.on(bus::port).with("ovos.http.trusted-proxies", "127.0.0.1").with(PER_ADDRESS, 2);

    @RegisterExtension
    @Order(3)
    static final Gateway alone = Gateway.on(bus::port).with(PER_ADDRESS, 2);

    @Test
    void limitsEachAddressThatATrustedProxyTells() {
        failure(behind, "198.51.100.1, 203.0.113.1").isRefused(401, "invalid-credentials");
        failure(behind, "198.51.100.2, 203.0.113.1").isRefused(401, "invalid-credentials");
        failure(behind, "198.51.100.3, 203.0.113.1").isRefused(429, "too-many-attempts");

        failure(behind, "203.0.113.1, 203.0.113.2").isRefused(401, "invalid-credentials");
    }

    @Test
    void isNotMisledByWhoIsNoTrustedProxy() {
        failure(alone, "203.0.113.1").isRefused(401, "invalid-credentials");
        failure(alone, "203.0.113.2").isRefused(401, "invalid-credentials");
        failure(alone, "203.0.113.3").isRefused(429, "too-many-attempts");
    }

    private static Gateway.Call failure(Gateway gateway, String forwardedFor) {
        return gateway.call("POST", "/v1/auth/tokens")
                .anonymous()
                .header("X-Forwarded-For", forwardedFor)
                .json("{\"user\": \"nobody\", \"password\": \"wrong\"}");
    }
}
