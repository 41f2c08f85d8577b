// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RouteThreadTest {

    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() throws Exception {
        VERTX.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void goesOnOnAWorkerWhereTheRouteWasNotCalledOnAnEventLoop() throws Exception {
        Promise<String> answer = Promise.promise();
        CompletionStage<Boolean> onLoop =
                RouteThread.stage(VERTX, answer.future()).thenApply(text -> Context.isOnEventLoopThread());

        VERTX.getOrCreateContext().runOnContext(nothing -> answer.complete("hello"));

        assertThat(result(onLoop)).isFalse();
    }

    @Test
    void goesOnOnTheEventLoopOnWhichTheRouteWasCalled() throws Exception {
        Context loop = VERTX.getOrCreateContext();
        Promise<String> answer = Promise.promise();
        CompletableFuture<Context> after = new CompletableFuture<>();
        loop.runOnContext(nothing -> {
            RouteThread.stage(VERTX, answer.future()).thenAccept(text -> after.complete(Vertx.currentContext()));
            new Thread(() -> answer.complete("hello")).start();
        });

        assertThat(result(after)).isSameAs(loop);
    }

    private static <T> T result(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
