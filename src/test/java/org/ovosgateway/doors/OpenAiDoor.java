// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code /openai/v1/chat/completions}, as events or as a whole. */
record OpenAiDoor(String name, boolean stream) implements Door {

    static Door whole() {
        return new OpenAiDoor("OpenAI", false);
    }

    static Door events() {
        return new OpenAiDoor("OpenAI in events", true);
    }

    @Override
    public void enable(Gateway gateway) {
        gateway.with("ovos.apis.openai.enabled", true);
    }

    @Override
    public Chat begin(Gateway gateway) {
        ObjectNode request = Json.PLAIN.createObjectNode().put("model", "ovos").put("stream", stream);
        return text -> {
            request.withArray("messages").addObject().put("role", "user").put("content", text);
            var answer = gateway.call("POST", "/openai/v1/chat/completions")
                    .json(request.toString())
                    .send();
            assertThat(answer.statusCode()).as("%s: %s", text, answer.body()).isEqualTo(200);
            List<JsonNode> chunks = (stream
                            ? Stream.of(answer.body().split("\n\n"))
                                    .map(event -> event.substring("data: ".length()))
                                    .filter(data -> !data.equals("[DONE]"))
                            : Stream.of(answer.body()))
                    .map(OllamaDoor::read)
                    .toList();
            String said = chunks.stream()
                    .map(chunk -> chunk.at(stream ? "/choices/0/delta/content" : "/choices/0/message/content")
                            .asText())
                    .collect(Collectors.joining());
            request.withArray("messages").addObject().put("role", "assistant").put("content", said);
            return new Answer(
                    said, chunks.get(chunks.size() - 1).path("ovos_status").asText());
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
