// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What a run keeps, and where it goes on. */
class RunTest {

    private static final int MOST_CHARACTERS = 70_000;

    private static Run started(SynapsePart... neurons) {
        Run run = new Run(null, false);
        run.start(new Synapse("name", true, List.of(), List.of(neurons)), null, Map.of());
        return run;
    }

    @Test
    void saysNoMoreThanMayBeKept() {
        SynapsePart[] neurons = new SynapsePart[50];
        Arrays.fill(neurons, new SynapsePart("say", "words"));
        Run run = started(neurons);
        while (run.isUnfinished()) {
            run.next();
            run.ran("a".repeat(4_000));
        }

        assertThat(run.shown().toString()).hasSizeBetween(60_000, MOST_CHARACTERS);
    }

    @Test
    void fillsATextToNoMoreThanATextMayHave() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("a", "b".repeat(3_000));
        values.put("none", null);
        assertThat(Template.fill("{{ a }}{{ none }}{{ a }}{{ a }}", values)).hasSize(4_000);
    }

    @Test
    void keepsNoMoreNeuronsThanItRuns() {
        Run run = new Run(null, false);
        Synapse synapse =
                new Synapse("name", true, List.of(), Collections.nCopies(50, new SynapsePart("say", "words")));
        for (int i = 0; i < 100; i++) {
            run.startFirst(synapse, null, Map.of());
        }
        int ran = 0;
        while (run.isUnfinished()) {
            run.next();
            ran++;
        }
        assertThat(ran).isEqualTo(100);
        assertThat(run.isEndless()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 70})
    void fillsPayloadsAndDataOfAllItsNeuronsToABoundInSum(int neurons) {
        Map<String, Object> parameters =
                Map.of("payload", Map.of("a", Collections.nCopies(neurons == 1 ? 70 : 1, "{{ a }}")));
        Run run = new Run(null, false);
        run.start(
                new Synapse(
                        "name", true, List.of(), Collections.nCopies(neurons, new SynapsePart("command", parameters))),
                null,
                Map.of("a", "b".repeat(4_000)));

        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> {
                    while (run.isUnfinished()) {
                        run.next();
                        run.getPayload();
                    }
                })
                .withMessageContaining("262144");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // a value that would end its text
                "| {\"name\": \"{{ v }}\"} | a\", \"admin\": true, \"x\": \" | {\"name\": \"a\\\", \\\"admin\\\": true, \\\"x\\\": \\\"\"}",
                "| {\"name\": \"\\\"{{ v }}\"} | a\" | {\"name\": \"\\\"a\\\"\"}",
                "| {\"level\": {{ v }}} | 10 | {\"level\": 10}",
                "| {\"level\": {{ v }}} | 1, \"admin\": true | {\"level\": \"1, \\\"admin\\\": true\"}",
                "| [ {{ v }} ] | 1, 2 | [ \"1, 2\" ]",
                "application/vnd.a+json | {{ v }} | {} | \"{}\"",
                "application/x-www-form-urlencoded | a={{ v }}&b=1 | x&admin=é | a=x%26admin%3D%C3%A9&b=1",
                "text/plain | {\"{{ v }}\"} | \" | {\"\"\"}",
                "| say {{ v }} | \"it\" | say \"it\""
            })
    void sendsValuesAsValues(String type, String data, String value, String sent) {
        Run run = new Run(null, false);
        SynapsePart uri = new SynapsePart(
                "uri", Map.of("data", data, "headers", type == null ? Map.of() : Map.of("content-type", type)));
        run.start(new Synapse("name", true, List.of(), List.of(uri)), null, Map.of("v", value));
        run.next();

        assertThat(run.body()).isEqualTo(sent);
    }

    @Test
    void goesOnOffTheEventLoopAfterAUrl() throws Exception {
        Vertx vertx = Vertx.vertx();
        KalliopeUri uri = new KalliopeUri(vertx);
        try {
            Run run = started(new SynapsePart("uri", Map.of("url", "http://127.0.0.1:1/")));
            run.next();
            String thread = uri.call(run)
                    .handle((said, failure) -> Thread.currentThread().getName())
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(thread).contains("worker");
        } finally {
            uri.destroy();
            vertx.close();
        }
    }
}
