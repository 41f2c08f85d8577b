// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

class TopicsTest {

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, ab, false",
        "ab, a, false",
        "a/b, a/b, true",
        "a/b, a, false",
        "a, a/b, false",
        "#, a, true",
        "#, a/b/c, true",
        "#, /, true",
        "a/#, a, true",
        "a/#, a/, true",
        "a/#, a/b/c, true",
        "a/#, ab, false",
        "+, a, true",
        "+, a/b, false",
        "+, /a, false",
        "/+, /a, true",
        "+/+, /a, true",
        "+/+, a/, true",
        "a/+, a, false",
        "a/+, a/, true",
        "a/+/c, a/b/c, true",
        "a/+/c, a//c, true",
        "a/+/c, a/b/d, false",
        "a/+/c, a/b/c/d, false",
        "+/b/#, a/b, true",
        "+/#, a, true",
        "#, $SYS/a, false",
        "+/a, $SYS/a, false",
        "$SYS/#, $SYS/a, true",
        "a/$b, a/$b, true"
    })
    void knowsWhatAFilterFits(String filter, String topic, boolean fits) {
        assertThat(Topics.fits(filter, topic)).isEqualTo(fits);
        assertThat(!fits || topic.startsWith(Topics.prefix(filter))).isTrue();
    }

    @Test
    void takesNoLongerForManyWildcards() {
        String filter = "+/".repeat(500) + "x";
        String topic = "a/".repeat(500) + "b";
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            for (int i = 0; i < 10_000; i++) {
                assertThat(Topics.fits(filter, topic)).isFalse();
            }
        });
    }
}
