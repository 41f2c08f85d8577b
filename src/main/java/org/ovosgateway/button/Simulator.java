// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.ovosgateway.Json;
import org.ovosgateway.mqtt.Publication;
import org.ovosgateway.mqtt.Simulation;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Turns the body, a message of a broker or the name of a {@link Sample}, into what such a message would do; routes call it
 * as the processor {@code simulator}, which is there while MQTT is off too.
 */
@Component("simulator")
class Simulator extends AsyncProcessorSupport {

    private static final String TOPIC = "topic";
    private static final String PAYLOAD = "payload";
    private static final String SAMPLE = "sample";

    private final ObjectProvider<Simulation> simulation;

    Simulator(ObjectProvider<Simulation> simulation) {
        this.simulation = simulation;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Publication message = message(exchange.getMessage().getBody(Map.class));
            simulation().of(message).onComplete(done -> {
                if (done.succeeded()) {
                    Map<String, Object> answer = new LinkedHashMap<>();
                    answer.put(TOPIC, message.topic());
                    answer.put(PAYLOAD, message.text());
                    answer.putAll(done.result());
                    exchange.getMessage().setBody(answer);
                } else {
                    exchange.setException(done.cause());
                }
                callback.done(false);
            });
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private Simulation simulation() {
        return Optional.ofNullable(simulation.getIfAvailable())
                .orElseThrow(() -> new ProblemException(new Problem(
                        "mqtt-off",
                        "MQTT is off",
                        409,
                        "MQTT is off, so no message does anything: set ovos.mqtt.host to the address of your broker,"
                                + " or ovos.mqtt.broker.enabled to true.")));
    }

    private static Publication message(Map<?, ?> asked) {
        boolean retained = Boolean.TRUE.equals(asked.get("retained"));
        if (!asked.containsKey(SAMPLE)) {
            if (!asked.containsKey(TOPIC)) {
                throw refused(TOPIC, "is required, unless sample is given");
            }
            return new Publication((String) asked.get(TOPIC), text(asked.get(PAYLOAD)), retained);
        }
        for (String member : List.of(TOPIC, PAYLOAD)) {
            if (asked.containsKey(member)) {
                throw refused(member, "is given by the sample already");
            }
        }
        Sample sample = Samples.get((String) asked.get(SAMPLE))
                .orElseThrow(() -> refused(SAMPLE, "is not one of " + String.join(", ", Samples.names())));
        return new Publication(sample.topic(), sample.payload(), retained);
    }

    /** What a publisher puts on the wire: text as it is, anything else as JSON. */
    private static String text(Object payload) {
        if (payload == null) {
            return "";
        }
        return payload instanceof String text ? text : Json.write(payload);
    }

    private static ProblemException refused(String field, String reason) {
        return new ProblemException(Problem.validation(List.of(new FieldError(field, reason))));
    }
}
