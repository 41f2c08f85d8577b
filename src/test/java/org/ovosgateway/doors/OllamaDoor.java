// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.util.List;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code /ollama}: with messages or prompts, as lines or as a whole. */
record OllamaDoor(String name, boolean stream, boolean messages) implements Door {

    static Door whole() {
        return new OllamaDoor("Ollama", false, true);
    }

    static Door lines() {
        return new OllamaDoor("Ollama in lines", true, true);
    }

    static Door prompts() {
        return new OllamaDoor("Ollama by prompts", true, false);
    }

    @Override
    public void enable(Gateway gateway) {
        gateway.with("ovos.apis.ollama.enabled", true);
    }

    @Override
    public Chat begin(Gateway gateway) {
        ObjectNode request = Json.PLAIN.createObjectNode().put("model", "ovos").put("stream", stream);
        return text -> {
            if (messages) {
                request.withArray("messages").addObject().put("role", "user").put("content", text);
            } else {
                request.put("prompt", text);
            }
            String path = messages ? "/ollama/api/chat" : "/ollama/api/generate";
            var answer = gateway.call("POST", path).json(request.toString()).send();
            assertThat(answer.statusCode()).as("%s: %s", text, answer.body()).isEqualTo(200);
            List<JsonNode> lines = answer.body().lines().map(OllamaDoor::read).toList();
            String said = lines.stream()
                    .map(line ->
                            line.at(messages ? "/message/content" : "/response").asText())
                    .collect(Collectors.joining());
            JsonNode last = lines.get(lines.size() - 1);
            if (messages) {
                request.withArray("messages")
                        .addObject()
                        .put("role", "assistant")
                        .put("content", said);
            } else {
                request.set("context", last.get("context"));
            }
            return new Answer(said, last.path("ovos_status").asText());
        };
    }

    static JsonNode read(String json) {
        try {
            return Json.PLAIN.readTree(json);
        } catch (java.io.IOException e) {
            throw new AssertionError(json, e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
