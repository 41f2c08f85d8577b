// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.Set;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Sends a message that somebody else has made up, in the form that every part of OVOS can read. */
public final class Relay {

    private final Device device;

    public Relay(Device device) {
        this.device = device;
    }

    /** The names by which a message of this type is heard: the old one and the new one. */
    public static Set<String> namesOf(String type) {
        Name name = Vocabulary.of(type);
        return name.isRenamed() ? Set.of(name.old(), name.current()) : Set.of(name.old());
    }

    /** @return completed when the bus has relayed it; fails with {@link BusUnavailableException} */
    public Future<Void> send(String type, ObjectNode data) {
        return device.tellAside(type, data).mapEmpty();
    }

    /**
     * The same, and waits for the first message of this type that brings its id back.
     *
     * @return completed with the data of that message; fails with {@link BusUnavailableException} or {@link NoAnswerException}
     */
    // no Question: two callers who ask the same at once share its round trip, and here each of them sends a message
    public Future<ObjectNode> ask(String type, ObjectNode data, String reply) {
        Promise<ObjectNode> answer = Promise.promise();
        // where all is heard: a thread of its own could be late, and hear the echo after the reply
        device.onContext(() -> device.tellAside(type, data)
                .onFailure(answer::tryFail)
                .onSuccess(sent -> {
                    Runnable unsubscribe = hear(type, reply, sent.requestId(), answer);
                    answer.future().onComplete(over -> unsubscribe.run());
                }));
        return answer.future();
    }

    private Runnable hear(String type, String reply, String requestId, Promise<ObjectNode> answer) {
        Name name = Vocabulary.of(reply);
        Duration within = device.bus().answerTimeout();
        Runnable unsubscribe = device.subscribe(name::equals, message -> {
            if (message.requestId().equals(requestId)) {
                answer.tryComplete(message.data());
            }
        });
        Runnable unlink = device.onLink(up -> answer.tryFail(device.lost()));
        long timer = device.vertx()
                .setTimer(
                        within.toMillis(),
                        late -> answer.tryFail(new NoAnswerException(type, within, "whoever knows it")));
        return () -> {
            unsubscribe.run();
            unlink.run();
            device.vertx().cancelTimer(timer);
        };
    }
}
