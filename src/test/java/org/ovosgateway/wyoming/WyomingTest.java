// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.WyomingClient;
import org.ovosgateway.testing.WyomingClient.Heard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What clients of the Wyoming protocol get, with the simulated assistant. */
class WyomingTest {

    private static final String FORMAT = "{\"rate\": 16000, \"width\": 2, \"channels\": 1}";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("home-assistant", "conversation:ask", "voice:transcribe", "voice:synthesize")
            .with("ovos.apis.wyoming.enabled", true)
            .with("ovos.apis.wyoming.port", 0)
            .with("ovos.apis.wyoming.user", "home-assistant");

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    private static WyomingClient connect() throws IOException {
        return new WyomingClient(gateway.property("local.apis.wyoming.port", int.class));
    }

    private static Heard say(String text) throws IOException {
        try (WyomingClient client = connect()) {
            return say(client, "{\"text\": \"" + text + "\"}");
        }
    }

    private static Heard say(WyomingClient client, String transcript) throws IOException {
        return client.send("transcript", transcript).read();
    }

    @Test
    void tellsItsServicesWithTheLanguagesOfTheAssistant() throws IOException {
        try (WyomingClient client = connect()) {
            Heard info = client.send("describe").read();

            assertThat(info.type()).isEqualTo("info");
            for (String service : List.of("handle/0/models", "asr/0/models", "tts/0/voices")) {
                JsonNode program = info.data().at("/" + service.substring(0, service.lastIndexOf('/')));
                JsonNode artifact = info.data().at("/" + service + "/0");
                for (JsonNode described : List.of(program, artifact)) {
                    assertThat(described.path("installed").asBoolean()).isTrue();
                    assertThat(described.path("name").asText()).isNotEmpty();
                    assertThat(described.path("description").asText()).isNotEmpty();
                    assertThat(described.path("version").asText()).isNotEmpty();
                    assertThat(described.at("/attribution/name").asText()).isEqualTo("Open Voice OS");
                    assertThat(described.at("/attribution/url").asText()).startsWith("https://");
                }
                assertThat(artifact.path("languages")).hasSize(1);
                assertThat(artifact.at("/languages/0").asText()).isEqualTo("en-US");
            }
            assertThat(info.data().path("wake")).isEmpty();
        }
    }

    @Test
    void repeatsTheTextOfAPing() throws IOException {
        try (WyomingClient client = connect()) {
            Heard pong = client.send("ping", "{\"text\": \"hello\"}").read();
            assertThat(pong.type()).isEqualTo("pong");
            assertThat(pong.text()).isEqualTo("hello");
            assertThat(client.send("ping").read().type()).isEqualTo("pong");
        }
    }

    @Test
    void tellsWhatASkillAnswers() throws IOException {
        Heard answer = say("say it twice");

        assertThat(answer.type()).isEqualTo("handled");
        assertThat(answer.text()).isEqualTo("first thing second thing third thing");
        assertThat(bus.frames("recognizer_loop:utterance")
                        .get(0)
                        .context()
                        .at("/session/session_id")
                        .asText())
                .isNotEqualTo("default");
        assertThat(bus.assistant().spoken()).isEmpty();
    }

    @Test
    void tellsWhatWasNotUnderstoodOrHasFailedWithWhatTheAssistantSays() throws IOException {
        for (String text : List.of("xyzzy", "make a boom")) {
            Heard answer = say(text);
            assertThat(answer.type()).isEqualTo("not-handled");
            assertThat(answer.text()).isNotEmpty();
        }
    }

    @Test
    void tellsWhyATextIsNotSaid() throws IOException {
        Heard answer = say("");

        assertThat(answer.type()).isEqualTo("not-handled");
        assertThat(answer.text()).contains("text");
    }

    @Test
    void takesTheDataInTheFirstLineToo() throws IOException {
        try (WyomingClient client = connect()) {
            client.raw("{\"type\":\"transcript\",\"data\":{\"text\":\"say it twice\"}}\n");
            assertThat(client.read().type()).isEqualTo("handled");
            client.raw(
                    "{\"type\":\"transcript\",\"data\":{\"text\":\"xyzzy\"},\"data_length\":23}\n{\"text\":\"say it twice\"}");
            assertThat(client.read().type()).isEqualTo("handled");
        }
    }

    @Test
    void goesOnWithTheConversationOfAClient() throws IOException {
        String context = ", \"context\": {\"conversation_id\": \"01HOME\"}}";
        try (WyomingClient client = connect()) {
            Heard question = say(client, "{\"text\": \"ask me a question\"" + context);
            assertThat(question.type()).isEqualTo("handled");
            assertThat(question.data().at("/context/conversation_id").asText()).isEqualTo("01HOME");
        }
        try (WyomingClient client = connect()) {
            Heard answer = say(client, "{\"text\": \"Ada\"" + context);
            assertThat(answer.type()).isEqualTo("handled");
            assertThat(answer.text()).contains("Ada");
        }
    }

    @Test
    void letsTheNextConnectionOfAnAddressAnswerAQuestion() throws IOException {
        Heard question = say("ask me a question");
        assertThat(question.type()).isEqualTo("handled");

        assertThat(say("Grace").text()).contains("Grace");
        // and that is over then
        assertThat(say("Grace").type()).isEqualTo("not-handled");
    }

    @Test
    void goesOnWithTheConversationOfAConnection() throws IOException {
        try (WyomingClient client = connect()) {
            String first = say(client, "{\"text\": \"say it twice\"}")
                    .data()
                    .at("/context/conversation_id")
                    .asText();
            String second = say(client, "{\"text\": \"stay silent\"}")
                    .data()
                    .at("/context/conversation_id")
                    .asText();

            assertThat(second).isEqualTo(first);
        }
    }

    @Test
    void understandsASound() throws IOException {
        byte[] samples = Sounds.wav("what time is it");
        try (WyomingClient client = connect()) {
            client.send("transcribe", "{\"language\": \"de-DE\"}").send("audio-start", FORMAT);
            for (int at = 0; at < samples.length; at += 1000) {
                client.send("audio-chunk", FORMAT, part(samples, at, 1000));
            }
            Heard transcript = client.send("audio-stop").read();

            assertThat(transcript.type()).isEqualTo("transcript");
            assertThat(transcript.text()).isEqualTo("what time is it");
            Message asked = bus.frames("recognizer_loop:b64_transcribe").get(0);
            assertThat(asked.data().path("lang").asText()).isEqualTo("de-DE");
            assertThat(asked.data().path("sample_rate").asInt()).isEqualTo(16_000);

            // one chunk alone, and no more events than that takes
            transcript = client.send("audio-chunk", FORMAT, Sounds.wav("hello"))
                    .send("audio-stop")
                    .read();
            assertThat(transcript.text()).isEqualTo("hello");
        }
    }

    @Test
    void understandsALongSoundThatIsOnDisk() throws IOException {
        byte[] samples = Sounds.wav("what time is it");
        byte[] silence = new byte[100_000];
        try (WyomingClient client = connect()) {
            client.send("transcribe").send("audio-start", FORMAT).send("audio-chunk", FORMAT, samples);
            for (int i = 0; i < 10; i++) {
                client.send("audio-chunk", FORMAT, silence);
            }
            assertThat(client.send("audio-stop").read().text()).isEqualTo("what time is it");
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> gateway.gauge("ovos.http.uploads") == 0);
    }

    @Test
    void tellsThatNobodySpeaksInASound() throws IOException {
        try (WyomingClient client = connect()) {
            Heard transcript = client.send("transcribe")
                    .send("audio-start", FORMAT)
                    .send("audio-chunk", FORMAT, new byte[2000])
                    .send("audio-stop")
                    .read();

            assertThat(transcript.type()).isEqualTo("transcript");
            assertThat(transcript.text()).isEmpty();

            transcript = client.send("audio-start", FORMAT).send("audio-stop").read();
            assertThat(transcript.type()).isEqualTo("transcript");
            assertThat(transcript.text()).isEmpty();
        }
    }

    @Test
    void makesSpeech() throws IOException {
        try (WyomingClient client = connect()) {
            client.send("synthesize", "{\"text\": \"hello world\", \"voice\": {\"name\": \"de-DE\"}}");

            Heard start = client.read();
            assertThat(start.type()).isEqualTo("audio-start");
            assertThat(start.data().path("rate").asInt()).isEqualTo(22_050);
            assertThat(start.data().path("width").asInt()).isEqualTo(2);
            assertThat(start.data().path("channels").asInt()).isEqualTo(1);
            ByteArrayOutputStream samples = new ByteArrayOutputStream();
            Heard next = client.read();
            for (; next.type().equals("audio-chunk"); next = client.read()) {
                assertThat(next.data().path("rate").asInt()).isEqualTo(22_050);
                samples.write(next.payload());
            }
            assertThat(next.type()).isEqualTo("audio-stop");
            assertThat(samples.size()).isGreaterThan(4000).isEven();
            Message asked = bus.frames("speak:b64_audio").get(0);
            assertThat(asked.data().path("utterance").asText()).isEqualTo("hello world");
            assertThat(asked.data().path("lang").asText()).isEqualTo("de-DE");
            assertThat(bus.assistant().spoken()).isEmpty();

            // the connection is good for more
            assertThat(client.send("ping").read().type()).isEqualTo("pong");
        }
    }

    @Test
    void mixesUpNothingOfSeveralClients() throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String text = i % 2 == 0 ? "say it twice" : "count to 3";
            answers.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return text + ": " + say(text).text();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get())
                    .matches("say it twice: first thing second thing third thing|count to 3: .*1.*2.*3.*");
        }
    }

    private static byte[] part(byte[] bytes, int from, int length) {
        return java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + length));
    }
}
