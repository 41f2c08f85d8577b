// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** A listener and an ovos-audio that run, and say nothing to a sound or a text; and a disk that is too small. */
class SilentPartsTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.audio.transcription-timeout", "1s")
            .with("ovos.audio.synthesis-timeout", "1s")
            .with("ovos.audio.sound-timeout", "1s")
            .with("ovos.http.max-uploads", "1MB");

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @Test
    void listenerSaysNothingToASoundThatItCannotRead() {
        // a file of a known format
        assertThat(detail(gateway.call("POST", "/v1/voice/transcription")
                        .body("audio/ogg", HexFormat.of().parseHex("4f676753000200000000"))))
                .contains("recognizer_loop:b64_transcribe", "ffmpeg", "voice.log");
    }

    @Test
    void voiceFails() {
        bus.whenAsked("speak:b64_audio").staySilent();

        assertThat(detail(gateway.call("POST", "/v1/voice/synthesis").json("{\"text\": \"hello\"}")))
                .contains("speak:b64_audio", "audio.log");
    }

    @Test
    void playerFails() {
        bus.whenAsked("mycroft.audio.play_sound").staySilent();

        assertThat(detail(gateway.call("POST", "/v1/voice/sound").body("audio/wav", Sounds.wav("ding"))))
                .contains("mycroft.audio.play_sound");
    }

    @Test
    void diskHasNoRoom() {
        gateway.call("POST", "/v1/voice/transcription")
                .body("audio/wav", Arrays.copyOf(Sounds.wav("hello"), 2 << 20))
                .isRefused(503, "busy");
    }

    private static String detail(Gateway.Call call) {
        return call.isRefused(504, "bus-timeout").path("detail").asText();
    }
}
