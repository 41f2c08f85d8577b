// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.problem.Problem;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What Java makes of WAV and PCM, and what becomes of a program that is not there, does not end, or makes too much. */
class TranscoderTest {

    private static final byte[] HELLO = Sounds.wav("hello");

    @TempDir
    Path folder;

    private Transcoding without;

    @BeforeEach
    void start() throws Exception {
        without = new Transcoding("/no/such/ffmpeg");
    }

    @AfterEach
    void stop() {
        without.close();
    }

    @Test
    void makesAWavOfBareSamples() {
        byte[] samples = samples(1, -2, 3);

        byte[] made = without.made("wav?pcmRate=16000", samples);

        Wav wav = wav(made);
        assertThat(wav.rate()).isEqualTo(16_000);
        assertThat(wav.channels()).isEqualTo(1);
        assertThat(wav.bits()).isEqualTo(16);
        assertThat(wav.length()).isEqualTo(6);
        assertThat(ByteBuffer.wrap(made).order(ByteOrder.LITTLE_ENDIAN).getInt(4))
                .isEqualTo(made.length - 8);
        assertThat(Arrays.copyOfRange(made, wav.from(), made.length)).isEqualTo(samples);
    }

    @Test
    void makesBareSamplesOfAWav() {
        Exchange made = without.send("pcm", HELLO, Map.of());

        assertThat(made.getMessage().getBody(byte[].class))
                .isEqualTo(Arrays.copyOfRange(HELLO, wav(HELLO).from(), HELLO.length));
        assertThat(made.getMessage().getHeader(Exchange.CONTENT_TYPE)).isEqualTo("audio/pcm;rate=22050;channels=1");
    }

    @Test
    void makesAnotherRateAndKeepsWhatTheFileSaysAboutItself() {
        byte[] made = without.made("wav?rate=16000&channels=2", HELLO);

        Wav wav = wav(made);
        assertThat(wav.rate()).isEqualTo(16_000);
        assertThat(wav.channels()).isEqualTo(2);
        assertThat(wav.length())
                .isBetween(
                        wav(HELLO).length() * 2 * 16_000 / 22_050 - 64,
                        wav(HELLO).length() * 2 * 16_000 / 22_050 + 64);
        assertThat(Sounds.text(made)).isEqualTo("hello");
    }

    @Test
    void makesTheMeanOfTwoChannels() {
        byte[] made = without.made("pcm?channels=1&pcmRate=16000&pcmChannels=2", samples(1_000, 3_000, -500, -1_500));

        ByteBuffer means = ByteBuffer.wrap(made).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(List.of((int) means.getShort(), (int) means.getShort()))
                .allSatisfy(mean -> assertThat(Math.abs(mean)).isBetween(990, 2_010));
        assertThat(made).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "1, 24", "1, 32", "3, 32", "3, 64"})
    void readsSamplesOfAnyWidth(int format, int bits) {
        ByteBuffer file = ByteBuffer.allocate(44 + 100 * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes())
                .putInt(file.capacity() - 8)
                .put("WAVEfmt ".getBytes())
                .putInt(16);
        file.putShort((short) format).putShort((short) 1).putInt(16_000).putInt(16_000 * bits / 8);
        file.putShort((short) (bits / 8))
                .putShort((short) bits)
                .put("data".getBytes())
                .putInt(100 * bits / 8);

        byte[] made = without.made("wav", file.array());

        assertThat(wav(made).bits()).isEqualTo(16);
        assertThat(wav(made).length()).isEqualTo(200);
    }

    @Test
    void leavesWhatFitsAsItIs() {
        assertThat(without.made("wav", HELLO)).isSameAs(HELLO);
        assertThat(without.made("wav?rate=22050&channels=1", HELLO)).isSameAs(HELLO);
    }

    @Test
    void readsAWavWithoutItsLengthToTheEnd() {
        byte[] streamed = HELLO.clone();
        ByteBuffer.wrap(streamed)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(wav(HELLO).from() - 4, -1);

        assertThat(without.made("pcm", streamed)).isEqualTo(without.made("pcm", HELLO));
    }

    @Test
    void saysWhatToInstallWithoutFfmpeg() {
        Problem problem = without.refused("mp3", HELLO);

        assertThat(problem.type()).isEqualTo("transcoder-missing");
        assertThat(problem.status()).isEqualTo(501);
        assertThat(problem.detail())
                .contains("'/no/such/ffmpeg' does not start", "apt install ffmpeg", "ovos.audio.ffmpeg");
        assertThat(without.refused("wav", new byte[] {'f', 'L', 'a', 'C', 0, 0, 0, 0x22})
                        .type())
                .isEqualTo("transcoder-missing");
    }

    @ParameterizedTest
    @CsvSource({
        "midi, format has to be one of wav",
        "mp3?rate=1, rate has to be a number from 8000 to 48000",
        "mp3?rate=many, rate has to be a number",
        "mp3?channels=9, channels has to be a number",
        "mp3?bitrate=1, bitrate has to be a number",
        "wav?pcmRate=-1, pcmRate has to be a number"
    })
    void refusesWhatItCannotMake(String uri, String detail) {
        assertThat(without.refused(uri, HELLO).detail()).startsWith(detail);
    }

    @Test
    void refusesWhatIsNoSound() {
        assertThat(without.refused("wav", "text").status()).isEqualTo(422);
        assertThat(without.refused("wav", new byte[0]).status()).isEqualTo(422);
        assertThat(without.refused("wav?pcmRate=16000", new byte[0]).status()).isEqualTo(422);
        assertThat(without.refused("wav", new byte[100]).status()).isEqualTo(415);
    }

    @Test
    void takesTheFormatFromTheExchange() {
        Exchange made =
                without.send("${header.format}?rate=${header.rate}", HELLO, Map.of("format", "pcm", "rate", "8000"));

        assertThat(made.getMessage().getHeader(Exchange.CONTENT_TYPE)).isEqualTo("audio/pcm;rate=8000;channels=1");
    }

    @Test
    void refusesWhatBecomesTooLarge() throws Exception {
        try (Transcoding small = new Transcoding("none", Duration.ofMinutes(1), DataSize.ofKilobytes(64))) {
            Problem problem = small.refused("pcm?pcmRate=8000&rate=48000", new byte[20_000]);

            assertThat(problem.status()).isEqualTo(413);
            assertThat(problem.detail()).contains("32 KB", "ovos.audio.max-transcoded");
            // and nothing is held
            for (int i = 0; i < 10; i++) {
                assertThat(small.made("pcm?pcmRate=8000", new byte[20_000])).hasSize(20_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo $$ > PID; exec sleep 600",
                // a script around it
                "sleep 600 & echo $! > PID; wait"
            })
    void killsAProgramThatTakesTooLong(String script) throws Exception {
        Path pid = folder.resolve("pid");
        Path slow = program(script.replace("PID", "'" + pid + "'"));
        // it has begun before the time is over, on a busy machine too
        try (Transcoding slowly = new Transcoding(slow.toString(), Duration.ofSeconds(3), DataSize.ofMegabytes(8))) {
            Problem problem = slowly.refused("mp3", HELLO);

            assertThat(problem.status()).isEqualTo(503);
            assertThat(problem.detail()).contains("ovos.audio.transcoding-timeout");
            if (Files.exists(pid) && Files.size(pid) > 0) {
                awaitEnd(pid);
            }
        }
    }

    @Test
    void killsAProgramThatMakesTooMuch() throws Exception {
        Path pid = folder.resolve("pid");
        Path endless = program("echo $$ > '%s'; exec cat /dev/zero".formatted(pid));
        try (Transcoding much = new Transcoding(endless.toString())) {
            assertThat(much.refused("mp3", HELLO).status()).isEqualTo(413);
            awaitEnd(pid);
        }
    }

    @Test
    void killsAllWhenTheGatewayEnds() throws Exception {
        Path pid = folder.resolve("pid");
        Path slow = program("echo $$ > '%s'; exec sleep 600".formatted(pid));
        Transcoding ending = new Transcoding(slow.toString());
        try {
            CompletableFuture<Problem> problem = CompletableFuture.supplyAsync(() -> ending.refused("mp3", HELLO));
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid) && Files.size(pid) > 0);

            ending.transcoder().destroy();

            assertThat(problem.join().status()).isEqualTo(503);
            awaitEnd(pid);
        } finally {
            ending.close();
        }
    }

    @Test
    void tellsAProgramNothingOfItsEnvironment() throws Exception {
        Path seen = folder.resolve("seen");
        Path curious = program("env > '%s'; cat > /dev/null; echo sound".formatted(seen));
        try (Transcoding transcoding = new Transcoding(curious.toString())) {
            transcoding.made("mp3", HELLO);
        }

        assertThat(Files.readAllLines(seen))
                .allMatch(line -> line.matches("(PATH|LD_LIBRARY_PATH|TMPDIR|HOME|PWD|OLDPWD|SHLVL|_)=.*"));
    }

    private Path program(String script) throws IOException {
        Path program = Files.writeString(folder.resolve("ffmpeg"), "#!/bin/sh\n" + script + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    private static void awaitEnd(Path pid) throws IOException {
        long number = Long.parseLong(Files.readString(pid).strip());
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        ProcessHandle.of(number).filter(ProcessHandle::isAlive).isEmpty());
    }

    private static byte[] samples(int... values) {
        ByteBuffer samples = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(value -> samples.putShort((short) value));
        return samples.array();
    }

    private static Wav wav(byte[] file) {
        return Wav.of(Arrays.copyOf(file, Math.min(file.length, Wav.LONGEST)));
    }
}
