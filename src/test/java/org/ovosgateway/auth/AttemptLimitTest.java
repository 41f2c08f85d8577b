// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptLimitTest {

    private final Gate.Turnable clock = new Gate.Turnable();
    private final AttemptLimit limit = new AttemptLimit(2, Duration.ofMinutes(5), clock::nanos);

    @Test
    void saysHowLongToWait() {
        assertThat(limit.reserve("ada")).isZero();
        clock.turn(Duration.ofMinutes(1));
        assertThat(limit.reserve("ada")).isZero();
        clock.turn(Duration.ofMinutes(1));

        assertThat(limit.reserve("ada")).isEqualTo(Duration.ofMinutes(3));
        assertThat(limit.reserve("bob")).isZero();
    }

    @Test
    void letsTheWindowSlide() {
        limit.reserve("ada");
        clock.turn(Duration.ofMinutes(4));
        limit.reserve("ada");
        clock.turn(Duration.ofMinutes(1));

        assertThat(limit.reserve("ada")).isZero();
        assertThat(limit.reserve("ada")).isEqualTo(Duration.ofMinutes(4));
    }

    @Test
    void doesNotProlongTheWaitOfThoseWhoDoNotWait() {
        limit.reserve("ada");
        limit.reserve("ada");
        for (int i = 0; i < 4; i++) {
            clock.turn(Duration.ofMinutes(1));
            assertThat(limit.reserve("ada")).isPositive();
        }
        clock.turn(Duration.ofMinutes(1));

        assertThat(limit.reserve("ada")).isZero();
    }

    @Test
    void takesBackWhatWasReleased() {
        limit.reserve("ada");
        limit.reserve("ada");
        limit.release("ada");

        assertThat(limit.reserve("ada")).isZero();
        assertThat(limit.reserve("ada")).isPositive();
    }
}
