// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;

/** What the gateway takes for granted of the packages of the new line. */
@Tag("every-assistant")
class NewLineIT {

    private static final String NAMES = "import json; from ovos_spec_tools.messages import MIGRATION_MAP; "
            + "print(json.dumps({old: now.value for old, now in MIGRATION_MAP.items()}))";
    private static final String CHANGED =
            "import json; from ovos_spec_tools.messages import MIGRATION_PAYLOAD_TRANSFORMS as T; "
                    + "print(json.dumps({old: back({'skill_id': 's', 'intent_name': 'i', 'lang': 'l'}) for old, (_, back) in T.items()}))";

    @Test
    void renamesWhatTheVocabularyHas(TestInfo test) throws IOException {
        Map<?, ?> file;
        try (InputStream in = NewLineIT.class.getResourceAsStream("/bus/vocabulary.yaml")) {
            file = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
        }
        Map<?, ?> names = ((Map<?, ?>) file.get("names"))
                .entrySet().stream()
                        .filter(name -> !name.getKey().toString().startsWith("*"))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

        assertThat(python(NAMES, test)).isEqualTo(names);
        assertThat(python(CHANGED, test))
                .isEqualTo(Map.of(
                        "detach_intent", Map.of("intent_name", "s:i"),
                        "mycroft.skill.enable_intent", Map.of("intent_name", "i"),
                        "mycroft.skill.disable_intent", Map.of("intent_name", "i")));
        assertThat(((Map<?, ?>) file.get("data")).keySet())
                .isEqualTo(python(CHANGED, test).keySet());
    }

    private static Map<?, ?> python(String program, TestInfo test) throws IOException {
        Path programs;
        try {
            programs = RealAssistant.install(Line.ALPHA);
        } catch (IOException e) {
            OutsideProgram.skip(
                    test.getDisplayName(),
                    "the packages of the new line",
                    String.valueOf(e.getMessage()),
                    "OVOS_REQUIRE_REAL_ASSISTANTS");
            throw e;
        }
        String printed = OutsideProgram.run(
                List.of(programs.resolve("python").toString(), "-c", program), Duration.ofMinutes(1));
        return new ObjectMapper().readValue(printed, Map.class);
    }
}
