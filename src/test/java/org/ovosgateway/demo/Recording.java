// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What was said on the bus of a real assistant in one scenario.
 *
 * @param steps in their order: what was sent ({@code sent}), said into the microphone ({@code said}), waited for
 *     ({@code awaited}), and what the assistant sent
 */
record Recording(List<JsonNode> steps) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Path.of("src/test/resources/traffic");
    private static final String SUFFIX = ".jsonl";

    static Stream<String> scenarios(String line) {
        try (Stream<Path> files = Files.list(FOLDER.resolve(line))) {
            return files.map(file -> file.getFileName().toString().replace(SUFFIX, "")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Recording of(String line, String scenario) throws IOException {
        List<JsonNode> steps = new ArrayList<>();
        for (String step : Files.readAllLines(FOLDER.resolve(line).resolve(scenario + SUFFIX))) {
            steps.add(JSON.readTree(step));
        }
        return new Recording(steps);
    }

    /** What the assistant sent. */
    List<Message> messages() {
        return steps.stream()
                .filter(step -> step.has("type") && !step.has("sent"))
                .map(Recording::message)
                .toList();
    }

    boolean has(String type) {
        return messages().stream().anyMatch(message -> message.type().equals(type));
    }

    static Message message(JsonNode step) {
        return new Message(
                step.get("type").textValue(),
                ((ObjectNode) step.get("data")).deepCopy(),
                ((ObjectNode) step.get("context")).deepCopy());
    }
}
