// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;

class HashingPoolTest {

    private final ExecutorService hashing = new HashingPool().hashing(Gate.properties(Path.of("."), Gate.SECRET, ""));
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void route() throws Exception {
        camel.getRegistry().bind("hashing", hashing);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:logIn")
                        .threads()
                        .executorService("hashing")
                        .setBody(exchange -> Thread.currentThread().getName());
            }
        });
        camel.start();
    }

    @AfterEach
    void close() throws Exception {
        camel.close();
        hashing.shutdownNow();
    }

    @Test
    void runsARouteOnItsOwnThreads() {
        assertThat(camel.createProducerTemplate().requestBody("direct:logIn", "", String.class))
                .isEqualTo("hashing-1");
    }

    @Test
    void tellsARouteToComeBackWhenTooManyWait() {
        var busy = new CountDownLatch(1);
        // one runs and two wait
        for (int i = 0; i < 3; i++) {
            hashing.submit(() -> {
                busy.await();
                return null;
            });
        }

        var rejected = camel.createProducerTemplate().request("direct:logIn", exchange -> {});
        busy.countDown();

        assertThat(rejected.getException()).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().status()).isEqualTo(503);
            assertThat(e.problem().headers()).containsEntry("Retry-After", "5");
        });
    }
}
