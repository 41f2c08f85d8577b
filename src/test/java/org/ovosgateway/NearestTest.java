// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NearestTest {

    private static final List<String> NAMES = List.of("listen", "speak", "stop", "stop_speech");

    @Test
    void findsWhatWasMeant() {
        assertThat(Nearest.hint("speek", NAMES)).isEqualTo("; the nearest is 'speak'");
        assertThat(Nearest.hint("LISTNE", NAMES)).isEqualTo("; the nearest is 'listen'");
        assertThat(Nearest.hint("stop-speech", NAMES)).isEqualTo("; the nearest is 'stop_speech'");
    }

    @Test
    void saysNothingWhereNothingIsNear() {
        assertThat(Nearest.hint("volume", NAMES)).isEmpty();
        assertThat(Nearest.hint("x".repeat(100_000), NAMES)).isEmpty();
        assertThat(Nearest.hint("listen", List.of())).isEmpty();
    }

    @Test
    void countsASwapOnce() {
        assertThat(Nearest.distance("single", "sinlge")).isEqualTo(1);
        assertThat(Nearest.distance("", "ab")).isEqualTo(2);
    }
}
