// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Failures as the lines of OVOS tell them; each is told once. */
class UnderstandingTest {

    private static final String UNKNOWN = "ovos-skill-fallback-unknown.openvoiceos";

    private final Understanding understanding = new Understanding();
    private final List<Object> failed = new ArrayList<>();

    private UnderstandingTest heard(String type, Map<String, Object> data) {
        Map<String, Object> failure = understanding.failed("default", type, Map.of("skill_id", UNKNOWN), data);
        if (failure != null) {
            failed.add(failure.get("text"));
        }
        return this;
    }

    private UnderstandingTest hears(String text) {
        return heard("recognizer_loop:utterance", Map.of("utterances", List.of(text)));
    }

    private UnderstandingTest asksTheFallback(String text) {
        return heard("ovos.skills.fallback." + UNKNOWN + ".request", Map.of("utterances", List.of(text)));
    }

    private UnderstandingTest answers(boolean result) {
        return heard("ovos.skills.fallback." + UNKNOWN + ".response", Map.of("result", result));
    }

    private UnderstandingTest apologises() {
        return heard("speak", Map.of("utterance", "Sorry", "meta", Map.of("dialog", "unknown", "skill", UNKNOWN)));
    }

    private UnderstandingTest isHandled() {
        return heard("ovos.utterance.handled", Map.of());
    }

    @Test
    void todaysLineApologisesAndCallsItAFailure() {
        hears("foo").asksTheFallback("foo").apologises().answers(false).isHandled();

        assertThat(failed).containsExactly("foo");
    }

    @Test
    void theStableLineApologisesAndCallsItASuccess() {
        hears("foo").asksTheFallback("foo").apologises().answers(true).isHandled();

        assertThat(failed).containsExactly("foo");
    }

    @Test
    void withoutFallbackNobodyWantsIt() {
        hears("foo").heard("complete_intent_failure", Map.of()).isHandled();
        hears("bar")
                .heard("complete_intent_failure", Map.of("utterances", List.of("bar")))
                .isHandled();

        assertThat(failed).containsExactly("foo", "bar");
    }

    @Test
    void anApologyThatEndsInAFailureIsOne() {
        hears("foo")
                .asksTheFallback("foo")
                .apologises()
                .answers(false)
                .heard("complete_intent_failure", Map.of())
                .isHandled();

        assertThat(failed).containsExactly("foo");
    }

    @Test
    void aFallbackThatFailedWithoutApologyIsTheEndOfIt() {
        hears("foo").asksTheFallback("foo").answers(false).isHandled();

        assertThat(failed).containsExactly("foo");
    }

    @Test
    void anotherFallbackMayUnderstand() {
        hears("foo")
                .asksTheFallback("foo")
                .answers(false)
                .asksTheFallback("foo")
                .answers(true)
                .isHandled();

        assertThat(failed).isEmpty();
    }

    @Test
    void whatIsUnderstoodDoesNotFail() {
        hears("hello").heard("speak", Map.of("utterance", "Hello human")).isHandled();

        assertThat(failed).isEmpty();
    }

    @Test
    void ofTwoUtterancesTheOneThatTheFallbackGotHasFailed() {
        hears("foo")
                .hears("hello")
                .asksTheFallback("foo")
                .apologises()
                .answers(false)
                .isHandled();
        hears("bar").asksTheFallback("bar").apologises().answers(false).isHandled();

        assertThat(failed).containsExactly("foo", "bar");
    }
}
