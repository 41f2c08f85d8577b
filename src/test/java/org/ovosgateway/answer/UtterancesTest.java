// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What may be put on the bus as heard: an empty list is never answered, a bare text is read letter by letter. */
class UtterancesTest {

    private final Utterances utterances = new Utterances();

    @ParameterizedTest
    @ValueSource(strings = {"what time is it", " a ", "line\nbreak\ttab\r\n", "${body}", "日本", "👍"})
    void areTheTextAlone(String text) {
        assertThat(utterances.of(Map.of("utterance", text, "lang", "xx"))).containsExactly(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\r\n", "\u00a0\u3000\u200b\ufeff", "a\u0000", "\u001b[2J", "a\u0085"})
    void areNoTextThatCannotBeHeard(String text) {
        assertThat(refused(Map.of("utterance", text))).startsWith("utterance must ");
    }

    @Test
    void areNothingButAText() {
        for (Object body : Arrays.asList(
                null,
                "stop",
                Map.of(),
                Map.of("utterance", List.of("stop")),
                Map.of("utterance", 1),
                Map.of("utterances", List.of("stop")))) {
            assertThat(refused(body)).isEqualTo("utterance must be a text that is not blank");
        }
    }

    @Test
    void areBounded() {
        assertThat(utterances.of(Map.of("utterance", "a".repeat(4000)))).hasSize(1);
        assertThat(refused(Map.of("utterance", "a".repeat(4001)))).contains("4000");
    }

    private String refused(Object body) {
        var refused = catchThrowableOfType(ProblemException.class, () -> utterances.of(body));
        assertThat(refused.problem().status()).isEqualTo(422);
        return refused.problem().detail();
    }
}
