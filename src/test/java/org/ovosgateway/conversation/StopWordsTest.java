// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

class StopWordsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"stop", "Stop!", " STOP IT ", "never mind...", "Schluß!!", "stop doing that.", "tais toi!.!"})
    void areKnownHoweverTheyAreWritten(String text) {
        assertThat(StopWords.isStop(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "...", "stop the music", "stop?", "don't stop", "! stop"})
    void areNotOtherWords(String text) {
        assertThat(StopWords.isStop(text)).isFalse();
    }

    /** A pattern took most of a second for each of these, and the event loop waited. */
    @Test
    void areLookedForInATimeThatGrowsWithTheTextAlone() {
        String text = "!".repeat(3_998) + "xx";

        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 20_000; i++) {
                assertThat(StopWords.isStop(text)).isFalse();
            }
        });
    }
}
