// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import org.apache.camel.Exchange;
import org.ovosgateway.IntentName;
import org.ovosgateway.Json;
import org.ovosgateway.answer.Masks;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.bus.Relay;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Sends messages of callers to the bus, of the types that are allowed. Routes call it as the bean {@code busMessages}.
 *
 * <p>The gateway makes the frame, with its own session, addresses and id: a frame of another form would throw the services of
 * the assistant off the bus.
 */
@Component("busMessages")
public class BusMessages {

    /**
     * Types that are never sent. The first makes the core deaf until it is restarted; by the others the client of OVOS
     * signals events of its connection to itself, and "error" ends it.
     */
    private static final Set<String> FORBIDDEN = Set.of(
            "intent.service.pipelines.reload",
            "error",
            "open",
            "close",
            "message",
            "reconnecting",
            "connected",
            "new_listener");

    private static final String UTTERANCE = "recognizer_loop:utterance";

    private final Devices devices;
    private final Masks masks;
    private final Predicate<String> allowed;

    BusMessages(Devices devices, Masks masks, BusMessagesProperties properties) {
        this.devices = devices;
        this.masks = masks;
        this.allowed = properties.allow().isEmpty() ? null : TypePattern.anyOf(properties.allow());
    }

    /**
     * Sends the message in the body, {@code type} and {@code data}.
     *
     * @return {@code type}; with the header {@code reply}, {@code type} and {@code data} of the reply, whose secrets are
     *     masked. Fails with a {@link ProblemException}: 403 where the type is not allowed
     */
    public CompletionStage<Map<String, Object>> send(Exchange exchange) {
        Map<?, ?> message = exchange.getMessage().getBody(Map.class);
        String type = String.valueOf(message.get("type"));
        requireAllowed(type);
        requireSkill(Caller.of(exchange), type);
        Object members = message.get("data");
        ObjectNode data = members == null ? Json.PLAIN.createObjectNode() : Json.PLAIN.valueToTree(members);
        Device device =
                devices.of(Caller.of(exchange), exchange.getMessage().getHeader(OvosConstants.DEVICE, String.class));
        String reply = exchange.getMessage().getHeader("reply", String.class);
        Relay relay = new Relay(device);
        Future<Map<String, Object>> answer = reply == null
                ? relay.send(type, data).map(relayed -> Map.of("type", type))
                : relay.ask(type, data, reply).map(answerData -> answer(reply, answerData));
        return answer.toCompletionStage();
    }

    private void requireAllowed(String type) {
        if (allowed == null) {
            throw refusal(
                    "bus-messages-off",
                    "Sending messages to the bus is off. Set ovos.bus-messages.allow in application.yaml to"
                            + " the types that may be sent, such as [ 'my-skill.*' ], and restart the gateway.");
        }
        Set<String> names = Relay.namesOf(type);
        if (names.stream().anyMatch(FORBIDDEN::contains) || FORBIDDEN.contains(IntentName.plain(type))) {
            throw refusal(
                    "bus-message-refused",
                    "A message of the type '%s' would harm the assistant; it is never sent.".formatted(type));
        }
        if (names.stream().noneMatch(allowed)) {
            throw refusal(
                    "bus-message-refused",
                    "Messages of the type '%s' are not among those of ovos.bus-messages.allow.".formatted(type));
        }
    }

    /** A text is for any skill, and an intent, {@code skill:intent}, is for one: what limits conversations holds here too. */
    private static void requireSkill(Caller caller, String type) {
        int colon = type.indexOf(':');
        String skill = type.substring(0, Math.max(0, colon));
        if (Relay.namesOf(type).contains(UTTERANCE)
                || skill.contains(".") && !caller.skills().mayAsk(skill, IntentName.plain(type.substring(colon + 1)))) {
            caller.requireAllSkills();
        }
    }

    private static ProblemException refusal(String type, String detail) {
        return new ProblemException(new Problem(type, "This message may not be sent", 403, detail)
                .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
    }

    private Map<String, Object> answer(String type, ObjectNode data) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("type", type);
        answer.put("data", masks.mask(Json.map(data)));
        return answer;
    }
}
