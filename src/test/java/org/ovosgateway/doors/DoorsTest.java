// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.Json;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** The same hundred utterances through every door give the same text and the same verdict as {@code POST /v1/conversation}. */
class DoorsTest {

    /** A door is added here, and nowhere else. */
    private static final List<Door> DOORS = List.of(
            OllamaDoor.whole(),
            OllamaDoor.lines(),
            OllamaDoor.prompts(),
            OpenAiDoor.whole(),
            OpenAiDoor.events(),
            AvsDoor.speech(),
            new KalliopeDoor(),
            new WyomingDoor());

    /** A conversation a line: the texts of the user. */
    private static final Path UTTERANCES = Path.of("src/test/resources/doors/utterances.jsonl");

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speech(Duration.ofMillis(20)));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port);

    static {
        DOORS.forEach(door -> door.enable(gateway));
    }

    private static final List<List<String>> CHATS = new ArrayList<>();
    private static final List<List<Door.Answer>> EXPECTED = new ArrayList<>();

    @BeforeAll
    static void askTheApi() throws Exception {
        for (String line : Files.readAllLines(UTTERANCES)) {
            CHATS.add(StreamSupport.stream(Json.PLAIN.readTree(line).spliterator(), false)
                    .map(JsonNode::textValue)
                    .toList());
        }
        assertThat(CHATS.stream().mapToInt(List::size).sum()).isGreaterThanOrEqualTo(100);
        gateway.awaitBus();
        for (List<String> chat : CHATS) {
            String id = null;
            List<Door.Answer> answers = new ArrayList<>();
            for (String text : chat) {
                ObjectNode body =
                        Json.PLAIN.createObjectNode().put("text", text).put("conversation_id", id);
                JsonNode outcome = gateway.call("POST", "/v1/conversation")
                        .json((id == null ? body.without("conversation_id") : body).toString())
                        .answers(200);
                id = outcome.path("conversation_id").asText();
                String all = StreamSupport.stream(outcome.path("answers").spliterator(), false)
                        .map(answer -> answer.path("text").asText())
                        .collect(Collectors.joining(" "));
                answers.add(new Door.Answer(all, outcome.path("status").asText()));
            }
            EXPECTED.add(answers);
        }
    }

    static List<Door> doors() {
        return DOORS;
    }

    @ParameterizedTest
    @MethodSource("doors")
    void saysWhatTheApiSays(Door door) throws Exception {
        gateway.awaitBus();
        List<String> said = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < CHATS.size(); i++) {
            try (Door.Chat chat = door.begin(gateway)) {
                for (int j = 0; j < CHATS.get(i).size(); j++) {
                    String text = CHATS.get(i).get(j);
                    Door.Answer wanted = EXPECTED.get(i).get(j);
                    said.add(line(text, chat.say(text)));
                    expected.add(line(
                            text,
                            new Door.Answer(
                                    door.text(wanted.verdict(), wanted.text()), door.verdict(wanted.verdict()))));
                }
            }
        }

        assertThat(said).containsExactlyElementsOf(expected);
    }

    /** Without what is another one a minute later. */
    private static String line(String text, Door.Answer answer) {
        String plain = answer.text()
                .strip()
                .replaceAll("\\s+", " ")
                .replaceAll("^It is (\\d\\d:\\d\\d|\\w+, \\w+ \\d+, \\d+)$", "It is <now>");
        return "%s -> %s (%s)".formatted(text, plain, answer.verdict());
    }
}
