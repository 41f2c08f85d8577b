// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import org.springframework.stereotype.Component;

/**
 * The threads that read what answers are made of.
 *
 * <p>Not those of routes: a disk that is slow, or a stream that waits for another machine, keeps no route from running. And
 * not one pool for both, because streams may all wait while a file is there.
 */
@Component
class ContentPools {

    private static final int FILES = 4;
    private static final int STREAMS = 16;

    private final WorkerExecutor files;
    private final WorkerExecutor streams;

    ContentPools(Vertx vertx) {
        files = vertx.createSharedWorkerExecutor("content-files", FILES, 10, TimeUnit.MINUTES);
        streams = vertx.createSharedWorkerExecutor("content-streams", STREAMS, 1, TimeUnit.DAYS);
    }

    /** Reads from the disk. */
    <T> Future<T> readFile(Callable<T> work) {
        return files.executeBlocking(work, false);
    }

    /** Reads what may wait for long. */
    <T> Future<T> read(Callable<T> work) {
        return streams.executeBlocking(work, false);
    }

    /** Frees what may block: a thread that waits in it ends, so it must not stand behind it. */
    void free(Runnable work) {
        files.executeBlocking(
                () -> {
                    work.run();
                    return null;
                },
                false);
    }
}
