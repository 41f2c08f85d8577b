// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** How a user's routes may deal with failures by themselves. */
class ErrorHandlerTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).routes("soft.camel.yaml", """
            - routeConfiguration:
                id: soft
                errorHandler:
                  deadLetterChannel:
                    deadLetterUri: direct:soften
                    redeliveryPolicy:
                      maximumRedeliveries: 0
            - route:
                id: softened
                routeConfigurationId: soft
                from:
                  uri: platform-http:/softened?access=public
                  steps:
                    - throwException:
                        exceptionType: java.lang.IllegalStateException
                        message: on purpose
            - route:
                id: soften
                from:
                  uri: direct:soften
                  steps:
                    - setBody:
                        constant: never mind
            """);

    @Test
    void isTheOneOfTheRouteConfiguration() {
        assertThat(gateway.call("GET", "/softened").anonymous().send().body()).isEqualTo("never mind");
    }
}
