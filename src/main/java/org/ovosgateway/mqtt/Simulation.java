// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.camel.util.ObjectHelper;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.DryRun;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Tells what a message would do, without doing it: the routes that it fits run, and what acts only takes notes. */
@Component
@ConditionalOnMqtt
public class Simulation {

    /** Something that messages on a topic make do something. */
    public interface Listener {

        boolean fits(String topic);

        /** Its name, to a person: the id of a route. */
        String name();

        Future<Void> run(Publication message, DryRun dryRun);
    }

    private final Mqtt mqtt;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    Simulation(Mqtt mqtt) {
        this.mqtt = mqtt;
    }

    /** @return takes it out again */
    public Runnable add(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    Runnable add(MqttConsumer consumer) {
        return add(new Listener() {
            @Override
            public boolean fits(String topic) {
                return MqttTopicValidator.isMatched(consumer.topic(), topic);
            }

            @Override
            public String name() {
                return consumer.name();
            }

            @Override
            public Future<Void> run(Publication message, DryRun dryRun) {
                Promise<Void> done = Promise.promise();
                consumer.run(message, dryRun, failure -> {
                    if (failure == null) {
                        done.complete();
                    } else {
                        done.fail(failure);
                    }
                });
                return done.future();
            }
        });
    }

    /**
     * @return {@code refused}, if the guard would refuse it: {@code {"reason", "detail"}}; and {@code matches}, for each
     *     route that it fits: {@code {"route", "does": [...], "error"}}
     */
    public Future<Map<String, Object>> of(Publication message) {
        Map<String, Object> answer = new LinkedHashMap<>();
        Optional<Refusal> refusal = mqtt.judge(message);
        refusal.ifPresent(why -> answer.put("refused", Map.of("reason", why.reason(), "detail", why.detail())));
        List<Future<Map<String, Object>>> matches = new ArrayList<>();
        if (refusal.isEmpty()) {
            for (Listener listener : listeners) {
                if (listener.fits(message.topic())) {
                    matches.add(match(listener, message));
                }
            }
        }
        return Future.all(matches).map(all -> {
            answer.put("matches", all.list());
            return answer;
        });
    }

    private static Future<Map<String, Object>> match(Listener listener, Publication message) {
        DryRun dryRun = new DryRun();
        return listener.run(message, dryRun).transform(done -> {
            Map<String, Object> match = new LinkedHashMap<>();
            match.put("route", listener.name());
            match.put("does", dryRun.notes());
            if (done.failed()) {
                ProblemException told = ObjectHelper.getException(ProblemException.class, done.cause());
                match.put(
                        "error",
                        told == null
                                ? "The route failed; see its steps."
                                : told.problem().detail());
            }
            return Future.succeededFuture(match);
        });
    }
}
