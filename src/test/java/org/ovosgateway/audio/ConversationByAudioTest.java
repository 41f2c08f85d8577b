// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Questions that are sounds, answers that are speech, and several questions at once. */
class ConversationByAudioTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port);

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @Test
    void answersAQuestionThatIsASound() {
        JsonNode answer = asked("say it twice").answers(200);

        assertThat(answer.path("text").asText()).isEqualTo("say it twice");
        assertThat(answer.at("/outcome/status").asText()).isEqualTo("complete");
        assertThat(answer.at("/outcome/answers/0/text").asText()).isEqualTo("first thing");
    }

    @Test
    void answersWithSpeechOfAllThatWasSaid() {
        byte[] speech = asked("say it twice").header("Accept", "audio/*").answersBytes(200, "audio/wav");

        assertThat(Sounds.text(speech)).isEqualTo("first thing second thing third thing");
        assertThat(bus.assistant().spoken()).isEmpty();
    }

    @Test
    void answersWithBoth() {
        String both =
                asked("say it twice").header("Accept", "multipart/mixed").send().body();

        assertThat(both)
                .containsSubsequence(
                        "Content-Type: application/json",
                        "\"text\":\"say it twice\"",
                        "Content-Type: audio/wav",
                        "RIFF");
    }

    @Test
    void answersWithTextWhereThereIsNothingToSay() {
        JsonNode answer = asked("stay silent").header("Accept", "audio/*").answers(200);

        assertThat(answer.at("/outcome/answers")).isEmpty();
    }

    @Test
    void goesOnWithAConversation() {
        String conversation =
                asked("ask my name").answers(200).at("/outcome/conversation_id").asText();

        JsonNode answer = gateway.call("POST", "/v1/conversation/audio?conversation_id=" + conversation)
                .body("audio/wav", Sounds.wav("Ada"))
                .answers(200);

        assertThat(answer.at("/outcome/conversation_id").asText()).isEqualTo(conversation);
        assertThat(answer.at("/outcome/status").asText()).isEqualTo("complete");
    }

    @Test
    void saysThatNothingWasUnderstood() {
        asked("").isRefused(422, "nothing-understood");

        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @Test
    void answersSeveralQuestionsInTheirOrder() {
        JsonNode answers = gateway.call("POST", "/v1/conversation/batch")
                .json("[{\"text\": \"say it twice\"}, {\"text\": \"go on\", \"conversation_id\": \"nobody-knows\"},"
                        + " {\"text\": \"xyzzy\"}, {\"text\": \"hello\"}]")
                .answers(200);

        assertThat(answers).hasSize(4);
        assertThat(answers.at("/0/outcome/answers/0/text").asText()).isEqualTo("first thing");
        assertThat(answers.get(1).has("outcome")).isFalse();
        assertThat(answers.at("/1/problem/type").asText()).isEqualTo("urn:ovos-gateway:unknown-conversation");
        assertThat(answers.at("/2/outcome/status").asText()).isEqualTo("not_understood");
        assertThat(answers.at("/3/outcome/answers/0/text").asText()).isEqualTo("Hello human");
    }

    @Test
    void answersSeveralSoundsInTheirOrder() {
        JsonNode answers = batch(
                        Sounds.wav("say it twice"),
                        "no sound".getBytes(StandardCharsets.UTF_8),
                        Sounds.wav(""),
                        Sounds.wav("hello"))
                .answers(200);

        assertThat(answers).hasSize(4);
        assertThat(answers.at("/0/text").asText()).isEqualTo("say it twice");
        assertThat(answers.at("/0/outcome/answers/0/text").asText()).isEqualTo("first thing");
        assertThat(answers.at("/1/problem/type").asText()).isEqualTo("urn:ovos-gateway:unsupported-media-type");
        assertThat(answers.at("/2/problem/type").asText()).isEqualTo("urn:ovos-gateway:nothing-understood");
        assertThat(answers.at("/3/outcome/answers/0/text").asText()).isEqualTo("Hello human");
    }

    @Test
    void takesTwentySoundsAtOnceAndNoMore() {
        byte[][] sounds = new byte[21][];
        Arrays.fill(sounds, Sounds.wav("say it twice"));

        assertThat(batch(Arrays.copyOf(sounds, 20)).answers(200))
                .hasSize(20)
                .allSatisfy(answer ->
                        assertThat(answer.at("/outcome/status").asText()).isEqualTo("complete"));
        batch(sounds).isRefused(422, "validation");
        gateway.call("POST", "/v1/conversation/batch")
                .json("[{\"text\": \"%s\"}]".formatted("x".repeat(2_000_000)))
                .isRefused(413, "content-too-large");
    }

    private static Gateway.Call batch(byte[]... sounds) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (byte[] sound : sounds) {
            form.writeBytes(("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
                            + "Content-Type: audio/wav\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            form.writeBytes(sound);
            form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        form.writeBytes("--cut--\r\n".getBytes(StandardCharsets.UTF_8));
        return gateway.call("POST", "/v1/conversation/batch")
                .body("multipart/form-data; boundary=cut", form.toByteArray());
    }

    private static Gateway.Call asked(String text) {
        return gateway.call("POST", "/v1/conversation/audio").body("audio/wav", Sounds.wav(text));
    }
}
