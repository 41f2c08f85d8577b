// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The threads on which passwords are hashed, for the routes: {@code threads: executorService: hashing}. */
@Configuration(proxyBeanMethods = false)
class HashingPool {

    private static final String RETRY_AFTER_SECONDS = "5";

    @Bean(destroyMethod = "shutdown", defaultCandidate = false)
    ExecutorService hashing(AuthProperties properties) {
        var settings = properties.hashing();
        int threads = settings.threadsOrDefault();
        var number = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(settings.queue()),
                task -> {
                    var thread = new Thread(task, "hashing-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> {
                    throw busy();
                });
        // Camel's threads EIP would run what a ThreadPoolExecutor rejects on the caller's thread (4.17)
        return Executors.unconfigurableExecutorService(pool);
    }

    static ProblemException busy() {
        return new ProblemException(
                new Problem("busy", "The gateway is busy", 503, "Too many logins wait for their turn. Try again soon.")
                        .header("Retry-After", RETRY_AFTER_SECONDS));
    }
}
