// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.chat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Json;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The assistant as a chat model of Ollama and of OpenAI, by raw requests. */
class ChatModelsTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speech(Duration.ofMillis(20)));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.apis.ollama.enabled", true)
            .with("ovos.apis.openai.enabled", true)
            .with("ovos.audio.ffmpeg", "/nowhere/ffmpeg")
            .with("ovos.devices.kitchen.host", "127.0.0.1")
            .with("ovos.devices.kitchen.port", bus::port)
            .user("ada", "conversation:ask")
            .user("bob", "voice:speak")
            .user("eve")
            .devices("eve", "default");

    /** The two doors, where they differ. */
    enum Door {
        OLLAMA("/ollama/api/chat", "/message/content"),
        OPENAI("/openai/v1/chat/completions", "/choices/0/message/content");

        private final String path;
        private final String content;

        Door(String path, String content) {
            this.path = path;
            this.content = content;
        }

        Gateway.Call call(ObjectNode request) {
            return gateway.call("POST", path).json(request.toString());
        }

        String say(ObjectNode request) {
            return call(request).answers(200).at(content).asText();
        }

        String message(JsonNode failure) {
            return failure.at(this == OLLAMA ? "/error" : "/error/message").asText();
        }
    }

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    /** Texts of the user and of the assistant in turn. */
    private static ObjectNode chat(String... texts) {
        ObjectNode request = Json.PLAIN.createObjectNode().put("model", "ovos").put("stream", false);
        ArrayNode messages = request.putArray("messages");
        for (int i = 0; i < texts.length; i++) {
            messages.addObject().put("role", i % 2 == 0 ? "user" : "assistant").put("content", texts[i]);
        }
        return request;
    }

    private static JsonNode json(String text) {
        try {
            return Json.PLAIN.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @ParameterizedTest
    @EnumSource
    void saysTheLastMessageOfTheUser(Door door) {
        ObjectNode request = chat("what is the weather", "I do not know", "say it twice");
        ((ArrayNode) request.get("messages"))
                .insertObject(0)
                .put("role", "system")
                .put("content", "Be a pirate.");
        request.putArray("tools").addObject().put("type", "function");

        assertThat(door.say(request)).isEqualTo("first thing\nsecond thing\nthird thing");
        assertThat(bus.frames("recognizer_loop:utterance"))
                .singleElement()
                .satisfies(said ->
                        assertThat(said.data().at("/utterances/0").asText()).isEqualTo("say it twice"));
    }

    @ParameterizedTest
    @EnumSource
    void takesTheNextMessageForTheAnswerToAQuestion(Door door) {
        assertThat(door.say(chat("ask my name"))).isEqualTo("What is your name?");

        assertThat(door.say(chat("ask my name", "What is your name?", "Ada"))).isEqualTo("Nice to meet you, Ada");
    }

    @ParameterizedTest
    @EnumSource
    void keepsChatsApartThatHaveBegunAlike(Door door) {
        door.say(chat("ask my name"));
        door.say(chat("ask my name"));

        assertThat(door.say(chat("ask my name", "What is your name?", "Ada"))).isEqualTo("Nice to meet you, Ada");
        assertThat(door.say(chat("ask my name", "What is your name?", "Bob"))).isEqualTo("Nice to meet you, Bob");
        assertThat(door.say(chat("ask my name", "What is your name?", "Eve"))).isEqualTo("I don't understand");
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheChatsOfUsersApart(Door door) {
        door.say(chat("ask my name"));
        door.call(chat("ask my name").put("conversation_id", "one")).answers(200);

        assertThat(door.call(chat("ask my name", "What is your name?", "Bob"))
                        .as("ada")
                        .answers(200)
                        .at(door.content))
                .hasToString("\"I don't understand\"");
        assertThat(door.call(chat("Bob").put("conversation_id", "one"))
                        .as("ada")
                        .answers(200)
                        .at(door.content))
                .hasToString("\"I don't understand\"");
        assertThat(door.say(chat("ask my name", "What is your name?", "Ada"))).isEqualTo("Nice to meet you, Ada");
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithTheChatOfTheNameThatTheProgramGives(Door door) {
        String name = "chat of " + door;
        door.say(chat("ask my name").put("conversation_id", name));

        assertThat(door.say(chat("Ada").put("conversation_id", name))).isEqualTo("Nice to meet you, Ada");
        assertThat(door.say(chat("ask my name").put("conversation_id", name))).isEqualTo("What is your name?");
        assertThat(door.say(chat("Bob").put("conversation_id", name))).isEqualTo("Nice to meet you, Bob");
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatCameOfIt(Door door) {
        assertThat(status(door, "what time is it")).isEqualTo("complete");
        assertThat(status(door, "xyzzy")).isEqualTo("not_understood");
        assertThat(status(door, "make a boom")).isEqualTo("failed");
        assertThat(status(door, "ask my name")).isEqualTo("waiting_for_answer");
        assertThat(status(door, "stop")).isEqualTo("cancelled");
        assertThat(door.say(chat("stay silent"))).isEmpty();
    }

    private static String status(Door door, String text) {
        return door.call(chat(text)).answers(200).path("ovos_status").asText();
    }

    @Test
    void streamsLinesOfJsonToOllama() {
        ObjectNode request = chat("say it twice");
        request.remove("stream");
        HttpResponse<String> answer = Door.OLLAMA.call(request).send();

        assertThat(header(answer, "Content-Type")).isEqualTo("application/x-ndjson");
        List<JsonNode> lines = answer.body().lines().map(ChatModelsTest::json).toList();
        assertThat(lines).hasSize(4);
        assertThat(lines)
                .extracting(line -> line.at("/message/content").asText())
                .containsExactly("first thing", "\nsecond thing", "\nthird thing", "");
        assertThat(lines).extracting(line -> line.path("done").asBoolean()).containsExactly(false, false, false, true);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.path("model").asText()).isEqualTo("ovos"));
        assertThat(lines.get(3).path("done_reason").asText()).isEqualTo("stop");
        assertThat(lines.get(3).path("total_duration").asLong()).isPositive();
        assertThat(lines.get(3).path("eval_count").asInt()).isEqualTo(6);
    }

    @Test
    void streamsEventsToOpenAi() {
        ObjectNode request = chat("say it twice").put("stream", true);
        request.putObject("stream_options").put("include_usage", true);
        HttpResponse<String> answer = Door.OPENAI.call(request).send();

        assertThat(header(answer, "Content-Type")).isEqualTo("text/event-stream");
        List<String> events = new ArrayList<>(List.of(answer.body().split("\n\n")));
        assertThat(events).allSatisfy(event -> assertThat(event).startsWith("data: "));
        assertThat(events.remove(events.size() - 1)).isEqualTo("data: [DONE]");
        List<JsonNode> chunks =
                events.stream().map(event -> json(event.substring(6))).toList();
        assertThat(chunks)
                .allSatisfy(chunk -> {
                    assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
                    assertThat(chunk.path("id").asText()).startsWith("chatcmpl-");
                })
                .extracting(chunk -> chunk.at("/choices/0/delta/content").asText())
                .containsExactly("", "first thing", "\nsecond thing", "\nthird thing", "", "");
        assertThat(chunks.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        assertThat(chunks.get(4).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(chunks.get(5).at("/usage/total_tokens").asInt()).isEqualTo(9);
    }

    @Test
    void answersOpenAiAsAWhole() {
        JsonNode answer = Door.OPENAI.call(chat("say it twice")).answers(200);

        assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.path("created").asLong()).isPositive();
        assertThat(answer.at("/choices/0/message/role").asText()).isEqualTo("assistant");
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(6);
    }

    @Test
    void takesAMessageInParts() {
        ObjectNode request = chat();
        ArrayNode parts = ((ArrayNode) request.get("messages"))
                .addObject()
                .put("role", "user")
                .putArray("content");
        parts.addObject().put("type", "text").put("text", "say it");
        parts.addObject().put("type", "image_url").putObject("image_url").put("url", "https://example.org/x.png");
        parts.addObject().put("type", "text").put("text", "twice");

        assertThat(Door.OPENAI.say(request)).startsWith("first thing");
    }

    @Test
    void generatesAndGoesOnWithTheContext() {
        ObjectNode request =
                Json.PLAIN.createObjectNode().put("model", "ovos:latest").put("prompt", "ask my name");
        List<JsonNode> lines =
                generate(request).body().lines().map(ChatModelsTest::json).toList();
        assertThat(lines.get(0).path("response").asText()).isEqualTo("What is your name?");
        assertThat(lines.get(1).path("context")).hasSize(16);

        request.put("prompt", "Ada")
                .put("stream", false)
                .set("context", lines.get(1).path("context"));
        assertThat(json(generate(request).body()).path("response").asText()).isEqualTo("Nice to meet you, Ada");

        request.put("prompt", "say it twice").putArray("context").add(1).add(2);
        assertThat(json(generate(request).body()).path("response").asText()).startsWith("first thing");
    }

    private static HttpResponse<String> generate(ObjectNode request) {
        HttpResponse<String> answer = gateway.call("POST", "/ollama/api/generate")
                .json(request.toString())
                .send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    @Test
    void saysToOllamaThatAModelIsReady() {
        JsonNode ready = Door.OLLAMA.call(chat()).answers(200);
        assertThat(ready.path("done_reason").asText()).isEqualTo("load");
        assertThat(ready.path("done").asBoolean()).isTrue();
        assertThat(json(generate(Json.PLAIN.createObjectNode().put("model", "ovos"))
                                .body())
                        .path("done_reason")
                        .asText())
                .isEqualTo("load");
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @Test
    void listsTheModelsThatAUserMayUse() {
        JsonNode tags = gateway.call("GET", "/ollama/api/tags").answers(200);
        assertThat(tags.at("/models"))
                .extracting(model -> model.path("model").asText())
                .containsExactly("ovos:latest", "ovos:kitchen");
        assertThat(gateway.call("GET", "/ollama/api/ps").answers(200)).isEqualTo(tags);
        assertThat(gateway.call("GET", "/openai/v1/models").answers(200).path("data"))
                .extracting(model -> model.path("id").asText())
                .containsExactly("ovos", "ovos:kitchen");
        assertThat(gateway.call("GET", "/openai/v1/models")
                        .as("eve")
                        .answers(200)
                        .path("data"))
                .extracting(model -> model.path("id").asText())
                .containsExactly("ovos");
        assertThat(gateway.call("GET", "/openai/v1/models/ovos:kitchen")
                        .answers(200)
                        .path("id")
                        .asText())
                .isEqualTo("ovos:kitchen");
        assertThat(gateway.call("POST", "/ollama/api/show")
                        .json("{\"model\": \"ovos\"}")
                        .answers(200)
                        .path("capabilities"))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void saysItToTheDeviceThatTheModelNames(Door door) {
        assertThat(door.say(chat("say it twice").put("model", "ovos:kitchen"))).startsWith("first thing");
        assertThat(door.call(chat("hi").put("model", "ovos:kitchen")).as("eve").answers(404))
                .isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesAModelThatIsNotThereInItsOwnForm(Door door) {
        for (String model : List.of("gpt-4", "ovos:cellar", "ovos:", "ovos:default:x", "x".repeat(200))) {
            JsonNode failure = door.call(chat("hi").put("model", model)).answers(404);
            assertThat(door.message(failure))
                    .startsWith("There is no model '")
                    .endsWith("there are ovos, ovos:kitchen.");
        }
        assertThat(gateway.call("GET", "/openai/v1/models/gpt-4")
                        .answers(404)
                        .at("/error/code")
                        .asText())
                .isEqualTo("unknown-model");
        gateway.call("POST", "/ollama/api/show").json("{\"name\": \"llama3\"}").answers(404);
        gateway.call("POST", "/ollama/api/show").json("{}").answers(400);
    }

    @ParameterizedTest
    @EnumSource
    void letsNobodyInWithoutTokenOrScope(Door door) {
        HttpResponse<String> refused = door.call(chat("hi")).anonymous().send();
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(door.message(json(refused.body()))).isNotEmpty();
        assertThat(header(refused, "WWW-Authenticate")).startsWith("Bearer");
        assertThat(door.message(door.call(chat("hi")).as("bob").answers(403))).contains("conversation:ask");
        assertThat(door.message(door.call(chat("hi")).token("sk-1234").answers(401)))
                .isNotEmpty();
        String token = gateway.permatoken("{\"name\": \"" + door + "\", \"scopes\": [\"conversation:ask\"]}")
                .path("token")
                .asText();
        door.call(chat("hi")).token(token).answers(200);
    }

    @Test
    void looksAtNoTypeWhereOllamaLooksAtNone() {
        byte[] request = "{\"model\": \"ovos\", \"stream\": false, \"prompt\": \"say it twice\"}".getBytes(UTF_8);
        var asByCurl = gateway.call("POST", "/ollama/api/generate").body("application/x-www-form-urlencoded", request);
        assertThat(asByCurl.answers(200).path("done").asBoolean()).isTrue();

        byte[] noJson = "model=ovos".getBytes(UTF_8);
        gateway.call("POST", "/ollama/api/generate")
                .body("application/x-www-form-urlencoded", noJson)
                .answers(400);
    }

    @Test
    void saysToWhoProbesThatItIsAnOllama() {
        HttpResponse<String> probe = gateway.call("GET", "/ollama/").anonymous().send();
        assertThat(probe.statusCode()).isEqualTo(200);
        assertThat(probe.body()).isEqualTo("Ollama is running");
        assertThat(header(probe, "Content-Type")).startsWith("text/plain");
        assertThat(gateway.call("HEAD", "/ollama/").anonymous().send().statusCode())
                .isEqualTo(200);
        assertThat(gateway.call("GET", "/ollama/api/version")
                        .answers(200)
                        .path("version")
                        .asText())
                .matches("\\d+\\.\\d+\\.\\d+");
        assertThat(gateway.call("POST", "/ollama/api/pull")
                        .json("{}")
                        .answers(404)
                        .path("error")
                        .asText())
                .isNotEmpty();
    }

    @Test
    void makesSpeechOfATextForOpenAi() {
        byte[] sound = speech("wav").answersBytes(200, "audio/wav");
        assertThat(Sounds.text(sound)).isEqualTo("dinner is ready");
        assertThat(speech("pcm").answersBytes(200, "audio/pcm;rate=24000;channels=1").length)
                .isPositive()
                .isEven();
        JsonNode failure = speech("mp3").answers(501);
        assertThat(failure.at("/error/code").asText()).isEqualTo("transcoder-missing");
        assertThat(failure.at("/error/message").asText()).contains("ffmpeg");
        assertThat(speech("mp3").as("ada").answers(403).at("/error/message").asText())
                .contains("voice:synthesize");
        gateway.call("POST", "/openai/v1/audio/speech")
                .json("{\"input\": \"hi\", \"model\": \"ovos-tts\", \"response_format\": \"wav\"}")
                .answersBytes(200, "audio/wav");
        for (String body : List.of(
                "{}",
                "{\"input\": \"\"}",
                "{\"input\": 7}",
                "{\"input\": \"hi\", \"response_format\": \"midi\"}",
                "{\"input\": \"hi\", \"stream_format\": \"sse\"}",
                "{\"input\": \"%s\"}".formatted("x".repeat(4_001)))) {
            gateway.call("POST", "/openai/v1/audio/speech").json(body).answers(400);
        }
        gateway.call("POST", "/openai/v1/audio/speech")
                .json("{\"input\": \"hi\", \"model\": \"ovos:cellar\"}")
                .answers(404);
    }

    private static Gateway.Call speech(String format) {
        return gateway.call("POST", "/openai/v1/audio/speech")
                .json(
                        "{\"model\": \"tts-1\", \"voice\": \"alloy\", \"input\": \"dinner is ready\", \"response_format\": \"%s\"}"
                                .formatted(format));
    }

    @Test
    void turnsSpeechIntoTextForOpenAi() {
        byte[] sound = Sounds.wav("what time is it");
        assertThat(transcription(sound, "model", "whisper-1")
                        .answers(200)
                        .path("text")
                        .asText())
                .isEqualTo("what time is it");
        HttpResponse<String> text = transcription(
                        sound, "response_format", "text", "language", "en", "temperature", "0")
                .send();
        assertThat(text.body()).isEqualTo("what time is it\n");
        assertThat(header(text, "Content-Type")).startsWith("text/plain");
        assertThat(transcription(new byte[100]).answers(415).at("/error/code").asText())
                .isEqualTo("unsupported-media-type");
        assertThat(transcription(sound, "response_format", "srt")
                        .answers(400)
                        .at("/error/message")
                        .asText())
                .startsWith("response_format");
        transcription(sound, "stream", "true").answers(400);
        transcription(sound, "language", "no language").answers(400);
        transcription(sound, "model", "ovos:cellar").answers(404);
        transcription(sound).as("ada").answers(403);
        gateway.call("POST", "/openai/v1/audio/transcriptions").json("{}").answers(415);
        gateway.call("POST", "/openai/v1/audio/transcriptions")
                .body("multipart/form-data; boundary=x", "--x\r\n".getBytes())
                .answers(400);
    }

    /** A form with a file and these fields. */
    private static Gateway.Call transcription(byte[] sound, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append("--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                    .formatted(fields[i], fields[i + 1]));
        }
        form.append("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n");
        form.append(new String(sound, ISO_8859_1)).append("\r\n--x--\r\n");
        return gateway.call("POST", "/openai/v1/audio/transcriptions")
                .body("multipart/form-data; boundary=x", form.toString().getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @EnumSource
    void tellsInItsOwnFormThatTheAssistantIsAway(Door door) {
        bus.kill();
        try {
            gateway.awaitNoBus();
            HttpResponse<String> answer = door.call(chat("hi")).send();
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(door.message(json(answer.body()))).isNotEmpty();
            // a skill may have begun before the bus was lost, and must not act twice
            assertThat(header(answer, "x-should-retry")).isEqualTo(door == Door.OPENAI ? "false" : "");
        } finally {
            bus.restart();
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithTheSameConversationAfterACallThatHasFailed(Door door) {
        door.say(chat("say it twice"));
        ObjectNode next = chat("say it twice", "first thing\nsecond thing\nthird thing", "make a boom");
        bus.kill();
        try {
            gateway.awaitNoBus();
            door.call(next).answers(503);
        } finally {
            bus.restart();
        }
        gateway.awaitBus();
        door.say(next);

        assertThat(bus.frames("recognizer_loop:utterance"))
                .extracting(Message::sessionId)
                .hasSize(2)
                .satisfies(sessions -> assertThat(sessions.get(1)).isEqualTo(sessions.get(0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{",
                "\"hi\"",
                "{\"model\": null, \"messages\": []}",
                "{\"model\": 7, \"messages\": []}",
                "{\"model\": \"ovos\", \"messages\": \"hi\"}",
                "{\"model\": \"ovos\", \"messages\": [\"hi\"]}",
                "{\"model\": \"ovos\", \"messages\": [null]}",
                "{\"model\": \"ovos\", \"messages\": [{}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": 7, \"content\": \"hi\"}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": \"assistant\", \"content\": \"hi\"}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": \"user\", \"content\": \"  \"}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": \"user\", \"content\": {\"text\": \"hi\"}}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": \"user\", \"content\": [[[]]]}]}",
                "{\"model\": \"ovos\", \"messages\": [{\"role\": \"user\", \"content\": [{\"text\": 7}, null, {}]}]}",
                "{\"model\": \"ovos\", \"stream\": \"yes\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
                "{\"model\": \"ovos\", \"conversation_id\": [1], \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
            })
    void refusesWhatIsNoChat(String body) {
        for (Door door : Door.values()) {
            HttpResponse<String> answer =
                    gateway.call("POST", door.path).json(body).send();
            assertThat(answer.statusCode()).as("%s: %s", door, answer.body()).isEqualTo(400);
            assertThat(door.message(json(answer.body()))).isNotEmpty();
        }
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsTooMuch(Door door) {
        assertThat(door.call(chat("x".repeat(4_001))).send().statusCode()).isEqualTo(400);
        assertThat(door.call(chat("hi", "y".repeat(2 << 20), "hi")).send().statusCode())
                .isEqualTo(413);
        assertThat(door.call(chat(new String[1_001])).send().statusCode()).isEqualTo(400);
        assertThat(door.call(chat("hi").put("conversation_id", "x".repeat(129)))
                        .send()
                        .statusCode())
                .isEqualTo(400);
        assertThat(gateway.call("POST", door.path)
                        .json("{\"model\": \"ovos\", \"messages\": " + "[".repeat(1_000) + "]".repeat(1_000) + "}")
                        .send()
                        .statusCode())
                .isEqualTo(400);
        assertThat(gateway.call("POST", door.path)
                        .body("text/plain", "hi".getBytes())
                        .send()
                        .statusCode())
                .isIn(400, 415);
        assertThat(gateway.call("PUT", door.path).json("{}").send().statusCode())
                .isEqualTo(405);
    }
}
