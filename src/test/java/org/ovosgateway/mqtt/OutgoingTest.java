// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class OutgoingTest {

    private static final int LIMIT = 100_000;

    private final Outgoing outgoing = new Outgoing(LIMIT);

    private static Publication message(String topic, int size, boolean retained) {
        return new Publication(topic, "x".repeat(size), retained);
    }

    private List<String> topics() {
        List<String> topics = new ArrayList<>();
        for (Outgoing.Waiting next = outgoing.poll(); next != null; next = outgoing.poll()) {
            topics.add(next.message().topic());
            outgoing.taken(next);
        }
        return topics;
    }

    @Test
    void losesTheOldestFirstAndWhatIsRetainedLast() {
        assertThat(outgoing.add(message("state", 40_000, true))).isZero();
        assertThat(outgoing.add(message("event 1", 40_000, false))).isZero();
        assertThat(outgoing.add(message("event 2", 40_000, false))).isOne();
        assertThat(topics()).containsExactly("state", "event 2");
    }

    @Test
    void losesNothingElseForWhatIsTooLargeAnyhow() {
        outgoing.add(message("event", 10, false));
        assertThat(outgoing.add(message("large", LIMIT + 1, false))).isOne();
        assertThat(topics()).containsExactly("event");
    }

    @Test
    void givesBackWhatItHeld() {
        for (int i = 0; i < 100; i++) {
            outgoing.add(message("a", 60_000, false));
            assertThat(topics()).containsExactly("a");
            outgoing.add(message("b", 60_000, false));
            assertThat(outgoing.clear()).isOne();
            outgoing.add(message("c", 60_000, false));
            outgoing.lost(outgoing.poll());
        }
    }

    @Test
    void keepsTheLastOfEachTopicAndNoMoreThanThereIsMemoryFor() {
        for (int i = 0; i < 100; i++) {
            outgoing.keep(message("same", 60_000, true));
        }
        outgoing.keep(message("other", 60_000, true));
        assertThat(outgoing.retained()).extracting(Publication::topic).containsExactly("same");
    }

    @Test
    void remembersToClearUntilTheBrokerHasDoneIt() {
        outgoing.keep(message("state", 1, true));
        Publication cleared = message("state", 0, true);
        outgoing.keep(cleared);
        outgoing.add(cleared);
        outgoing.lost(outgoing.poll());
        assertThat(outgoing.retained()).containsExactly(cleared);
        outgoing.repeat(cleared);
        outgoing.taken(outgoing.poll());
        assertThat(outgoing.retained()).isEmpty();
    }

    @Test
    void doesNotTakeTheLaterStateForTheOneThatWasCleared() {
        Publication cleared = message("state", 0, true);
        outgoing.keep(cleared);
        outgoing.add(cleared);
        Outgoing.Waiting sent = outgoing.poll();
        Publication later = message("state", 1, true);
        outgoing.keep(later);
        outgoing.taken(sent);
        assertThat(outgoing.retained()).containsExactly(later);
    }
}
