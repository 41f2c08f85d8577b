// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a pattern of types fits. */
class TypePatternTest {

    @ParameterizedTest
    @CsvSource({
        "intent, intent, true",
        "intent, intent_failed, false",
        "intent*, intent_failed, true",
        "*, anything, true",
        "property.*, property.volume, true",
        "property.*, property, false",
        "*.volume, property.volume, true",
        "p*y.*e, property.volume, true",
        "a*b, aXbXc, false",
        "a*b, aXbXb, true",
        "**, x, true",
    })
    void fits(String pattern, String type, boolean expected) {
        assertThat(new TypePattern(pattern).test(type)).isEqualTo(expected);
    }

    @Test
    void fitsAllWhereThereIsNone() {
        assertThat(TypePattern.anyOf(List.of()).test("x")).isTrue();
        assertThat(TypePattern.anyOf(List.of("a", "b*")).test("bc")).isTrue();
        assertThat(TypePattern.anyOf(List.of("a", "b*")).test("c")).isFalse();
    }

    @Test
    void takesNoLongTimeHoweverManyStarsItHas() {
        // with one alternative for each star this would not end
        assertThat(new TypePattern("*a".repeat(50) + "b").test("a".repeat(10_000)))
                .isFalse();
    }
}
