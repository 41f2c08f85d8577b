// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Sounds of megabytes. */
class LargeSoundsTest {

    private static final int MEGABYTE = 1 << 20;
    private static final String UNDERSTOOD =
            "{\"transcriptions\": [{\"text\": \"what time is it\", \"confidence\": 1.0}], \"lang\": \"en-US\"}";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            // each part of the assistant reads all of a sound before what comes next
            .with("ovos.devices.default.answer-timeout", "25s")
            .with("ovos.devices.default.max-sent-size", "13MB");

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @Test
    void understandsWhatIsTooLargeToBeHeldInMemory() {
        byte[] large = Arrays.copyOf(Sounds.wav("what time is it"), 8 * MEGABYTE);

        transcription(large).answers(200, UNDERSTOOD);

        assertThat(bus.frames("recognizer_loop:b64_transcribe")
                        .get(0)
                        .data()
                        .path("audio")
                        .asText())
                .isEqualTo(Base64.getEncoder().encodeToString(large));
    }

    @Test
    void understandsSeveralLargeOnesAtOnceAndOthersMeanwhile() {
        byte[] large = Arrays.copyOf(Sounds.wav("what time is it"), 4 * MEGABYTE);
        List<CompletableFuture<HttpResponse<String>>> answers = Stream.of(1, 2, 3, 4)
                .map(one -> transcription(large).sendAsync())
                .toList();

        gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");

        answers.forEach(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
        gateway.call("GET", "/v1/voice/microphone").answers(200, "{\"muted\": false}");
    }

    @Test
    void refusesWhatTheBusWouldNotTake() {
        assertThat(transcription(Arrays.copyOf(Sounds.wav(""), 10 * MEGABYTE))
                        .isRefused(413, "content-too-large")
                        .path("detail")
                        .asText())
                .contains("10485760", "max-sent-size", "13312 KB", "base64");
        assertThat(bus.frames("recognizer_loop:b64_transcribe")).isEmpty();
    }

    @Test
    void refusesWhatTheContractDoesNotAllow() {
        transcription(Arrays.copyOf(Sounds.wav(""), 25 * MEGABYTE + 1)).isRefused(413, "content-too-large");
    }

    private static Gateway.Call transcription(byte[] sound) {
        return gateway.call("POST", "/v1/voice/transcription").body("audio/wav", sound);
    }
}
