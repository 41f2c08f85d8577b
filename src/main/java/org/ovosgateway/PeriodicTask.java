// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that a scheduler repeats, for which one failure is not the last run.
 *
 * <p>An executor ends a periodic task at its first exception, without a word. This one logs it, and runs again when it is due.
 * Out of memory is not caught: with {@code -XX:+ExitOnOutOfMemoryError}, which the launcher sets, it ends the process.
 *
 * @param name of the task, which begins the line in the log
 */
public record PeriodicTask(String name, Runnable task) implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.error("{} failed, and is tried again", name, e);
        }
    }
}
