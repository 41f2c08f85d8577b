// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.health;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class WorkerPulseTest {

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setWorkerPoolSize(1).setEventLoopPoolSize(1));
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void stop() {
        released.countDown();
        vertx.close();
    }

    @Test
    void isDownWhileAllWorkersAreStuckAndUpAgainAfterIt() {
        WorkerPulse pulse = new WorkerPulse(vertx, Duration.ofMillis(50));
        assertThat(pulse.isAlive()).isTrue();
        vertx.executeBlocking(() -> {
            released.await();
            return null;
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> !pulse.isAlive());
        released.countDown();
        await().atMost(Duration.ofSeconds(30)).until(pulse::isAlive);
    }

    @Test
    void staysUpWhileWorkersAreBusyForAShortTime() {
        WorkerPulse pulse = new WorkerPulse(vertx, Duration.ofMinutes(10));
        vertx.executeBlocking(() -> {
            released.await();
            return null;
        });
        assertThat(pulse.isAlive()).isTrue();
        assertThat(pulse.isAlive()).isTrue();
    }
}
