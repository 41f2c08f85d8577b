// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import io.vertx.core.Context;
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
