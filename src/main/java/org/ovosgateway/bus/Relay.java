// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Set;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/** Sends a message of a caller, in a form that every part of OVOS can read. */
public final class Relay {

    private final Device device;

    public Relay(Device device) {
        this.device = device;
    }

    /** The names of a type on the bus: the old one and the new one. */
    public static Set<String> namesOf(String type) {
        Name name = Vocabulary.of(type);
        return name.isRenamed() ? Set.of(name.old(), name.current()) : Set.of(name.old());
    }

    /** @return completed when the bus has relayed it; fails with {@link BusUnavailableException} */
    public Future<Void> send(String type, ObjectNode data) {
        return device.tellAside(type, data).mapEmpty();
    }

    /**
     * Sends a message, and waits for the first message of the type {@code reply} with the same id.
     *
     * @return completed with the data of that message; fails with {@link BusUnavailableException} or {@link NoAnswerException}
     */
    public Future<ObjectNode> ask(String type, ObjectNode data, String reply) {
        Promise<ObjectNode> answer = Promise.promise();
        Duration timeout = device.bus().answerTimeout();
        Vertx vertx = device.vertx();
        device.tellAside(type, data)
                .onFailure(answer::tryFail)
                // on the event loop of the connection, before anything else is heard
                .onSuccess(echo -> {
                    Name name = Vocabulary.of(reply);
                    Runnable unsubscribe = device.subscribe(name::equals, message -> {
                        if (message.requestId().equals(echo.requestId())) {
                            answer.tryComplete(message.data());
                        }
                    });
                    Runnable unlink = device.onLink(up -> answer.tryFail(device.lost()));
                    long timer = vertx.setTimer(
                            timeout.toMillis(),
                            fired -> answer.tryFail(new NoAnswerException(type, timeout, "whoever knows it")));
                    answer.future().onComplete(result -> {
                        unsubscribe.run();
                        unlink.run();
                        vertx.cancelTimer(timer);
                    });
                });
        return answer.future();
    }
}
