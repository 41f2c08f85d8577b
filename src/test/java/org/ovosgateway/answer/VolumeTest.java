// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The volume as the bus has it and as callers have it. */
class VolumeTest {

    private final Volume volume = new Volume();

    @ParameterizedTest
    @CsvSource({"0, 0", "0.005, 1", "0.29, 29", "0.555, 56", "1, 100", "1.2, 100", "-0.1, 0", "0.3333333333, 33"})
    void isRoundedToAPercentage(double heard, int percent) {
        assertThat(volume.percent(heard)).isEqualTo(percent);
        assertThat(volume.percent(Map.of("percent", heard))).isEqualTo(percent);
    }

    @Test
    void whatIsReadBackIsNearlyWhatWasSetOrMuted() {
        assertThat(volume.nearly(Map.of("volume", 29))).isEqualTo("0.19..0.39|0..0");
        assertThat(volume.nearly(95.0)).isEqualTo("0.85..1.0|0..0");
        assertThat(volume.nearly(0)).isEqualTo("0.0..0.1|0..0");
    }

    @Test
    void isUnknownWhereTheBusTellsNoNumber() {
        for (Object heard : Arrays.asList(
                null, "0.5", true, List.of(0.5), Map.of(), Map.of("percent", "0.5"), Map.of("volume", 0.5))) {
            assertThat(volume.percent(heard)).isNull();
        }
        assertThat(volume.state(Map.of())).containsEntry("volume", null).containsEntry("muted", null);
    }

    @Test
    void keepsEachPercentageForWhoeverCutsOrRounds() {
        for (int percent = 0; percent <= 100; percent++) {
            double fraction = volume.fraction(percent);

            assertThat(fraction).isBetween(0.0, 1.0);
            assertThat((int) (fraction * 100)).isEqualTo(percent);
            assertThat(volume.percent(fraction)).isEqualTo(percent);
        }
    }

    @Test
    void isTakenAsANumberOrAsAMemberOfAnObject() {
        assertThat(volume.fraction(25)).isEqualTo(0.25);
        assertThat(volume.fraction(new BigDecimal("33.5"))).isEqualTo(0.335);
        assertThat(volume.fraction(Map.of("volume", 25))).isEqualTo(0.25);
    }

    @Test
    void isRefusedBeyondItsLimitsAndWhereItIsNoNumber() {
        for (Object wanted : Arrays.asList(
                null, -1, 100.1, Double.NaN, Double.POSITIVE_INFINITY, "25", Map.of(), Map.of("volume", "25"))) {
            var refused = catchThrowableOfType(ProblemException.class, () -> volume.fraction(wanted));

            assertThat(refused.problem().status()).isEqualTo(422);
            assertThat(refused.problem().detail()).isEqualTo("volume must be a number from 0 to 100.");
        }
    }

    @Test
    void isToldWithWhetherItIsMuted() {
        assertThat(volume.state(Map.of("percent", 0.4, "muted", true))).isEqualTo(Map.of("volume", 40, "muted", true));
        // older plugins do not tell the latter
        assertThat(volume.state(Map.of("percent", 0.4)))
                .containsEntry("volume", 40)
                .containsEntry("muted", null);
        assertThat(volume.state(Collections.singletonMap("muted", "yes"))).containsEntry("muted", null);
    }

    @Test
    void isWrittenIntoARouteAsThis() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.getRegistry().bind("volume", volume);
            camel.start();
            Exchange exchange = new DefaultExchange(camel);

            exchange.getMessage().setBody(Map.of("percent", 0.4));
            assertThat(simple(exchange, "${bean:volume?method=percent(${body})}"))
                    .isEqualTo(40);
            exchange.getMessage().setBody(new BigDecimal(40));
            assertThat(simple(exchange, "${bean:volume?method=fraction(${body})}"))
                    .isEqualTo(0.4);
        }
    }

    private static Object simple(Exchange exchange, String expression) {
        return exchange.getContext()
                .resolveLanguage("simple")
                .createExpression(expression)
                .evaluate(exchange, Object.class);
    }
}
