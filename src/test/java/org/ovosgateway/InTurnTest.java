// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class InTurnTest {

    private final Vertx vertx = Vertx.vertx();
    private final List<Integer> handled = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        vertx.close();
    }

    @Test
    void handlesOneAfterTheOtherWhetherTheyEndAtOnceOrLater() throws Exception {
        CountDownLatch all = new CountDownLatch(10_000);
        InTurn<Integer> turn = new InTurn<>(vertx, 10_000, (number, done) -> {
            handled.add(number);
            all.countDown();
            if (number % 3 == 0) {
                vertx.runOnContext(later -> done.run());
            } else {
                done.run();
            }
        });

        IntStream.range(0, 10_000).forEach(turn::add);

        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(handled)
                .containsExactlyElementsOf(IntStream.range(0, 10_000).boxed().toList());
    }

    @Test
    void losesTheOldestWhenTooManyWait() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(4);
        InTurn<Integer> turn = new InTurn<>(vertx, 3, (number, done) -> {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            handled.add(number);
            last.countDown();
            done.run();
        });
        turn.add(0);
        begun.await();

        assertThat(IntStream.range(1, 6).mapToObj(turn::add)).containsExactly(true, true, true, false, false);
        goOn.countDown();

        assertThat(last.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(handled).containsExactly(0, 3, 4, 5);
    }
}
