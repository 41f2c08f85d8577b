// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.ovosgateway.button.Family.Repeats;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Memory memory = new Memory(nanos::get);

    @Test
    void sameCountAsLastIsTheSamePress() {
        assertThat(counted("a", "7")).isPresent();
        assertThat(counted("a", "7")).isEmpty();
        after("1h");
        assertThat(counted("a", "7")).isEmpty();
        assertThat(counted("a", "8")).isPresent();
        // the device has started anew
        assertThat(counted("a", "7")).isPresent();
    }

    @Test
    void routesThatHearOneMessageAllTakeIt() {
        assertThat(counted("a", "7")).isPresent();
        assertThat(counted("b", "7")).isPresent();
        assertThat(counted("b", "7")).isEmpty();
    }

    @Test
    void anEditedRouteKnowsWhatWasPressedBefore() {
        assertThat(counted("a", "7")).isPresent();
        after("1m");
        assertThat(counted("a edited", "7")).isEmpty();
        assertThat(counted("a edited", "8")).isPresent();
        assertThat(counted("a", "8")).isPresent();
    }

    @Test
    void samePacketWithinTheWindowIsTheSamePress() {
        assertThat(windowed(Gesture.SINGLE, "118")).isPresent();
        after("4s");
        assertThat(windowed(Gesture.SINGLE, "118")).isEmpty();
        assertThat(windowed(Gesture.SINGLE, "119")).isPresent();
        after("5s");
        assertThat(windowed(Gesture.SINGLE, "118")).isPresent();
    }

    @Test
    void whatHasNoKeyIsTheSameWithinTheWindow() {
        assertThat(windowed(Gesture.SINGLE, null)).isPresent();
        after("4s");
        assertThat(windowed(Gesture.SINGLE, null)).isEmpty();
        after("4s");
        // a remote that goes on sending is still held
        assertThat(windowed(Gesture.SINGLE, null)).isEmpty();
        assertThat(windowed(Gesture.DOUBLE, null)).isPresent();
        after("5s");
        assertThat(windowed(Gesture.SINGLE, null)).isPresent();
    }

    @Test
    void anotherPressIsNotARepetitionWhereNothingTells() {
        assertThat(plain(Gesture.SINGLE)).isPresent();
        assertThat(plain(Gesture.SINGLE)).isPresent();
    }

    @Test
    void aHoldThatIsToldAgainAndAgainIsOne() {
        assertThat(plain(Gesture.HOLD)).isPresent();
        for (int i = 0; i < 5; i++) {
            after("1s");
            assertThat(plain(Gesture.HOLD)).isEmpty();
        }
        assertThat(plain(Gesture.RELEASE)).isPresent();
        assertThat(plain(Gesture.HOLD)).isPresent();
        after("2s");
        assertThat(plain(Gesture.HOLD)).isPresent();
    }

    @Test
    void upIsTheEndOfAHoldOnlyAfterOne() {
        assertThat(plain(Gesture.UP).orElseThrow().gesture()).isEqualTo(Gesture.UP);
        plain(Gesture.LONG_BEGINS);
        after("30s");
        assertThat(plain(Gesture.UP).orElseThrow().gesture()).isEqualTo(Gesture.RELEASE);
        assertThat(plain(Gesture.UP).orElseThrow().gesture()).isEqualTo(Gesture.UP);
    }

    @Test
    void aDryRunLeavesNoTrace() {
        Press press = press(Gesture.HOLD, "7");

        for (Repeats repeats : Repeats.values()) {
            for (int i = 0; i < 2; i++) {
                assertThat(memory.first("a", repeats, Duration.ofSeconds(5), press, false))
                        .isPresent();
            }
        }
        assertThat(counted("a", "7")).isPresent();
        assertThat(memory.first("a", Repeats.SAME_AS_LAST, Duration.ZERO, press(Gesture.SINGLE, "7"), false))
                .isEmpty();
    }

    private Optional<Press> counted(String endpoint, String count) {
        return memory.first(endpoint, Repeats.SAME_AS_LAST, Duration.ZERO, press(Gesture.SINGLE, count), true);
    }

    private Optional<Press> windowed(Gesture gesture, String key) {
        return memory.first("a", Repeats.WITHIN_WINDOW, Duration.ofSeconds(5), press(gesture, key), true);
    }

    private Optional<Press> plain(Gesture gesture) {
        return memory.first("a", Repeats.NOT_KNOWN, Duration.ZERO, press(gesture, null), true);
    }

    private static Press press(Gesture gesture, String key) {
        return new Press("device", "1", gesture, Instant.EPOCH, key);
    }

    private void after(String time) {
        nanos.addAndGet(Duration.parse("PT" + time).toNanos());
    }
}
