// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ActionTest {

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "none", " none "})
    void nothing(String text) {
        assertThat(Action.of("single", text).isNone()).isTrue();
    }

    @Test
    void commandWithAndWithoutPayload() {
        assertThat(Action.of("single", "stop")).isEqualTo(new Action("stop", null));
        assertThat(Action.of("single", "stop:")).isEqualTo(new Action("stop", null));
        assertThat(Action.of("single", "utterance: what time is it"))
                .isEqualTo(new Action("utterance", "what time is it"));
        assertThat(Action.of("single", "speak:it is 10:30, R&D (100 %)"))
                .isEqualTo(new Action("speak", "it is 10:30, R&D (100 %)"));
        assertThat(Action.of("single", "{utterance: what time is it}"))
                .isEqualTo(new Action("utterance", "what time is it"));
        assertThat(Action.of("single", "speak: {utterance: Hallo, lang: de-de}"))
                .isEqualTo(new Action("speak", Map.of("utterance", "Hallo", "lang", "de-de")));
        assertThat(Action.of("single", "{volume: 30}")).isEqualTo(new Action("volume", "30"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Stop!", "stop now", "{a: 1, b: 2}", "{", ": x", "{stop now: 1}"})
    void refusesWhatIsNoCommand(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Action.of("single", text))
                .withMessageContaining("on.single");
    }

    @Test
    void tableInALineOrInLines() {
        assertThat(Table.of("others", "shake: stop, 1_single: {utterance: good night}"))
                .isEqualTo(Table.of("others", "shake: stop\n1_single: {utterance: good night}"))
                .containsEntry("SHAKE", "stop");
        assertThat(Table.of("others", "")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Table.of("others", "shake: {"))
                .withMessageContaining("others");
    }
}
