// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Which orders fit which signals, as in Kalliope's {@code OrderAnalyser}. */
class OrderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "normal         | good morning       | Good  Morning             | {}",
                "normal         | good morning       | morning you good old      | {}",
                "normal         | good morning       | morning                   | no",
                "normal         | very very good     | very good                 | no",
                "normal         | very very good     | very good indeed very     | {}",
                "normal         | say {{ what }}     | please say it Again       | {what=it Again}",
                "normal         | say {{what}} to {{ who }} | say hi there to Ada | {what=hi there, who=Ada}",
                "normal         | say {{ a }} {{ b }} | say one two three        | {a=one, b=two three}",
                "normal         | say {{ what }}     | say                       | {}",
                "normal         | add {{ x }} now    | now add one               | {x=one}",
                "strict         | good morning       | morning good              | {}",
                "strict         | good morning       | good morning you          | no",
                "strict         | say {{ what }}     | say it again              | {what=it again}",
                "ordered-strict | good morning       | good morning              | {}",
                "ordered-strict | good morning       | morning good              | no",
                "ordered-strict | say {{ what }} now | say it again now          | {what=it again}",
                "other          | good morning       | so good a morning         | {}"
            })
    void fits(String type, String signal, String order, String captured) {
        SynapsePart part = new SynapsePart("order", Map.of("text", signal, "matching-type", type));

        assertThat(new Order(order).match(part).map(Object::toString).orElse("no"))
                .isEqualTo(captured);
    }

    @Test
    void fitsNotWhereAnExcludedWordIsSaid() {
        SynapsePart part = new SynapsePart(
                "order",
                Map.of("text", "good morning", "matching-type", "not-contain", "excluded-words", List.of("Not")));

        assertThat(new Order("good morning you").match(part)).isPresent();
        assertThat(new Order("not a good morning").match(part)).isEmpty();
    }

    @Test
    void fitsAfterItIsCorrected() {
        SynapsePart part = new SynapsePart(
                "order",
                Map.of("text", "bloc {{ n }}", "stt-correction", List.of(Map.of("input", "Block", "output", "bloc"))));

        assertThat(new Order("block two").match(part)).contains(Map.of("n", "two"));
    }

    @Test
    void isNoLongerThanAnOrderHoweverOftenItIsCorrected() {
        SynapsePart part = new SynapsePart(
                "order",
                Map.of(
                        "text",
                        "{{ all }}",
                        "stt-correction",
                        Collections.nCopies(50, Map.of("input", "a", "output", "a".repeat(100)))));

        assertThat(new Order("a").match(part))
                .hasValueSatisfying(captured -> assertThat(captured.get("all")).hasSize(4_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[ { input: '', output: a } ]",
                "[ { input: a } ]",
                "[ a ]",
                "a",
                "[ { input: a, output: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa } ]"
            })
    void isCorrectedByShortTextsOnly(String corrections) {
        String yaml = "[ { name: good, signals: [ order: { text: x, stt-correction: %s } ], neurons: [ say: hi ] } ]"
                .formatted(corrections);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SynapseReader(true).readFile(yaml))
                .withMessageContaining("correction");
    }

    @Test
    void fitsNoSignalThatIsNoOrder() {
        assertThat(new Order("home").match(new SynapsePart("geolocation", Map.of("text", "home"))))
                .isEmpty();
        assertThat(new Order("anything").match(new SynapsePart("order", " "))).isEmpty();
    }
}
