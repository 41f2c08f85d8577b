// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DecodersTest {

    @ParameterizedTest
    @MethodSource("org.ovosgateway.button.Fixture#all")
    void readsWhatTheFactSheetSays(Fixture fixture) {
        if (fixture.unreadable() != null) {
            assertThatThrownBy(() -> fixture.decoder().presses(fixture.message()))
                    .isInstanceOfSatisfying(ProblemException.class, e -> {
                        assertThat(e.problem().type()).isEqualTo("unreadable");
                        assertThat(e.problem().detail())
                                .contains(fixture.unreadable())
                                .hasSizeLessThan(400);
                    });
            return;
        }
        List<Map<String, Object>> presses = fixture.decoder().presses(fixture.message()).stream()
                .map(Press::toMap)
                .toList();
        if (!fixture.tellsTime()) {
            presses.forEach(press -> press.put("at", Fixture.NOW.toString()));
        }
        assertThat(presses).isEqualTo(fixture.presses());
    }

    @Test
    void everySampleIsInAFixtureOfItsFamilyAndIsOnePress() {
        Set<String> used = Fixture.all()
                .filter(fixture -> fixture.sample() != null)
                .peek(fixture -> {
                    assertThat(Samples.get(fixture.sample()).orElseThrow().family())
                            .isEqualTo(fixture.family().toString());
                    assertThat(fixture.presses()).hasSize(1);
                })
                .map(Fixture::sample)
                .collect(Collectors.toCollection(LinkedHashSet::new));

        assertThat(Samples.names()).isEqualTo(used).allMatch(name -> name.matches("[a-z0-9-]+"));
        assertThat(Samples.names().stream()
                        .map(name -> Samples.get(name).orElseThrow().family())
                        .distinct())
                .containsExactlyInAnyOrder(
                        Arrays.stream(Family.values()).map(Family::toString).toArray(String[]::new));
        assertThat(Samples.get("nobody")).isEmpty();
    }

    @Test
    void textThatIsNotUtf8IsUnreadable() {
        var message = new Received("a/action", new byte[] {(byte) 0xC3, 0x28}, Fixture.NOW);

        assertThatThrownBy(() -> Zigbee2Mqtt.presses(message))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void whatIsTooLargeForAButtonIsUnreadable() {
        var message = new Received("a", "{".repeat(70_000).getBytes(StandardCharsets.US_ASCII), Fixture.NOW);

        assertThatThrownBy(() -> Zigbee2Mqtt.presses(message))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("64 KB");
    }
}
