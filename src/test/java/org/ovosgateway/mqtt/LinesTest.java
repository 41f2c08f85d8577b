// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.vertx.core.Vertx;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.ovosgateway.Budget;

import static org.assertj.core.api.Assertions.assertThat;

class LinesTest {

    private static final Vertx VERTX = Vertx.vertx();

    private final List<String> handled = Collections.synchronizedList(new ArrayList<>());
    private final List<Runnable> open = new CopyOnWriteArrayList<>();
    private final Budget budget = new Budget(10_000);

    @AfterAll
    static void close() {
        VERTX.close();
    }

    private static Publication message(String topic, String payload) {
        return new Publication(topic, payload, false);
    }

    @Test
    void aTopicKeepsItsOrderAndNoLineIsLeft() {
        Lines lines = new Lines(VERTX, 1_000, new Budget(10_000_000), (message, done) -> {
            handled.add(message.topic() + " " + message.text());
            VERTX.runOnContext(nothing -> done.run());
        });
        for (int i = 0; i < 500; i++) {
            assertThat(lines.add(message("a", "" + i))).isTrue();
            assertThat(lines.add(message("b" + i, ""))).isTrue();
        }

        Awaitility.await().until(() -> handled.size() == 1_000 && lines.count() == 0);
        List<String> ofA =
                handled.stream().filter(each -> each.startsWith("a ")).toList();
        for (int i = 0; i < 500; i++) {
            assertThat(ofA.get(i)).isEqualTo("a " + i);
        }
    }

    @Test
    void whatFindsNoRoomIsRefusedAndTheOthersStay() {
        Lines lines = new Lines(VERTX, 2, budget, (message, done) -> {
            handled.add(message.text());
            open.add(done);
        });
        assertThat(lines.add(message("a", "1"))).isTrue();
        assertThat(lines.add(message("a", "2"))).isTrue();
        assertThat(lines.add(message("a", "3"))).isTrue();
        assertThat(lines.add(message("a", "4"))).isFalse();
        for (int i = 1; i <= 3; i++) {
            int next = i;
            Awaitility.await().until(() -> open.size() == next);
            open.get(i - 1).run();
        }

        assertThat(handled).containsExactly("1", "2", "3");
        assertThat(budget.held()).isZero();
    }

    @Test
    void theBytesOfAllLinesAreBounded() {
        Lines lines = new Lines(VERTX, 100, budget, (message, done) -> {});
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += lines.add(message("t" + i, "x".repeat(1_000))) ? 1 : 0;
        }

        assertThat(taken).isBetween(5, 9);
        assertThat(budget.held()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void aHandlerThatThrowsHoldsNobody() {
        Lines lines = new Lines(VERTX, 100, budget, (message, done) -> {
            handled.add(message.text());
            if (message.text().equals("1")) {
                throw new LinkageError("provoked");
            }
            done.run();
        });
        lines.add(message("a", "1"));
        lines.add(message("a", "2"));

        Awaitility.await().until(() -> handled.size() == 2 && lines.count() == 0);
        assertThat(budget.held()).isZero();
    }
}
