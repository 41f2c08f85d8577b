// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.ovosgateway.avs.AvsClient;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code /v1/avs}, where texts are sounds; of the verdict it tells whether an answer is awaited. */
record AvsDoor(String name) implements Door {

    private static final String LISTEN = "listen";

    static Door speech() {
        return new AvsDoor("Alexa Voice Service");
    }

    @Override
    public void enable(Gateway gateway) {
        gateway.with("ovos.apis.avs.enabled", true).with("ovos.audio.ffmpeg", AvsDoor::copier);
    }

    /** In place of ffmpeg, which takes its time: the text in the sound is what counts here, and stays where it is. */
    private static Path copier() {
        try {
            Path program = Files.createTempFile("ffmpeg", ".sh");
            program.toFile().deleteOnExit();
            Files.writeString(program, "#!/bin/sh\nexec cat\n");
            assertThat(program.toFile().setExecutable(true)).isTrue();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String verdict(String status) {
        return status.equals("waiting_for_answer") ? LISTEN : "";
    }

    @Override
    public Chat begin(Gateway gateway) {
        // a conversation of its own: that of another login
        String token = gateway.logIn(Gateway.USER).access();
        return text -> {
            var answer = AvsClient.asks(gateway, text).token(token).sendBytes();
            if (answer.statusCode() == 204) {
                return new Answer("", "");
            }
            assertThat(answer.statusCode()).as("%s: %s", text, answer.body()).isEqualTo(200);
            AvsClient.Answer parsed = AvsClient.mime(
                    answer.headers().firstValue("Content-Type").orElseThrow(),
                    answer.body().getBytes(StandardCharsets.ISO_8859_1));
            return new Answer(
                    Sounds.text(parsed.speech()),
                    parsed.directives().contains("SpeechRecognizer.listen") ? LISTEN : "");
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
