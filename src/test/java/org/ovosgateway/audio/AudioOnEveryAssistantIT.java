// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.time.Duration;

import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.Recording;

import static org.assertj.core.api.Assertions.assertThat;

/** Sounds that callers send and get, on assistants with ears and a loudspeaker. */
class AudioOnEveryAssistantIT {

    @OnEveryAssistant
    void makesSpeechThatNobodyHears(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();

        byte[] speech = speech("hello world", gateway);

        assertThat(Wav.of(speech).rate()).isEqualTo(22_050);
        assertThat(Wav.of(speech).length()).isGreaterThan(1000);
        loudspeaker.awaitSilence();
        assertThat(loudspeaker.soundSince(start)).isZero();
    }

    @OnEveryAssistant
    void understandsWhatItsOwnVoiceSays(Assistant assistant, Gateway gateway) {
        assertThat(gateway.call("POST", "/v1/voice/transcription")
                        .body("audio/wav", speech("hello world", gateway))
                        .answers(200)
                        .at("/transcriptions/0/text")
                        .asText())
                .isEqualTo("hello world");
    }

    @OnEveryAssistant
    void playsASound(Assistant assistant, Gateway gateway) {
        byte[] sound = speech("hello world", gateway);
        Duration start = assistant.loudspeaker().length();

        gateway.call("POST", "/v1/voice/sound").body("audio/wav", sound).answers(204);

        assistant.loudspeaker().awaitSoundSince(start);
        assistant.loudspeaker().awaitSilence();
    }

    @OnEveryAssistant
    void playsASoundBehindWhatIsSaid(Assistant assistant, Gateway gateway) {
        byte[] sound = speech("hello world", gateway);
        Duration start = assistant.loudspeaker().length();

        gateway.call("POST", "/v1/voice/sound?queue=true")
                .body("audio/wav", sound)
                .answers(204);

        assistant.loudspeaker().awaitSoundSince(start);
        assistant.loudspeaker().awaitSilence();
    }

    private static byte[] speech(String text, Gateway gateway) {
        return gateway.call("POST", "/v1/voice/synthesis")
                .json("{\"text\": \"%s\"}".formatted(text))
                .answersBytes(200, "audio/wav");
    }
}
