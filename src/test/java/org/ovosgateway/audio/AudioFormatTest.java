// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.Sounds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class AudioFormatTest {

    @ParameterizedTest
    @CsvSource({
        "52494646ffffff7f57415645, WAV",
        "4f67675300020000000000, OGG",
        "664c614300000022, FLAC",
        "4944330400000000, MP3",
        "fffb9064, MP3",
        "fff3a4c4, MP3",
        "fff15080, AAC",
        "1a45dfa39f428681, WEBM",
        "0000001c667479704d344120, M4A"
    })
    void knowsAFormatByItsFirstBytes(String hex, AudioFormat format) {
        assertThat(AudioFormat.of(HexFormat.of().parseHex(hex))).isEqualTo(format);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ff",
                "fffb",
                "52494646ffffff7f41564920", // AVI
                "ffffffff",
                "89504e470d0a1a0a0000000d",
                "255044462d312e370a",
                "00000000000000000000000000"
            })
    void knowsWhatIsNone(String hex) {
        assertThat(AudioFormat.of(HexFormat.of().parseHex(hex))).isNull();
    }

    @Test
    void takesNoTextForASound() {
        for (String text : List.of("{\"audio\": 1}", "<html>", "what time is it", "RIFF", "RIFFxxxxWAV")) {
            assertThat(AudioFormat.of(text.getBytes(UTF_8))).as(text).isNull();
        }
    }

    @Test
    void readsTheHeaderOfAWav() {
        Wav wav = Wav.of(Sounds.wav("hello"));

        assertThat(wav.format()).isEqualTo(1);
        assertThat(wav.channels()).isEqualTo(1);
        assertThat(wav.rate()).isEqualTo(22_050);
        assertThat(wav.bits()).isEqualTo(16);
        assertThat(wav.length()).isEqualTo(Sounds.wav("hello").length - wav.from());
    }

    @Test
    void findsNoHeaderInHalfOne() {
        byte[] whole = Sounds.wav("");
        for (int length = 0; length < Wav.of(whole).from(); length++) {
            assertThat(Wav.of(Arrays.copyOf(whole, length)))
                    .as("%d bytes", length)
                    .isNull();
        }
    }
}
