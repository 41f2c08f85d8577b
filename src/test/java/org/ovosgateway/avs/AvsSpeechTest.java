// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.ovosgateway.avs.AvsClient.Style;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Ffmpeg;
import org.ovosgateway.testing.Gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

/** Answers as the parsers of old clients of the Alexa Voice Service read them, with speech that the real ffmpeg makes. */
class AvsSpeechTest {

    @RegisterExtension
    @Order(1)
    static final Ffmpeg ffmpeg = new Ffmpeg();

    @RegisterExtension
    @Order(2)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(3)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.apis.avs.enabled", true)
            .with("ovos.audio.ffmpeg", ffmpeg::path)
            .user("other");

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
        gateway.token("other");
    }

    @ParameterizedTest
    @EnumSource
    void answersWithDirectivesAndSpeech(Style style) {
        var answer = gateway.call("POST", AvsClient.RECOGNIZE)
                .body(AvsClient.TYPE, AvsClient.form(style, AvsClient.METADATA, Sounds.wav("hello")))
                .sendBytes();
        String type = answer.headers().firstValue("Content-Type").orElseThrow();
        byte[] body = answer.body().getBytes(ISO_8859_1);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(type).matches("multipart/related; boundary=[a-z0-9]+");
        AvsClient.Answer parsed = AvsClient.mime(type, body);
        assertThat(parsed.directives()).containsExactly("SpeechSynthesizer.speak");
        assertThat(AvsClient.said(parsed.speech())).isEqualTo("Hello human");
        // with the line break that this parser leaves
        assertThat(new String(AvsClient.ewenchou(type, body), ISO_8859_1))
                .isEqualTo(new String(parsed.speech(), ISO_8859_1) + "\r\n");
        assertThat(bus.assistant().spoken()).isEmpty();
    }

    @Test
    void answersAllThatIsSaidAsOneSound() {
        AvsClient.Answer answer = answered("say it twice", Gateway.USER);

        assertThat(answer.sounds()).hasSize(1);
        assertThat(AvsClient.said(answer.speech())).isEqualTo("first thing second thing third thing");
    }

    @Test
    void listensWhereTheAssistantAsksAndHearsTheAnswerOfThatUserOnly() {
        AvsClient.Answer question = answered("ask my name", Gateway.USER);
        assertThat(question.directives()).containsExactly("SpeechSynthesizer.speak", "SpeechRecognizer.listen");
        assertThat(question.json()
                        .at("/messageBody/directives/1/payload/timeoutIntervalInMillis")
                        .asInt())
                .isEqualTo(8_000);

        assertThat(AvsClient.said(answered("hello", "other").speech())).isEqualTo("Hello human");
        AvsClient.Answer answer = answered("Ada", Gateway.USER);

        assertThat(AvsClient.said(answer.speech())).contains("Ada");
        assertThat(answer.directives()).containsExactly("SpeechSynthesizer.speak");
        // and that was it
        assertThat(AvsClient.said(answered("hello", Gateway.USER).speech())).isEqualTo("Hello human");
    }

    @Test
    void doesNotMixWhatIsAskedAtOnce() {
        Map<String, CompletableFuture<byte[]>> asked = new LinkedHashMap<>();
        for (String text : List.of("say it twice", "hello", "xyzzy")) {
            asked.put(
                    text,
                    CompletableFuture.supplyAsync(
                            () -> answered(text, Gateway.USER).speech()));
        }

        assertThat(AvsClient.said(asked.get("say it twice").join())).startsWith("first thing");
        assertThat(AvsClient.said(asked.get("hello").join())).isEqualTo("Hello human");
        assertThat(AvsClient.said(asked.get("xyzzy").join()))
                .isNotEqualTo("Hello human")
                .isNotEmpty();
    }

    /** As docs/avs.md has it. */
    @Test
    @EnabledIf("hasCurl")
    void answersCurl(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("metadata.json"), AvsClient.METADATA);
        Files.write(folder.resolve("question.wav"), Sounds.wav("say it twice"));
        String url = "http://127.0.0.1:" + gateway.port() + AvsClient.RECOGNIZE;
        Process curl = new ProcessBuilder(
                        "curl",
                        "-s",
                        "--noproxy",
                        "*",
                        "-H",
                        "Authorization: Bearer " + gateway.token(Gateway.USER),
                        "-F",
                        "metadata=<metadata.json;type=application/json",
                        "-F",
                        "audio=@question.wav;type=audio/L16; rate=16000; channels=1",
                        "-o",
                        "answer.bin",
                        "-w",
                        "%{http_code} %{content_type}",
                        url)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String told = new String(curl.getInputStream().readAllBytes(), ISO_8859_1);

        assertThat(told).startsWith("200 multipart/related");
        AvsClient.Answer answer = AvsClient.mime(told, Files.readAllBytes(folder.resolve("answer.bin")));
        assertThat(AvsClient.said(answer.speech())).isEqualTo("first thing second thing third thing");
    }

    static boolean hasCurl() throws Exception {
        try {
            return new ProcessBuilder("curl", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void saysNothingWhereTheAssistantDoes() {
        AvsClient.asks(gateway, "stay silent").answers(204);
    }

    private static AvsClient.Answer answered(String text, String user) {
        var answer = AvsClient.asks(gateway, text).as(user).sendBytes();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return AvsClient.mime(
                answer.headers().firstValue("Content-Type").orElseThrow(),
                answer.body().getBytes(ISO_8859_1));
    }
}
