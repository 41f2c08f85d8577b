// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;
import org.ovosgateway.DryRun;
import org.ovosgateway.RouteThread;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Question.Match;
import org.ovosgateway.bus.Question.Reading;

/** Sends a message or asks a question; no thread waits for the answer. */
class OvosProducer extends DefaultAsyncProducer {

    /** A part that runs answers in milliseconds; nobody should wait long to hear that it does not. */
    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(2);

    private static final Future<Void> DONE = Future.succeededFuture();

    private final OvosEndpoint endpoint;
    private final Device fixed;
    private final boolean speaks;

    /** Sends to this device; where it is null, to the one that a header names, or else to the default. */
    OvosProducer(OvosEndpoint endpoint, Device fixed) {
        super(endpoint);
        this.endpoint = endpoint;
        this.fixed = fixed;
        this.speaks = Vocabulary.of(endpoint.getType()).old().equals("speak");
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Device device = device(exchange);
            if (endpoint.getType().equals(Device.TURN)) {
                Caller.of(exchange).requireAllSkills();
            }
            ObjectNode data = endpoint.data(exchange);
            Attachment.requireRoom(data, device);
            boolean question = endpoint.isQuestion();
            DryRun dryRun = DryRun.of(exchange);
            if (dryRun != null) {
                pretend(dryRun, exchange, device, data, question);
                callback.done(true);
                return true;
            }
            Future<BusMessage> future = question ? ask(device, data, exchange) : act(device, data, exchange);
            RouteThread thread = new RouteThread(device.vertx());
            future.onComplete(result -> thread.run(isLarge(result.result()), () -> {
                complete(exchange, device, result, question);
                callback.done(false);
            }));
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private static boolean isLarge(BusMessage answer) {
        return answer != null && answer.large();
    }

    /** Notes what would be sent, and goes on as if the answer were empty. */
    private void pretend(DryRun dryRun, Exchange exchange, Device device, ObjectNode data, boolean question) {
        Map<String, Object> note = new LinkedHashMap<>();
        note.put("sends", Vocabulary.of(endpoint.getType()).old());
        note.put("data", BusMessage.map(Vocabulary.oldData(endpoint.getType(), data)));
        note.put("device", device.name());
        if (endpoint.getAlso() != null) {
            Map<String, Object> also = new LinkedHashMap<>(note);
            also.put("sends", endpoint.getAlso());
            dryRun.note(also);
        }
        dryRun.note(note);
        if (question) {
            exchange.getMessage().setBody(new LinkedHashMap<String, Object>());
        }
    }

    private Device device(Exchange exchange) {
        Caller caller = Caller.of(exchange);
        if (fixed != null) {
            caller.requireDevice(fixed.name());
            return fixed;
        }
        Object named = exchange.getMessage().getHeader(OvosConstants.DEVICE);
        return endpoint.devices().of(caller, named == null ? null : named.toString());
    }

    private void complete(Exchange exchange, Device device, AsyncResult<BusMessage> result, boolean question) {
        if (result.failed()) {
            exchange.setException(result.cause());
        } else if (question) {
            try {
                BusMessage answer = result.result();
                Message message = exchange.getMessage();
                String type = endpoint.getReply() == null ? answer.type() : endpoint.getReply();
                message.setBody(answer.dataMap(type));
                message.setHeader(OvosConstants.TYPE, type);
                message.setHeader(OvosConstants.CONTEXT, answer.contextMap());
                message.setHeader(OvosConstants.DEVICE, device.name());
            } catch (RuntimeException e) {
                // whatever it is, the caller must not wait for ever
                exchange.setException(e);
            }
        }
    }

    private Future<BusMessage> act(Device device, ObjectNode data, Exchange exchange) {
        if (!speaks) {
            return actNow(device, data, exchange);
        }
        return device.utterances().inTurn(mayStart -> {
            if (mayStart) {
                return actNow(device, data, exchange);
            }
            if (endpoint.isDone(exchange, "spoken")) {
                exchange.getMessage().setHeader(OvosConstants.SPOKEN, false);
            }
            return Future.succeededFuture();
        });
    }

    private Future<BusMessage> actNow(Device device, ObjectNode data, Exchange exchange) {
        boolean proves = endpoint.getConfirm() != null && !endpoint.isDone(exchange, "sent");
        Confirmation confirmation = proves ? confirmation(device, exchange) : null;
        Future<BusMessage> echo = tell(device, data);
        Future<Void> proof = proves ? confirmation.prove() : DONE;
        Future<Boolean> spoken = endpoint.isDone(exchange, "spoken")
                ? echo.compose(sent -> device.utterances().spoken(sent, endpoint.getSpokenTimeout()))
                : null;
        Future<BusMessage> done = echo.compose(sent -> proof.map(sent));
        Future<String> messageId = echo.map(BusMessage::requestId);
        endpoint.devices()
                .deedListeners()
                .forEach(listener -> listener.onDeed(exchange, device, endpoint.getType(), data, messageId, done));
        return spoken == null
                ? done
                : done.compose(sent -> spoken.map(toItsEnd -> {
                    exchange.getMessage().setHeader(OvosConstants.SPOKEN, toItsEnd);
                    return sent;
                }));
    }

    private Confirmation confirmation(Device device, Exchange exchange) {
        Duration usual = device.bus().answerTimeout();
        Question question = new Question(
                endpoint.getConfirm(),
                BusMessage.JSON.createObjectNode(),
                endpoint.getReply(),
                Match.ID,
                timeout(usual.compareTo(CONFIRM_TIMEOUT) < 0 ? usual : CONFIRM_TIMEOUT),
                endpoint.getAnsweredBy(),
                Reading.PLAIN);
        return new Confirmation(
                device,
                endpoint.getType(),
                device.commands(endpoint.getType()),
                question,
                endpoint.expectation(exchange),
                answer -> endpoint.answerShape().check(answer, endpoint.getAnsweredBy()));
    }

    private Future<BusMessage> tell(Device device, ObjectNode data) {
        if (endpoint.getAlso() != null) {
            device.tellAside(endpoint.getAlso(), data);
        }
        if (endpoint.isKeepMute()) {
            return new KeptMute(device).tell(endpoint.getType(), data);
        }
        return endpoint.isKeepVolume()
                ? device.volume().tell(endpoint.getType(), data)
                : device.tell(endpoint.getType(), data);
    }

    private Future<BusMessage> ask(Device device, ObjectNode data, Exchange exchange) {
        BusMessage known = endpoint.remembered(device, data);
        if (known != null) {
            return Future.succeededFuture(known);
        }
        String answeredBy =
                endpoint.isCompanion() ? "the skill " + device.bus().companionSkill() : endpoint.getAnsweredBy();
        Future<BusMessage> answer = endpoint.isCompanion()
                ? device.companion()
                        .ask(endpoint.getType(), data, timeout(device.bus().companionTimeout()))
                : ask(
                        device,
                        new Question(
                                endpoint.getType(),
                                data,
                                endpoint.getReply(),
                                endpoint.getMatch().equals("type") ? Match.TYPE : Match.ID,
                                timeout(device.bus().answerTimeout()),
                                answeredBy,
                                Reading.PLAIN,
                                endpoint.session(exchange)));
        if (endpoint.isKeepVolume()) {
            answer.onSuccess(message -> device.volume().toldOrAsked());
        }
        Expectation expectation = endpoint.expectation(exchange);
        return answer.map(message -> endpoint.answerShape().check(message, answeredBy))
                .map(message -> {
                    String contradiction = expectation.contradiction(message);
                    if (contradiction != null) {
                        throw new NotDoneException(endpoint.getType(), answeredBy, contradiction);
                    }
                    return message;
                })
                .onSuccess(message -> endpoint.remember(device, data, message));
    }

    private Future<BusMessage> ask(Device device, Question question) {
        return endpoint.isSilent()
                ? new SilentQuestion(device).ask(question, endpoint.getAlso())
                : device.ask(question);
    }

    private Duration timeout(Duration usual) {
        return endpoint.getTimeout() == null ? usual : endpoint.getTimeout();
    }
}
