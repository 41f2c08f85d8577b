// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ListeningTest {

    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    private final Listening listening = new Listening();

    @Test
    void isCertainWhileThereIsNoBreak() {
        assertThat(listening.uncertainty(System.nanoTime())).isEqualTo(FOREVER);
        listening.begin(null);
        assertThat(listening.uncertainty(System.nanoTime())).isZero();
    }

    @Test
    void afterOneBreakItIsAsOldAsTheLastSignBeforeIt() {
        listening.begin(null);
        long heard = System.nanoTime();
        listening.begin(ago(7));
        assertThat(listening.uncertainty(heard)).isBetween(Duration.ofSeconds(7), Duration.ofMinutes(5));
        assertThat(listening.uncertainty(System.nanoTime())).isZero();
    }

    @Test
    void afterTwoBreaksNobodyKnows() {
        listening.begin(null);
        long heard = System.nanoTime();
        listening.begin(ago(60));
        listening.begin(ago(1));
        assertThat(listening.uncertainty(heard)).isEqualTo(FOREVER);
    }

    @Test
    void nobodyKnowsWhenTheBrokerWasNeverHeardBefore() {
        listening.begin(null);
        long heard = System.nanoTime();
        listening.begin(null);
        assertThat(listening.uncertainty(heard)).isEqualTo(FOREVER);
    }

    private static Moment ago(int seconds) {
        return new Moment(
                Moment.Clocks.SYSTEM,
                System.nanoTime() - TimeUnit.SECONDS.toNanos(seconds),
                System.currentTimeMillis() - TimeUnit.SECONDS.toMillis(seconds));
    }
}
