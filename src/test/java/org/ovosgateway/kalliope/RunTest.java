// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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
