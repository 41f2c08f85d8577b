// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.concurrent.CompletionStage;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * Where the rest of a route runs after a step that waits: on the event loop of the caller, if the route was called on one,
 * since then no later step blocks; else on a worker. Made on the thread of the caller.
 */
public final class RouteThread {

    private final Vertx vertx;
    private final Context loop = Context.isOnEventLoopThread() ? Vertx.currentContext() : null;

    public RouteThread(Vertx vertx) {
        this.vertx = vertx;
    }

    /** A stage for a bean of a route, which completes there as the future does. Never blocks. */
    public static <T> CompletionStage<T> stage(Vertx vertx, Future<T> future) {
        RouteThread thread = new RouteThread(vertx);
        Promise<T> rest = Promise.promise();
        future.onComplete(result -> thread.run(false, () -> rest.handle(result)));
        return rest.future().toCompletionStage();
    }

    /** @param blocks whether it takes a worker wherever the route was called */
    public void run(boolean blocks, Runnable rest) {
        if (loop != null && !blocks) {
            loop.runOnContext(nothing -> rest.run());
            return;
        }
        vertx.executeBlocking(
                () -> {
                    rest.run();
                    return null;
                },
                false);
    }
}
