// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Sounds that callers send and get. */
class AudioRoutesTest {

    private static final String UNDERSTOOD =
            "{\"transcriptions\": [{\"text\": \"what time is it\", \"confidence\": 1.0}], \"lang\": \"en-US\"}";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).with("ovos.assistant.check-interval", "200ms");

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @AfterEach
    void switchOn() {
        for (AssistantPart part : AssistantPart.values()) {
            bus.assistant().switchOn(part);
        }
    }

    @Test
    void understandsABody() {
        transcription(Sounds.wav("what time is it")).answers(200, UNDERSTOOD);

        Message asked = bus.frames("recognizer_loop:b64_transcribe").get(0);
        assertThat(asked.data().fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("audio", "sample_rate", "sample_width");
        assertThat(asked.data().path("sample_rate").asInt()).isEqualTo(22_050);
        assertThat(asked.data().path("sample_width").asInt()).isEqualTo(2);
    }

    @Test
    void understandsAFileOfAForm() {
        gateway.call("POST", "/v1/voice/transcription?lang=de-de")
                .body("multipart/form-data; boundary=b", form("file", Sounds.wav("wie spät ist es")))
                .answers(
                        200,
                        "{\"transcriptions\": [{\"text\": \"wie spät ist es\", \"confidence\": 1.0}], \"lang\": \"de-de\"}");
    }

    @Test
    void understandsNothingWhereNobodySpeaks() {
        transcription(Sounds.wav("")).answers(200, "{\"transcriptions\": [], \"lang\": \"en-US\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"what time is it", "{\"audio\": \"UklGRg==\"}", "RIFF0000AVI LIST", "\u0000\u0000\u0000\u0000"})
    void refusesWhatIsNoSound(String body) {
        transcription(body.getBytes(UTF_8)).isRefused(415, "unsupported-media-type");
        gateway.call("POST", "/v1/voice/sound")
                .body("audio/mpeg", body.getBytes(UTF_8))
                .isRefused(415, "unsupported-media-type");

        assertThat(bus.frames("recognizer_loop:b64_transcribe")).isEmpty();
        assertThat(bus.frames("mycroft.audio.play_sound")).isEmpty();
    }

    @Test
    void refusesAWavWithoutSamples() {
        byte[] header = Arrays.copyOf(Sounds.wav(""), 44);

        transcription(header).isRefused(422, "validation");
    }

    @Test
    void refusesABodyWithoutASound() {
        transcription(new byte[0]).isRefused(422, "validation");
        gateway.call("POST", "/v1/voice/transcription")
                .body("multipart/form-data; boundary=b", form("sound", Sounds.wav("hello")))
                .isRefused(422, "validation");
        gateway.call("POST", "/v1/voice/transcription").json("{}").isRefused(415, "unsupported-media-type");
    }

    @Test
    void tellsAtOnceThatAPartIsNotThere() {
        bus.assistant().switchOff(AssistantPart.LISTENER);
        bus.assistant().switchOff(AssistantPart.AUDIO);

        assertThat(transcription(Sounds.wav("hello"))
                        .isRefused(504, "bus-timeout")
                        .path("detail")
                        .asText())
                .contains("recognizer_loop:state.get");
        for (Gateway.Call call : List.of(
                gateway.call("POST", "/v1/voice/synthesis").json("{\"text\": \"hello\"}"),
                gateway.call("POST", "/v1/voice/sound").body("audio/wav", Sounds.wav("hello")),
                gateway.call("POST", "/v1/voice/sound?queue=true").body("audio/wav", Sounds.wav("hello")))) {
            assertThat(call.isRefused(504, "bus-timeout").path("detail").asText())
                    .contains("mycroft.audio.speak.status");
        }
    }

    @Test
    void makesSpeechThatNobodyHears() {
        byte[] speech = gateway.call("POST", "/v1/voice/synthesis")
                .json("{\"text\": \"hello world\", \"lang\": \"de-DE\"}")
                .answersBytes(200, "audio/wav");

        assertThat(Sounds.text(speech)).isEqualTo("hello world");
        assertThat(bus.assistant().spoken()).doesNotContain("hello world");
        Message asked = bus.frames("speak:b64_audio").get(0);
        assertThat(asked.data())
                .isEqualTo(Message.object().put("utterance", "hello world").put("lang", "de-DE"));
        assertThat(asked.sessionId()).isNotEqualTo("default");
        assertThat(asked.context().at("/session/lang").asText()).isEqualTo("de-DE");
        assertThat(asked.context().path("destination").asText()).isEqualTo("skills");
    }

    @Test
    void makesSpeechInTheLanguageOfTheAssistant() {
        gateway.call("POST", "/v1/voice/synthesis")
                .json("{\"text\": \"hello\"}")
                .answersBytes(200, "audio/wav");

        Message asked = bus.frames("speak:b64_audio").get(0);
        assertThat(asked.data()).isEqualTo(Message.object().put("utterance", "hello"));
        assertThat(asked.context().at("/session/lang").isMissingNode()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"not base64!", "", "aGVsbG8gd29ybGQ="})
    void refusesAnAnswerThatIsNoSound(String audio) {
        bus.whenAsked("speak:b64_audio").reply("speak:b64_audio.response", Map.of("audio", audio));

        gateway.call("POST", "/v1/voice/synthesis")
                .json("{\"text\": \"hello\"}")
                .isRefused(502, "invalid-answer");
    }

    @Test
    void playsASoundAtOnce() {
        byte[] sound = Sounds.wav("ding");

        gateway.call("POST", "/v1/voice/sound").body("audio/wav", sound).answers(204);

        assertThat(bus.frames("mycroft.audio.play_sound").get(0).data())
                .isEqualTo(Message.object()
                        .put("binary_data", HexFormat.of().formatHex(sound))
                        .put("audio_ext", "wav"));
        assertThat(bus.frames("mycroft.audio.play_sound.response")).hasSize(1);
        assertThat(bus.frames("mycroft.audio.play_sound").get(0).context().path("session"))
                .isEqualTo(Message.object().put("session_id", "default"));
    }

    @Test
    void playsASoundBehindWhatIsSaid() {
        gateway.call("POST", "/v1/voice/sound?queue=true")
                .body("multipart/form-data; boundary=b", form("file", Sounds.wav("dong")))
                .answers(204);

        assertThat(bus.frames("mycroft.audio.play_sound")).isEmpty();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> bus.frames("recognizer_loop:utterance_start").stream()
                        .anyMatch(started -> started.data()
                                .path("binary_data")
                                .asText()
                                .equals(HexFormat.of().formatHex(Sounds.wav("dong")))));
    }

    @Test
    void tellsWhatTheAssistantIsDoing() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(gateway.call("GET", "/v1/voice/state")
                                .answers(200)
                                .toString())
                        .contains(
                                "\"state\":\"idle\"",
                                "\"muted\":false",
                                "\"parts\":{\"core\":true,\"listener\":true,\"audio\":true,\"phal\":true}"));
    }

    @Test
    void endsARecording() {
        gateway.call("DELETE", "/v1/voice/listen").answers(204);

        assertThat(bus.frames("recognizer_loop:state.set").get(0).data())
                .isEqualTo(Message.object().put("state", "wakeword"));
    }

    private static Gateway.Call transcription(byte[] sound) {
        return gateway.call("POST", "/v1/voice/transcription").body("audio/wav", sound);
    }

    private static byte[] form(String name, byte[] file) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(("--b\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"a.wav\"\r\n"
                        + "Content-Type: audio/wav\r\n\r\n")
                .formatted(name)
                .getBytes(UTF_8));
        form.writeBytes(file);
        form.writeBytes("\r\n--b--\r\n".getBytes(UTF_8));
        return form.toByteArray();
    }
}
