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

    @Test
    void goesOnAfterAnError() throws Exception {
        CountDownLatch all = new CountDownLatch(3);
        InTurn<Integer> turn = new InTurn<>(vertx, 10, (number, done) -> {
            handled.add(number);
            all.countDown();
            if (number == 1) {
                throw new NoClassDefFoundError("lost");
            }
            if (number == 2) {
                vertx.runOnContext(late -> done.run());
                throw new StackOverflowError();
            }
            done.run();
        });

        turn.add(1);
        turn.add(2);
        turn.add(3);

        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(handled).containsExactly(1, 2, 3);
    }

    @Test
    void losesTheOldestWhenTooManyBytesWait() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(3);
        InTurn<Integer> turn = new InTurn<>(vertx, 10, 100, number -> number, (number, done) -> {
            begun.countDown();
            awaitQuietly(goOn);
            handled.add(number);
            all.countDown();
            done.run();
        });
        turn.add(90);
        begun.await();

        assertThat(turn.add(60)).isTrue();
        assertThat(turn.add(30)).isTrue();
        assertThat(turn.add(500)).as("even one that is larger than all may be").isFalse();
        assertThat(turn.add(7)).isFalse();
        assertThat(turn.add(8)).isTrue();
        goOn.countDown();

        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(handled).containsExactly(90, 7, 8);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
