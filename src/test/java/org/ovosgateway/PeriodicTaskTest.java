// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class PeriodicTaskTest {

    static Stream<Throwable> failures() {
        return Stream.of(new IllegalStateException(), new NoClassDefFoundError(), new StackOverflowError());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void runsAgainAfterAFailure(Throwable failure) {
        AtomicInteger runs = new AtomicInteger();
        var executor = Executors.newSingleThreadScheduledExecutor();
        try {
            Runnable failing = () -> {
                runs.incrementAndGet();
                throwIt(failure);
            };
            executor.scheduleWithFixedDelay(new PeriodicTask("The test", failing), 1, 1, TimeUnit.MILLISECONDS);

            await().until(() -> runs.get() > 2);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void letsOutOfMemoryThrough() {
        assertThatThrownBy(new PeriodicTask("The test", () -> throwIt(new OutOfMemoryError()))::run)
                .isInstanceOf(OutOfMemoryError.class);
    }

    private static void throwIt(Throwable failure) {
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        throw (Error) failure;
    }
}
