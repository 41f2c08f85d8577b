// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A message of a button as the fact sheet has it, and the presses it means. */
record Fixture(Family family, Map<?, ?> content) {

    static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    private static final Path FOLDER = Path.of("src/test/resources/buttons");

    /** All of {@code src/test/resources/buttons}, a file for each family. */
    static Stream<Fixture> all() {
        return Arrays.stream(Family.values()).flatMap(Fixture::of);
    }

    private static Stream<Fixture> of(Family family) {
        try {
            String text = Files.readString(FOLDER.resolve(family + ".yaml"));
            var yaml = (List<?>)
                    new Load(LoadSettings.builder().setLabel(family.toString()).build()).loadFromString(text);
            return yaml.stream().map(content -> new Fixture(family, (Map<?, ?>) content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of a sample; null if the message stands here. */
    String sample() {
        return (String) content.get("sample");
    }

    String topic() {
        return sample() == null
                ? (String) content.get("topic")
                : Samples.get(sample()).orElseThrow().topic();
    }

    String payload() {
        return sample() == null
                ? (String) content.get("payload")
                : Samples.get(sample()).orElseThrow().payload();
    }

    String unreadable() {
        return (String) content.get("unreadable");
    }

    Received message() {
        return new Received(topic(), payload().getBytes(StandardCharsets.UTF_8), NOW);
    }

    Decoder decoder() {
        return family.decoder((String) content.get("path"), (String) content.get("values"));
    }

    /** What is expected, as {@link Press#toMap}; the time of reception where none is written. */
    List<Map<String, Object>> presses() {
        return ((List<?>) content.get("presses"))
                .stream()
                        .map(press -> {
                            Map<String, Object> expected = new LinkedHashMap<>();
                            ((Map<?, ?>) press).forEach((key, value) -> expected.put((String) key, value));
                            if (expected.getOrDefault("at", "received").equals("received")) {
                                expected.put("at", NOW.toString());
                            }
                            return expected;
                        })
                        .toList();
    }

    boolean tellsTime() {
        return ((List<?>) content.get("presses")).stream().allMatch(press -> ((Map<?, ?>) press).containsKey("at"));
    }

    @Override
    public String toString() {
        return family + ": " + content.get("about");
    }
}
