// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MomentTest {

    private final AtomicLong monotonic = new AtomicLong();
    private final AtomicLong wall = new AtomicLong(1_700_000_000_000L);
    private final Moment moment = new Moment.Clocks(monotonic::get, wall::get).now();

    private void pass(Duration onMonotonic, Duration onWall) {
        monotonic.addAndGet(onMonotonic.toNanos());
        wall.addAndGet(onWall.toMillis());
    }

    @Test
    void countsASuspendOfTheMachine() {
        pass(Duration.ofSeconds(1), Duration.ofMinutes(5));
        assertThat(moment.age()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void doesNotGetYoungerWhenTheClockIsSetBack() {
        pass(Duration.ofSeconds(30), Duration.ofHours(-1));
        assertThat(moment.age()).isEqualTo(Duration.ofSeconds(30));
    }
}
