// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.apache.camel.util.ObjectHelper;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.Budget;
import org.ovosgateway.DryRun;
import org.ovosgateway.Json;
import org.ovosgateway.LogText;
import org.ovosgateway.assistant.Call;
import org.ovosgateway.assistant.Commands;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The topics on which commands come, {@code <base>/<device>/<command>/set} and {@code <base>/<device>/request/<command>},
 * and the answers: on {@code …/response/<command>}, or on the response topic of the message (MQTT 5, 4.10).
 */
@Component
@ConditionalOnMqtt
class CommandTopics implements SmartLifecycle, Simulation.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(CommandTopics.class);
    private static final int WAITING = 100;
    private static final long WAITING_BYTES = 2 << 20;
    private static final int LONGEST_TRANSACTION = 128;
    private static final String TRANSACTION = "transaction";

    private final Mqtt mqtt;
    private final Commands commands;
    private final Refusals refusals;
    private final Simulation simulation;
    /** Those of one command to one device go one after the other; a slow one holds no other. */
    private final Lines lines;

    private Runnable end;

    CommandTopics(Mqtt mqtt, Vertx vertx, Commands commands, Refusals refusals, Simulation simulation) {
        this.mqtt = mqtt;
        this.commands = commands;
        this.refusals = refusals;
        this.simulation = simulation;
        this.lines = new Lines(vertx, WAITING, new Budget(WAITING_BYTES), this::handle);
    }

    /**
     * Where a command goes.
     *
     * @param request whether it is to be answered
     */
    private record Address(String device, String command, boolean request) {}

    @Override
    public void start() {
        Runnable sets = mqtt.subscribeGuarded(mqtt.base() + "/+/+/set", this::heard, this::refused);
        Runnable requests = mqtt.subscribeGuarded(mqtt.base() + "/+/request/+", this::heard, this::refused);
        Runnable simulated = simulation.add(this);
        end = () -> {
            sets.run();
            requests.run();
            simulated.run();
        };
    }

    @Override
    public void stop() {
        end.run();
        end = null;
    }

    @Override
    public boolean isRunning() {
        return end != null;
    }

    @Override
    public int getPhase() {
        return 20;
    }

    @Override
    public boolean fits(String topic) {
        return MqttTopicValidator.isMatched(mqtt.base() + "/+/+/set", topic)
                || MqttTopicValidator.isMatched(mqtt.base() + "/+/request/+", topic);
    }

    @Override
    public String name() {
        return "commands of " + mqtt.base();
    }

    @Override
    public Future<Void> run(Publication message, DryRun dryRun) {
        return run(address(message.topic()), message, dryRun).mapEmpty();
    }

    private Address address(String topic) {
        String[] levels = topic.substring(mqtt.base().length() + 1).split("/", -1);
        return levels[2].equals("set") && !levels[1].equals("request")
                ? new Address(levels[0], levels[1], false)
                : new Address(levels[0], levels[2], true);
    }

    private void heard(Publication message, Runnable next) {
        Address address = address(message.topic());
        if (!commands.knows(address.device(), address.command())) {
            // refused at once, so it needs no line
            handle(message, () -> {});
        } else if (!lines.add(message)) {
            Refusal refusal = new Refusal("too-many", "Those before it have not come to their end.");
            refusals.add(message.topic(), refusal);
            refused(message, refusal);
        }
        next.run();
    }

    private void handle(Publication message, Runnable next) {
        Address address = address(message.topic());
        run(address, message, null).onComplete(done -> {
            try {
                answered(address, message, done.succeeded() ? done.result() : null, done.cause());
            } finally {
                next.run();
            }
        });
    }

    private Future<Object> run(Address address, Publication message, DryRun dryRun) {
        try {
            Object payload = payload(message);
            if (payload instanceof Map<?, ?> members) {
                Map<String, Object> own = new LinkedHashMap<>();
                members.forEach((name, value) -> own.put(String.valueOf(name), value));
                own.remove(TRANSACTION);
                payload = own;
            }
            return commands.run(new Call(address.device(), address.command(), payload, mqtt.caller(message), dryRun));
        } catch (ProblemException e) {
            return Future.failedFuture(e);
        }
    }

    private static Object payload(Publication message) {
        return content(message.text());
    }

    /**
     * What a message says: null when it is blank, the members of a JSON object, else a text. A text in the quotes of
     * JSON is the text; a byte order mark is none of it.
     *
     * @throws ProblemException {@code unreadable} when an object is not to be read
     */
    static Object content(String message) {
        String text = message.startsWith("\uFEFF") ? message.substring(1) : message;
        String bare = text.strip();
        if (bare.startsWith("{")) {
            return Publication.readObject(bare);
        }
        if (bare.length() > 1 && bare.startsWith("\"") && bare.endsWith("\"")) {
            try {
                if (Publication.readJson(bare) instanceof String quoted) {
                    text = quoted;
                }
            } catch (ProblemException e) {
                // a text that only begins and ends with a quote
            }
        }
        return text.isBlank() ? null : text;
    }

    private void answered(Address address, Publication message, Object result, Throwable failure) {
        Problem problem = failure == null ? null : problem(message.topic(), failure);
        if (problem != null) {
            refusals.add(message.topic(), new Refusal(problem.type(), problem.detail()));
        }
        answer(address, message, result, problem);
    }

    private void refused(Publication message, Refusal refusal) {
        if (!message.retained()) {
            answer(
                    address(message.topic()),
                    message,
                    null,
                    new Problem(refusal.reason(), "The message did not act", 400, refusal.detail()));
        }
    }

    private void answer(Address address, Publication message, Object result, Problem problem) {
        String asked = message.properties().getResponseTopic();
        if (!address.request() && asked == null) {
            return;
        }
        String topic = mqtt.base() + "/" + address.device() + "/response/" + address.command();
        if (asked != null && !asked.equals(topic)) {
            if (!isForAnswers(asked, address.device())) {
                refusals.add(
                        message.topic(),
                        new Refusal("invalid", "No answers are sent to the response topic asked for."));
                return;
            }
            topic = asked;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", problem == null ? "ok" : "error");
        if (problem == null) {
            body.put("data", json(result));
        } else {
            body.put("error", problem.detail());
            body.put("type", problem.type());
        }
        Object transaction = transaction(message);
        if (transaction != null) {
            body.put(TRANSACTION, transaction);
        }
        MqttProperties properties = new MqttProperties();
        properties.setCorrelationData(message.properties().getCorrelationData());
        mqtt.publish(
                new Publication(topic, Json.write(body).getBytes(StandardCharsets.UTF_8), 1, false, false, properties));
    }

    /** Who may not write a topic must not have the gateway write it: its own topics and Home Assistant's are not for answers. */
    private boolean isForAnswers(String topic, String device) {
        try {
            MqttTopicValidator.validate(topic, false, false);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return !topic.startsWith("$")
                && !topic.startsWith(mqtt.discoveryPrefix() + "/")
                && (!topic.startsWith(mqtt.base() + "/")
                        || MqttTopicValidator.isMatched(mqtt.base() + "/" + device + "/response/+", topic));
    }

    private static Object transaction(Publication message) {
        try {
            if (payload(message) instanceof Map<?, ?> map) {
                Object given = map.get(TRANSACTION);
                boolean scalar = given instanceof String text && text.length() <= LONGEST_TRANSACTION
                        || given instanceof Number
                        || given instanceof Boolean;
                return scalar ? given : null;
            }
        } catch (ProblemException e) {
            // the answer says so
        }
        return null;
    }

    /** Routes leave JSON as text where it is constant. */
    private static Object json(Object body) {
        if (body instanceof String text) {
            try {
                return Publication.readJson(text);
            } catch (ProblemException e) {
                return text;
            }
        }
        return body;
    }

    private static Problem problem(String topic, Throwable failure) {
        ProblemException told = ObjectHelper.getException(ProblemException.class, failure);
        if (told != null) {
            return told.problem();
        }
        LOG.error(
                "The command on {} failed: {}",
                LogText.of(topic),
                failure.getClass().getName());
        LOG.debug("The command on {} failed", LogText.of(topic), failure);
        return new Problem(
                "internal", "The command failed", 500, "The command failed; the log of the gateway says more.");
    }
}
