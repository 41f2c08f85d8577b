// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Future;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.util.ObjectHelper;
import org.ovosgateway.DryRun;
import org.ovosgateway.assistant.Call;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.mqtt.Refusal;
import org.ovosgateway.problem.ProblemException;

/** Does what the presses in a message stand for, one after the other; the presses become the body. */
class ButtonProducer extends DefaultAsyncProducer {

    private static final String OUTCOME = "outcome";
    /** Different buttons; the holds of those beyond it do nothing. */
    private static final int MOST_SETTLING = 100;

    private final ButtonEndpoint endpoint;
    private final ButtonComponent component;
    private final PressMemory memory;
    private final Decoder decoder;
    /** By button: what acts unless the button says more. */
    private final Map<String, ScheduledFuture<?>> settling = new HashMap<>();

    ButtonProducer(ButtonEndpoint endpoint, ButtonComponent component) {
        super(endpoint);
        this.endpoint = endpoint;
        this.component = component;
        this.memory = component.memory();
        this.decoder = endpoint.decoder();
    }

    @Override
    protected void doStop() throws Exception {
        synchronized (settling) {
            settling.values().forEach(each -> each.cancel(false));
            settling.clear();
        }
        super.doStop();
    }

    /** A press, what it does, and what is told of it. */
    private record Reaction(Press press, Action action, Map<String, Object> told) {

        boolean settles() {
            return !press.gesture().settles().isZero();
        }
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        DryRun dryRun = DryRun.of(exchange);
        List<Reaction> reactions = new ArrayList<>();
        try {
            Received message = received(exchange);
            for (Press press : decoder.presses(message)) {
                judge(press, message.topic(), dryRun).ifPresent(reactions::add);
            }
        } catch (RuntimeException e) {
            if (dryRun == null && component.wasReported(topic(exchange), e)) {
                exchange.getMessage().setBody(List.of());
            } else {
                exchange.setException(e);
            }
            callback.done(true);
            return true;
        }
        exchange.getMessage().setBody(reactions.stream().map(Reaction::told).toList());
        String topic = topic(exchange);
        boolean acts = reactions.stream().anyMatch(reaction -> !reaction.action.isNone());
        if (dryRun == null && endpoint.family().repeats() != Family.Repeats.NOT_KNOWN) {
            if (acts) {
                memory.keep();
            } else {
                component.keepSoon();
            }
        }
        if (!acts) {
            callback.done(true);
            return true;
        }
        Future<Void> all = Future.succeededFuture();
        List<Throwable> failures = new ArrayList<>();
        for (Reaction reaction : reactions) {
            if (reaction.action.isNone()) {
                continue;
            }
            Call call = call(reaction, exchange, dryRun);
            if (reaction.settles() && dryRun == null) {
                settle(reaction, call, topic);
                continue;
            }
            all = all.compose(before -> run(call).recover(failure -> {
                reaction.told.put(OUTCOME, "failed");
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
        return new Received(topic(exchange), payload == null ? new byte[0] : payload, Instant.now());
    }

    private static String topic(Exchange exchange) {
        return exchange.getMessage().getHeader(PahoMqtt5Constants.MQTT_TOPIC, "", String.class);
    }

    private Optional<Reaction> judge(Press press, String topic, DryRun dryRun) {
        if (!endpoint.takes(press)) {
            note(dryRun, told(press, "not for this route"));
            return Optional.empty();
        }
        PressMemory.Verdict verdict =
                memory.judge(endpoint.getEndpointUri(), endpoint.family(), endpoint.getWindow(), press, dryRun == null);
        if (press.gesture() == Gesture.NONE) {
            return Optional.empty();
        }
        Press taken = verdict.press();
        Action action = verdict.isNew() ? endpoint.action(taken) : Action.NONE;
        if (verdict.isNew() && dryRun == null && calledOff(taken)) {
            action = Action.NONE;
        }
        Map<String, Object> told = told(
                taken,
                switch (verdict.kind()) {
                    case AGAIN -> "told again";
                    case FIRST_HEARD -> "first heard";
                    case NEW -> action.isNone() ? "nothing" : "done";
                });
        if (!action.isNone()) {
            told.put("command", action.command());
            if (action.payload() != null) {
                told.put("payload", action.payload());
            }
            if (dryRun != null) {
                told.put(OUTCOME, "would be done");
            } else if (!taken.gesture().settles().isZero()) {
                told.put(OUTCOME, "done unless more follows");
            }
        }
        note(dryRun, told);
        if (dryRun == null) {
            report(verdict, action, topic);
        }
        return Optional.of(new Reaction(taken, action, told));
    }

    /** Says why a press does nothing where that is not what the route says. */
    private void report(PressMemory.Verdict verdict, Action action, String topic) {
        Press press = verdict.press();
        String word = press.gesture().word();
        if (verdict.kind() == PressMemory.Verdict.Kind.FIRST_HEARD
                && !endpoint.action(press).isNone()) {
            component
                    .reports()
                    .refused(
                            topic,
                            new Refusal(
                                    "first-heard",
                                    "This is the first report of this button since the gateway is there or connected again, and %s buttons repeat their last press, so it may be an old one. The next press acts."
                                            .formatted(endpoint.family())));
        } else if (verdict.isNew() && action.isNone() && !endpoint.family().knows(word)) {
            component
                    .reports()
                    .refused(
                            topic,
                            new Refusal(
                                    "unreadable",
                                    "The button says '%s', which is no gesture of %s that is known here; name it under others: \"%s: stop\"."
                                            .formatted(word, endpoint.family(), word)));
        }
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

    /** A new word of a button takes back what waits; gives true where it is what waits already. */
    private boolean calledOff(Press press) {
        synchronized (settling) {
            String button = press.source() + "\n" + press.button();
            ScheduledFuture<?> waiting = settling.get(button);
            if (waiting == null || waiting.isDone()) {
                return false;
            }
            if (press.gesture().begins() && !press.gesture().settles().isZero()) {
                return true;
            }
            waiting.cancel(false);
            settling.remove(button);
            return false;
        }
    }

    private void settle(Reaction reaction, Call call, String topic) {
        synchronized (settling) {
            settling.values().removeIf(ScheduledFuture::isDone);
            if (settling.size() >= MOST_SETTLING) {
                return;
            }
            settling.put(
                    reaction.press.source() + "\n" + reaction.press.button(),
                    component
                            .timer()
                            .schedule(
                                    () -> settled(reaction, call, topic),
                                    reaction.press.gesture().settles().toMillis(),
                                    TimeUnit.MILLISECONDS));
        }
    }

    private void settled(Reaction reaction, Call call, String topic) {
        memory.settled(endpoint.getEndpointUri(), reaction.press);
        run(call).onFailure(failure -> {
            ProblemException told = ObjectHelper.getException(ProblemException.class, failure);
            component
                    .reports()
                    .refused(
                            topic,
                            told == null
                                    ? new Refusal("internal", "The command '%s' failed.".formatted(call.command()))
                                    : new Refusal(
                                            told.problem().type(),
                                            told.problem().detail()));
        });
    }

    private Call call(Reaction reaction, Exchange exchange, DryRun dryRun) {
        return new Call(
                endpoint.getDevice(),
                reaction.action.command(),
                reaction.action.payload(),
                Caller.of(exchange),
                dryRun);
    }

    private Future<Void> run(Call call) {
        return component.commands().apply(call).mapEmpty();
    }
}
