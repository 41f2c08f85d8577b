// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The companion skill of the gateway, {@code companion/}, under the id of the one whose place it takes. */
final class GatewayCompanion extends OvosService {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASK = "ovos.gateway.companion";
    private static final String MASK = "********";

    private final InstalledSkills skills;
    private final ObjectNode config;
    private final String key;
    private final AtomicLong clockAhead;
    private final Set<String> questionIds = new HashSet<>();
    private String challenge;

    /**
     * @param clockAhead by how many milliseconds its clock is wrong
     */
    GatewayCompanion(
            Consumer<Message> bus, InstalledSkills skills, ObjectNode config, String key, AtomicLong clockAhead) {
        super(bus);
        this.skills = skills;
        this.config = config;
        this.key = key == null ? "" : key;
        this.clockAhead = clockAhead;
        restart();
        on(ASK, this::answer);
        for (String operation : List.of("info", "config", "skill_settings", "cache", "is_awake")) {
            on("ovos.api." + operation, asked -> answerOldGateway(asked, operation));
        }
    }

    /** In the protocol of {@code skill-rest-api}; who has no key is told which skill this is. */
    private void answerOldGateway(Message asked, String operation) {
        if (!skills.isActive(InstalledSkills.COMPANION)) {
            return;
        }
        String right = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
        boolean authenticated = right.equals(asked.data().path("app_key").textValue());
        ObjectNode data = Message.object().put("error", "both keys don't match");
        data.set("companion", about());
        if (authenticated) {
            ObjectNode outcome = perform(asked.data().deepCopy().put("operation", operation));
            data = outcome.path("result") instanceof ObjectNode result ? result : outcome;
        }
        Message answer = asked.reply(asked.type() + ".answer", data);
        answer.context().put("authenticated", authenticated);
        emit(answer);
    }

    private void answer(Message asked) {
        if (!skills.isActive(InstalledSkills.COMPANION)) {
            return;
        }
        String id = asked.data().path("id").asText();
        String body = outcome(asked.data(), id).toString();
        ObjectNode data =
                Message.object().put("id", id).put("challenge", challenge).put("body", body);
        emit(asked.response(data.put("proof", proof(ASK + ".response", id, challenge, body))));
    }

    /** As after a restart of the core: it refuses the questions from before. */
    void restart() {
        challenge = UUID.randomUUID().toString();
        questionIds.clear();
    }

    private ObjectNode outcome(JsonNode data, String id) {
        String given = data.path("challenge").asText();
        String body = data.path("body").asText();
        if (key.isEmpty()
                || !proof(ASK, id, given, body).equals(data.path("proof").asText())) {
            return error("proof", "the question does not prove the api_key in the settings of the skill");
        }
        if (!given.equals(challenge) || !questionIds.add(id)) {
            return error("stale", "ask anew, with this challenge");
        }
        try {
            return perform(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return error("failed", "JSONDecodeError in the companion skill: look into skills.log");
        }
    }

    private ObjectNode perform(JsonNode question) {
        return switch (question.path("operation").asText()) {
            case "info" -> result(RestApiSkill.info(config).set("companion", about().put("time", now())));
            case "config" -> result(config);
            case "skill_settings" -> result(settings(question));
            case "change_settings" -> change(question);
            case "is_awake" -> result(Message.object().put("is_awake", true));
            case "cache" ->
                result(Message.object()
                        .put("cache_type", question.path("cache_type").asText())
                        .put("status", question.path("cache_type").asText().equals("tts")));
            case "logs" -> logs(question);
            default -> error("unknown-operation", "there is no such operation: hello tells those there are");
        };
    }

    private ObjectNode settings(JsonNode question) {
        ObjectNode settings = skills.settings(question.path("skill").asText());
        return settings == null ? Message.object() : settings;
    }

    private ObjectNode change(JsonNode question) {
        String skill = question.path("skill").asText();
        if (skill.equals(InstalledSkills.COMPANION)
                || !question.path("scope").asText().equals("skills:settings")) {
            return error("forbidden", "only under the scope skills:settings, and not those of the companion skill");
        }
        ObjectNode changed = settings(question).deepCopy();
        ObjectNode flaws = Message.object();
        question.path("settings").properties().forEach(change -> {
            JsonNode now = changed.path(change.getKey());
            if (change.getKey().startsWith("__")) {
                flaws.put(change.getKey(), "cannot be set");
            }
            if (!now.isMissingNode() && change.getValue().asText().equals(MASK)) {
                return; // it comes back as it was told
            }
            if (!now.isMissingNode() && now.getNodeType() != change.getValue().getNodeType()) {
                flaws.put(change.getKey(), "must be of the kind that it is now");
            }
            changed.set(change.getKey(), change.getValue());
        });
        if (!flaws.isEmpty()) {
            return error("invalid", "these settings do not fit the skill").set("more", flaws);
        }
        skills.change(skill, changed);
        return result(changed);
    }

    private static ObjectNode logs(JsonNode question) {
        String service = question.path("service").asText("skills");
        if (!service.equals("skills")) {
            return error("no-log", "'" + service + "' has no log on the disk of the assistant; these have: skills");
        }
        ObjectNode logs = Message.object().put("service", service);
        logs.putArray("services").add("skills");
        logs.putArray("lines")
                .add("2026-11-27 17:02:11.480 - skills - INFO - simulated: loads skills")
                .add("2026-11-27 17:02:12.015 - skills - INFO - simulated: is ready");
        return result(logs);
    }

    private static ObjectNode about() {
        return Message.object()
                .put("name", "ovos-skill-gateway-companion")
                .put("version", "1.0.0")
                .put("protocol", 1);
    }

    private static ObjectNode result(JsonNode result) {
        return Message.object().set("result", result);
    }

    private static ObjectNode error(String code, String detail) {
        return Message.object().put("error", code).put("detail", detail);
    }

    private long now() {
        return System.currentTimeMillis() + clockAhead.get();
    }

    private String proof(String type, String id, String challenge, String body) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String text = String.join("\n", type, id, challenge, HexFormat.of().formatHex(digest));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
