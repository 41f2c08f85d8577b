// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.intents;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.ovosgateway.IntentName;
import org.ovosgateway.RouteThread;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.SkillLimits;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.IntentService;
import org.ovosgateway.bus.IntentService.Manifests;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * The intents of the assistants: lists them, enables and disables them. A user never sees those that it may not ask. Routes
 * call it as the bean {@code intents}.
 */
@Component("intents")
public class Intents {

    private final Devices devices;

    Intents(Devices devices) {
        this.devices = devices;
    }

    /** All intents that the parts of OVOS list. */
    public CompletionStage<Map<String, Object>> list(Exchange exchange) {
        SkillLimits limits = Caller.of(exchange).skills();
        Device device = device(exchange);
        Future<Map<String, Object>> answer = new IntentService(device)
                .manifests()
                .compose(manifests -> off(device, () -> {
                    IntentList list = new IntentList(limits::mayAsk);
                    list.addAll(manifests);
                    return answer(list.sorted(), isComplete(manifests));
                }));
        return RouteThread.stage(device.vertx(), answer);
    }

    /** The intents of the skill in the header {@code skill_id}, with their samples or keywords. */
    public CompletionStage<Map<String, Object>> ofSkill(Exchange exchange) {
        SkillLimits limits = Caller.of(exchange).skills();
        Device device = device(exchange);
        IntentService service = new IntentService(device);
        String skill = skill(exchange);
        IntentList list = new IntentList((owner, intent) -> owner.equals(skill) && limits.mayAsk(owner, intent));
        Future<Map<String, Object>> answer = service.manifests()
                .compose(manifests -> add(service, skill, manifests, list, device)
                        .map(nothing -> answer(list.sorted(), isComplete(manifests))));
        return RouteThread.stage(device.vertx(), answer);
    }

    private static Future<Void> add(
            IntentService service, String skill, Manifests manifests, IntentList list, Device device) {
        if (manifests.registered() != null) {
            return service.definitions(skill)
                    .compose(definitions -> off(device, () -> {
                        list.addDefined(definitions);
                        return null;
                    }));
        }
        Future<JsonNode> vocabulary = manifests.adapt() == null ? Future.succeededFuture() : service.vocabulary();
        return vocabulary.compose(words -> off(device, () -> {
            if (manifests.adapt() != null) {
                list.addAdapt(manifests.adapt(), words);
            }
            list.addAll(new Manifests(null, null, manifests.padatious()));
            return null;
        }));
    }

    /**
     * Enables the intent in the headers {@code skill_id} and {@code intent}. Fails with a {@link ProblemException}: 404 where the
     * skill has none.
     *
     * @param active whether the skill is active
     */
    public CompletionStage<Void> enable(Exchange exchange, @Body boolean active) {
        return set(exchange, active, true);
    }

    /** Disables it: until it is enabled, or the skill is loaded again, it takes no text. */
    public CompletionStage<Void> disable(Exchange exchange, @Body boolean active) {
        return set(exchange, active, false);
    }

    private CompletionStage<Void> set(Exchange exchange, boolean active, boolean enabled) {
        String skill = skill(exchange);
        String intent = IntentName.plain(exchange.getMessage().getHeader("intent", String.class));
        if (!active || !Caller.of(exchange).skills().mayAsk(skill, intent)) {
            throw unknownIntent(skill, intent);
        }
        Device device = device(exchange);
        Future<Void> set = new IntentService(device)
                .enable(skill, intent, enabled)
                .map(done -> {
                    if (!done) {
                        throw unknownIntent(skill, intent);
                    }
                    return null;
                });
        return RouteThread.stage(device.vertx(), set);
    }

    private static ProblemException unknownIntent(String skill, String intent) {
        return new ProblemException(new Problem(
                "unknown-intent",
                "There is no such intent",
                404,
                "The assistant has no active skill '%1$s' with an intent '%2$s'. GET /v1/skills/%1$s/intents lists those of the skill."
                        .formatted(skill, intent)));
    }

    /** A long list is not shaped on the event loop. */
    private static <T> Future<T> off(Device device, Callable<T> shape) {
        return device.vertx().executeBlocking(shape, false);
    }

    private static Map<String, Object> answer(List<Map<String, Object>> intents, boolean complete) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("count", intents.size());
        answer.put("complete", complete);
        answer.put("results", intents);
        return answer;
    }

    /** Whether all parts have listed theirs: Padacioso does not. */
    private static boolean isComplete(Manifests manifests) {
        return manifests.registered() != null || manifests.adapt() != null && manifests.padatious() != null;
    }

    private Device device(Exchange exchange) {
        return devices.of(Caller.of(exchange), exchange.getMessage().getHeader(OvosConstants.DEVICE, String.class));
    }

    private static String skill(Exchange exchange) {
        return exchange.getMessage().getHeader("skill_id", String.class);
    }
}
