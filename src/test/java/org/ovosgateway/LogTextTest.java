// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class LogTextTest {

    @ParameterizedTest
    @CsvSource({
        "'\u001B', \\x1b",
        "\u007F, \\x7f",
        "\u0085, \\x85",
        "\u009B, \\x9b",
        "\u2028, \\u2028",
        "\u2029, \\u2029",
        "\u202E, \\u202e",
        "\u2066, \\u2066",
        "\u200F, \\u200f",
        "\uFEFF, \\ufeff",
        "\\, \\x5c"
    })
    void escapesWhatIsNotPrinted(String sent, String logged) {
        assertThat(LogText.of("a" + sent + "b")).isEqualTo("a" + logged + "b");
        assertThat(LogText.field(new StringBuilder(), "a" + sent + "b")).hasToString("a" + logged + "b");
    }

    @Test
    void keepsSpacesInASentenceOnly() {
        assertThat(LogText.of("a b")).isEqualTo("a b");
        assertThat(LogText.field(new StringBuilder(), "a b")).hasToString("a\\x20b");
    }

    @Test
    void escapesLineBreaksAndCutsWhatIsLong() {
        assertThat(LogText.of("a\r\nb")).isEqualTo("a\\x0d\\x0ab");
        assertThat(LogText.of("x".repeat(1000))).hasSizeLessThan(600).endsWith("...");
        assertThat(LogText.of(null)).isEqualTo("-");
    }
}
