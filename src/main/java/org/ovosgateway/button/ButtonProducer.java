// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import io.vertx.core.Future;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.DefaultAsyncProducer;
import org.ovosgateway.DryRun;
import org.ovosgateway.command.Call;
import org.ovosgateway.mqtt.Origin;

/** Does what the presses in a message stand for, one after the other; the presses become the body. */
class ButtonProducer extends DefaultAsyncProducer {

    private static final String OUTCOME = "outcome";

    private final ButtonEndpoint endpoint;
    private final Function<Call, Future<Object>> commands;
    private final Memory memory;
    private final Decoder decoder;

    ButtonProducer(ButtonEndpoint endpoint, Function<Call, Future<Object>> commands, Memory memory) {
        super(endpoint);
        this.endpoint = endpoint;
        this.commands = commands;
        this.memory = memory;
        this.decoder = endpoint.decoder();
    }

    /** A press, what it does, and what is told of it. */
    private record Deed(Action action, Map<String, Object> told) {}

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        DryRun dryRun = DryRun.of(exchange);
        List<Deed> deeds = new ArrayList<>();
        try {
            for (Press press : decoder.presses(received(exchange))) {
                judge(press, dryRun).ifPresent(deeds::add);
            }
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        exchange.getMessage().setBody(deeds.stream().map(Deed::told).toList());
        if (deeds.stream().allMatch(deed -> deed.action.isNone())) {
            callback.done(true);
            return true;
        }
        Future<Void> all = Future.succeededFuture();
        List<Throwable> failures = new ArrayList<>();
        for (Deed deed : deeds) {
            all = all.compose(before -> run(deed, exchange, dryRun).recover(failure -> {
                deed.told.put(OUTCOME, "failed");
                failures.add(failure);
                return Future.succeededFuture();
            }));
        }
        all.onComplete(done -> {
            if (!failures.isEmpty()) {
                exchange.setException(failures.get(0));
            }
            callback.done(false);
        });
        return false;
    }

    private static Received received(Exchange exchange) {
        byte[] payload = exchange.getMessage().getBody(byte[].class);
        String topic = exchange.getMessage().getHeader(PahoMqtt5Constants.MQTT_TOPIC, "", String.class);
        return new Received(topic, payload == null ? new byte[0] : payload, Instant.now());
    }

    private Optional<Deed> judge(Press press, DryRun dryRun) {
        if (!endpoint.takes(press)) {
            note(dryRun, told(press, "not for this route"));
            return Optional.empty();
        }
        Optional<Press> first = memory.first(
                endpoint.getEndpointUri(), endpoint.repeats(), endpoint.getWindow(), press, dryRun == null);
        if (press.gesture() == Gesture.NONE) {
            return Optional.empty();
        }
        Action action = first.map(endpoint::action).orElse(Action.NONE);
        Map<String, Object> told =
                told(first.orElse(press), first.isEmpty() ? "told again" : action.isNone() ? "nothing" : "done");
        if (!action.isNone()) {
            told.put("command", action.command());
            if (action.payload() != null) {
                told.put("payload", action.payload());
            }
            if (dryRun != null) {
                told.put(OUTCOME, "would be done");
            }
        }
        note(dryRun, told);
        return Optional.of(new Deed(action, told));
    }

    private static Map<String, Object> told(Press press, String outcome) {
        Map<String, Object> told = new LinkedHashMap<>(press.toMap());
        told.put(OUTCOME, outcome);
        return told;
    }

    private static void note(DryRun dryRun, Map<String, Object> told) {
        if (dryRun != null) {
            dryRun.note(Map.of("press", told));
        }
    }

    private Future<Void> run(Deed deed, Exchange exchange, DryRun dryRun) {
        if (deed.action.isNone()) {
            return Future.succeededFuture();
        }
        return commands.apply(new Call(
                        endpoint.getDevice(),
                        deed.action.command(),
                        deed.action.payload(),
                        Origin.of(exchange),
                        dryRun))
                .mapEmpty();
    }
}
