// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTest {

    private final Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15));

    @Test
    void doublesWithJitterUpToItsLongestDelay() {
        assertThat(backoff.millis(0)).isBetween(250L, 500L);
        assertThat(backoff.millis(2)).isBetween(1_000L, 2_000L);
        assertThat(backoff.millis(1_000)).isBetween(7_500L, 15_000L);
    }

    @Test
    void beginsHigherWhereItIsAsked() {
        assertThat(backoff.millis(0, Duration.ofMillis(7_500))).isBetween(3_750L, 7_500L);
        assertThat(backoff.millis(1_000, Duration.ofMillis(7_500))).isBetween(7_500L, 15_000L);
    }

    @Test
    void isNeverZero() {
        assertThat(new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)).millis(0))
                .isEqualTo(1);
    }
}
