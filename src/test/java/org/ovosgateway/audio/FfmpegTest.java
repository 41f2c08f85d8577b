// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.Ffmpeg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Formats that the real ffmpeg makes and reads, and what it may not do. */
class FfmpegTest {

    private static final byte[] HELLO = Sounds.wav("hello");

    @RegisterExtension
    static final Ffmpeg ffmpeg = new Ffmpeg();

    private static Transcoding transcoding;

    @BeforeAll
    static void start() throws Exception {
        transcoding = new Transcoding(ffmpeg.path());
    }

    @AfterAll
    static void stop() {
        transcoding.close();
    }

    @ParameterizedTest
    @CsvSource({"mp3, MP3, audio/mpeg", "opus, OGG, audio/ogg", "flac, FLAC, audio/flac", "aac, AAC, audio/aac"})
    void makesAndReads(String name, AudioFormat format, String mediaType) {
        Exchange made = transcoding.send(name, HELLO, Map.of());

        byte[] sound = made.getMessage().getBody(byte[].class);
        assertThat(made.getException()).isNull();
        assertThat(made.getMessage().getHeader(Exchange.CONTENT_TYPE)).isEqualTo(mediaType);
        assertThat(AudioFormat.of(sound)).isEqualTo(format);

        byte[] back = transcoding.made("wav?rate=16000&channels=1", sound);
        Wav wav = Wav.of(back);
        assertThat(wav.rate()).isEqualTo(16_000);
        assertThat(wav.bits()).isEqualTo(16);
        // a tenth of a second, and what an encoder puts around it
        assertThat(wav.length()).isBetween(3_000L, 8_000L);
        assertThat(wav.from() + wav.length()).isEqualTo(back.length);
        assertThat(transcoding.made("pcm?rate=16000&channels=1", sound)).hasSize((int) wav.length());
    }

    @Test
    void keepsWhatAFileSaysAboutItself() {
        assertThat(Sounds.text(transcoding.made("wav?rate=16000", transcoding.made("mp3", HELLO))))
                .isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mp4", "webm"})
    void readsFilesOfPhonesAndBrowsers(String container) throws Exception {
        byte[] sound = made("-c:a", container.equals("mp4") ? "aac" : "libopus", "-f", container);

        assertThat(Wav.of(transcoding.made("wav?rate=16000", sound)).length()).isGreaterThan(2_000);
    }

    @Test
    void understandsAFileWithALongTitle() throws Exception {
        byte[] sound = made("-metadata", "title=" + "T".repeat(6_000), "-c:a", "libmp3lame", "-f", "mp3");

        byte[] wav = transcoding.made("wav", sound);
        assertThat(Wav.of(wav).length()).isGreaterThan(2_000);
        assertThat(transcoding.made("wav?rate=8000", wav)).isNotEmpty();
        assertThat(transcoding.made("pcm", sound)).hasSizeGreaterThan(2_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ID3", "fLaC", "OggS", "\u001a\u0045\u00df\u00a3"})
    void refusesWhatOnlyBeginsAsASound(String beginning) {
        byte[] broken = (beginning + "nothing of a sound".repeat(100)).getBytes(ISO_8859_1);

        assertThat(transcoding.refused("wav", broken).status()).isEqualTo(422);
    }

    @Test
    void opensNoOtherFile() {
        byte[] list =
                ("RIFFxxxxWAVE\n#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\nffconcat version 1.0\nfile '/etc/passwd'\n")
                        .getBytes(UTF_8);

        assertThat(transcoding.refused("mp3", list).status()).isEqualTo(422);
    }

    /** A file of another program, which can seek in its output: the index of an MP4 is at its end. */
    private static byte[] made(String... options) throws Exception {
        Path file = Files.createTempFile("sound", ".bin");
        try {
            List<String> command = new ArrayList<>(List.of(ffmpeg.path(), "-loglevel", "fatal", "-y", "-i", "pipe:0"));
            command.addAll(List.of(options));
            command.add(file.toString());
            Process process = new ProcessBuilder(command)
                    .inheritIO()
                    .redirectInput(ProcessBuilder.Redirect.PIPE)
                    .start();
            process.getOutputStream().write(HELLO);
            process.getOutputStream().close();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }
}
