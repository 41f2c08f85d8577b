// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The list of the core, and what it says to changes. */
class SkillsTest {

    private static final Map<String, Object> LIST = Map.of(
            "on.test", Map.of("active", true, "id", "on.test"),
            "off.test", Map.of("active", false, "id", "off.test"),
            "odd.test", "no object");

    private final Skills skills = new Skills();

    @Test
    void countsActiveAndInactive() {
        assertThat(skills.count(LIST))
                .containsEntry("count", 3)
                .containsEntry("count_active", 1L)
                .containsEntry("count_inactive", 2L)
                .containsEntry("results", LIST)
                .hasSize(4);
    }

    @Test
    void countsNoneWhileTheCoreLoads() {
        assertThat(skills.count(Map.of()))
                .containsEntry("count", 0)
                .containsEntry("count_active", 0L)
                .containsEntry("count_inactive", 0L)
                .containsEntry("results", Map.of());
    }

    @Test
    void tellsWhetherOneIsActive() {
        assertThat(skills.isActive(LIST, "on.test")).isTrue();
        assertThat(skills.isActive(LIST, "off.test")).isFalse();
        assertThat(skills.isActive(LIST, "odd.test")).isFalse();
    }

    @Test
    void refusesOneThatTheCoreDoesNotList() {
        var refused = catchThrowableOfType(ProblemException.class, () -> skills.isActive(LIST, "On.test"));

        assertThat(refused.problem().status()).isEqualTo(404);
        assertThat(refused.problem().type()).isEqualTo("unknown-skill");
        assertThat(refused.problem().detail()).contains("'On.test'").contains("/v1/skills");
    }

    @Test
    void takesAnAnswerWithAnErrorForAFailureAndDoesNotRepeatIt() {
        assertThatCode(() -> skills.confirm(Map.of())).doesNotThrowAnyException();

        var failed = catchThrowableOfType(
                ProblemException.class, () -> skills.confirm(Map.of("error", "KeyError('password hush')")));
        assertThat(failed.problem().status()).isEqualTo(502);
        assertThat(failed.problem().detail()).doesNotContain("hush");
    }
}
