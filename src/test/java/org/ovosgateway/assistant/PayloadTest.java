// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PayloadTest {

    private static final BigDecimal MIN = BigDecimal.ZERO;
    private static final BigDecimal MAX = BigDecimal.TEN;

    private static Object read(Payload kind, Object given) {
        return kind.read(given, "value", MIN, MAX);
    }

    private static void refuses(Payload kind, Object given) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> read(kind, given))
                .satisfies(e -> assertThat(e.problem().type()).isEqualTo("validation"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "PRESS", "press"})
    void takesNothingAndThePressOfAButtonForNothing(String text) {
        assertThat(read(Payload.NONE, text)).isNull();
        assertThat(read(Payload.NONE, Map.of())).isNull();
        assertThat(read(Payload.NONE, null)).isNull();
    }

    @Test
    void refusesAPayloadWhereNoneIsWanted() {
        refuses(Payload.NONE, "now");
        refuses(Payload.NONE, Map.of("value", 1));
    }

    @ParameterizedTest
    @CsvSource({"ON,true", "on,true", "true,true", "1,true", "OFF,false", "false,false", "0,false", "TOGGLE,"})
    void readsASwitch(String text, Boolean value) {
        assertThat(read(Payload.SWITCH, text)).isEqualTo(value);
    }

    @Test
    void readsTheMemberOfAnObjectAsTheBarePayload() {
        assertThat(read(Payload.SWITCH, Map.of("value", true))).isEqualTo(true);
        assertThat(read(Payload.TEXT, Map.of("value", "hello"))).isEqualTo("hello");
        assertThat(read(Payload.NUMBER, Map.of("value", 4.5))).isEqualTo(new BigDecimal("4.5"));
        refuses(Payload.TEXT, Map.of("value", "hello", "more", 1));
        refuses(Payload.TEXT, Map.of("other", "hello"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "maybe", "2", "ONN"})
    void refusesWhatIsNoSwitch(String text) {
        refuses(Payload.SWITCH, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "11", "ten", "", "1e1", "NaN", "0x1", "1,5"})
    void refusesANumberOutOfBounds(String text) {
        refuses(Payload.NUMBER, text);
    }

    @Test
    void refusesATextThatIsBlankOrTooLong() {
        refuses(Payload.TEXT, "  ");
        refuses(Payload.TEXT, "x".repeat(11));
        refuses(Payload.TEXT, Map.of("value", 5));
    }

    @Test
    void takesWholeNumbersAsTemplatesWriteThem() {
        for (Object given : List.of("5.0", " 5 ", "5.00", 5.0, 5, new BigDecimal("5.0"), Map.of("value", 5.0))) {
            assertThat(read(Payload.NUMBER, given)).isEqualTo(new BigDecimal("5"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e1", "NaN", "Infinity", "٣", "+5", "0x5", "5,5", "five", "--5", "5 5"})
    void saysHowANumberIsWritten(String text) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> read(Payload.NUMBER, text))
                .satisfies(e -> assertThat(e.problem().detail())
                        .contains("a number from 0 to 10 in plain digits", "'" + text + "'"));
    }

    @ParameterizedTest
    @CsvSource({"TRUE,true", "True,true", "1.0,true", "0,false", "off ,false"})
    void readsASwitchInAnySpelling(String text, boolean value) {
        assertThat(read(Payload.SWITCH, text)).isEqualTo(value);
    }

    @Test
    void takesAnObjectOrTheBareMember() {
        assertThat(read(Payload.OBJECT, Map.of("a", 1))).isEqualTo(Map.of("a", 1));
        assertThat(read(Payload.OBJECT, "bare")).isEqualTo(Map.of("value", "bare"));
        refuses(Payload.OBJECT, null);
    }
}
