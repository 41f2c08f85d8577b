// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.ovosgateway.Inflow;
import org.springframework.stereotype.Component;

/** Commands that arrive while their routes are exchanged: for a moment neither version of a route exists. */
@Component
public final class HeldCommands implements Inflow {

    private static final int MOST = 1_000;

    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int holds;

    /** Runs it now, or when the routes are exchanged. */
    Future<Object> whenReleased(Supplier<Future<Object>> command) {
        synchronized (waiting) {
            if (holds > 0 && waiting.size() < MOST) {
                Promise<Object> result = Promise.promise();
                waiting.add(() -> command.get().onComplete(result));
                return result.future();
            }
        }
        return command.get();
    }

    @Override
    public void hold() {
        synchronized (waiting) {
            holds++;
        }
    }

    @Override
    public void release() {
        List<Runnable> all;
        synchronized (waiting) {
            holds--;
            if (holds > 0) {
                return;
            }
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(Runnable::run);
    }
}
