// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.ovosgateway.answer.Masks.MaskProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** The shapes that routes give to answers. */
class AnswersTest {

    private final Answers answers = new Answers(new Masks(
            new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("ovos.mask", MaskProperties.class)));

    @Test
    void takesWhatIsNoBooleanForFalse() {
        assertThat(answers.flag("muted", true)).isEqualTo(Map.of("muted", true));
        assertThat(answers.flag("muted", false)).isEqualTo(Map.of("muted", false));
        assertThat(answers.flag("muted", null)).isEqualTo(Map.of("muted", false));
    }

    @Test
    void putsTheBodyUnderAName() {
        assertThat(answers.under(Map.of("a", 1), "results")).isEqualTo(Map.of("results", Map.of("a", 1)));
        assertThat(answers.under(Map.of(), "results")).isEqualTo(Map.of("results", Map.of()));
    }

    @Test
    void addsAMemberThatIsMissingAndLeavesOneThatIsThere() {
        Map<String, Object> without = new HashMap<>();
        without.put("utterance", "hello");
        without.put("lang", null);

        assertThat(answers.withNull(Map.of("utterance", "hello"), "lang")).isEqualTo(without);
        assertThat(answers.withNull(Map.of("utterance", "hello", "lang", "de"), "lang"))
                .isEqualTo(Map.of("utterance", "hello", "lang", "de"));
    }

    @Test
    void sortsTheKeysOfAllObjectsWhenWanted() throws Exception {
        String json = "{\"b\":[{\"z\":1,\"a\":2},3],\"B\":1,\"a\":{\"y\":null,\"x\":[2,1]}}";
        ObjectMapper mapper = new ObjectMapper();
        Map<?, ?> body = mapper.readValue(json, Map.class);

        assertThat(mapper.writeValueAsString(answers.sort(body, true)))
                .isEqualTo("{\"B\":1,\"a\":{\"x\":[2,1],\"y\":null},\"b\":[{\"a\":2,\"z\":1},3]}");
        assertThat(mapper.writeValueAsString(answers.sort(body, false))).isEqualTo(json);
        assertThat(answers.sort(body, null)).isSameAs(body);
    }

    @Test
    void masksSecrets() {
        assertThat(answers.mask(Map.of("list", List.of(Map.of("token", "hush")))))
                .isEqualTo(Map.of("list", List.of(Map.of("token", "********"))));
    }
}
