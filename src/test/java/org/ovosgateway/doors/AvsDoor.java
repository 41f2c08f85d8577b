// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.doors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.ovosgateway.avs.AvsClient;
import org.ovosgateway.testing.Ffmpeg;
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
        gateway.with("ovos.apis.avs.enabled", true)
                .with("ovos.audio.ffmpeg", () -> Ffmpeg.find().orElse("ffmpeg"));
    }

    @Override
    public String verdict(String status) {
        return status.equals("waiting_for_answer") ? LISTEN : "";
    }

    @Override
    public Chat begin(Gateway gateway) throws IOException {
        Ffmpeg.require(name);
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
                    AvsClient.said(parsed.speech()),
                    parsed.directives().contains("SpeechRecognizer.listen") ? LISTEN : "");
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
