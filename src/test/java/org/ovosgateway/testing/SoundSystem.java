// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PulseAudio without a sound card: a loudspeaker that is recorded, and a microphone that can be spoken into. */
final class SoundSystem {

    private static final int RATE = 8000;
    /** What espeak-ng writes. */
    private static final int VOICE_RATE = 22_050;

    private static final int WAV_HEADER = 44;
    private static final double WAKE_WORD_HZ = 1000;
    private static final Pattern PERCENT = Pattern.compile("(\\d+)%");

    private final Map<String, byte[]> phrases = new ConcurrentHashMap<>();
    private final Recording loudspeaker = new Recording();
    private final UnaryOperator<ProcessBuilder> environment;

    /** On a PulseAudio that runs; the environment says where. */
    SoundSystem(UnaryOperator<ProcessBuilder> environment) {
        this.environment = environment;
    }

    static List<String> server(Path home) {
        return List.of(
                "pulseaudio",
                "-n",
                "-F",
                Path.of("src/test/ovos/pulse.pa").toAbsolutePath().toString(),
                "-L",
                "module-native-protocol-unix auth-anonymous=1 socket=" + home.resolve("pulse"),
                "--exit-idle-time=-1",
                "--daemonize=no");
    }

    static List<String> recorder() {
        return List.of(
                "parec",
                "--device=loudspeaker.monitor",
                "--format=s16le",
                "--rate=" + RATE,
                "--channels=1",
                "--latency-msec=40");
    }

    boolean isUp() {
        try {
            pactl("info");
            return true;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** Takes what a recorder records until it ends. */
    void record(InputStream recorded) {
        byte[] window = new byte[(int) (RATE * Recording.WINDOW.toMillis() / 1000) * 2];
        try (DataInputStream in = new DataInputStream(recorded)) {
            while (true) {
                in.readFully(window);
                loudspeaker.take(isLoud(window));
            }
        } catch (IOException over) {
            // the recorder has ended
        }
    }

    private static boolean isLoud(byte[] window) {
        ByteBuffer samples = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN);
        while (samples.hasRemaining()) {
            // nothing hums in here: silence is 0, give and take what resampling leaves
            if (Math.abs(samples.getShort()) > 4) {
                return true;
            }
        }
        return false;
    }

    Recording loudspeaker() {
        return loudspeaker;
    }

    /** Says the wake word and a phrase into the microphone; returns when it is said. */
    void say(String phrase) {
        // ovos-PHAL-plugin-pulseaudio turns "up" and "down" at all sinks, and this microphone is one
        pactl("set-sink-volume", "microphone", "100%");
        try {
            Process player = environment
                    .apply(new ProcessBuilder(
                            "paplay",
                            "--device=microphone",
                            "--raw",
                            "--format=s16le",
                            "--rate=" + VOICE_RATE,
                            "--channels=1"))
                    .start();
            try (var out = player.getOutputStream()) {
                out.write(phrases.computeIfAbsent(phrase, SoundSystem::spoken));
            }
            String complaint = new String(player.getErrorStream().readAllBytes());
            if (player.waitFor() != 0) {
                throw new IllegalStateException("nobody could speak: " + complaint);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while somebody spoke", e);
        }
    }

    /** A tone, which is the wake word, a pause so short that the listener does not take it for the end, and the phrase. */
    private static byte[] spoken(String phrase) {
        ByteArrayOutputStream sound = new ByteArrayOutputStream();
        ByteBuffer tone = ByteBuffer.allocate(VOICE_RATE / 2 * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; tone.hasRemaining(); i++) {
            tone.putShort((short) (16_000 * Math.sin(2 * Math.PI * WAKE_WORD_HZ * i / VOICE_RATE)));
        }
        byte[] pause = new byte[VOICE_RATE / 4 * 2];
        sound.writeBytes(tone.array());
        sound.writeBytes(pause);
        try {
            Process voice = new ProcessBuilder("espeak-ng", "-v", "en-us", "--stdout", phrase).start();
            byte[] wav = voice.getInputStream().readAllBytes();
            sound.write(wav, WAV_HEADER, wav.length - WAV_HEADER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // a listener on a busy machine is behind: it has heard the tone when this is over
        sound.writeBytes(new byte[VOICE_RATE * 2]);
        return sound.toByteArray();
    }

    int volume() {
        Matcher percent = PERCENT.matcher(pactl("get-sink-volume", "loudspeaker"));
        if (!percent.find()) {
            throw new IllegalStateException("pactl tells no volume");
        }
        return Integer.parseInt(percent.group(1));
    }

    boolean isMuted() {
        return pactl("get-sink-mute", "loudspeaker").contains("yes");
    }

    void set(int percent) {
        pactl("set-sink-volume", "loudspeaker", percent + "%");
        pactl("set-sink-mute", "loudspeaker", "0");
    }

    private String pactl(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder("pactl");
        builder.command().addAll(List.of(arguments));
        // what is read below is in English
        builder.environment().put("LC_ALL", "C");
        try {
            Process started =
                    environment.apply(builder).redirectErrorStream(true).start();
            String said = new String(started.getInputStream().readAllBytes());
            if (started.waitFor() != 0) {
                throw new IOException(said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while pactl ran", e);
        }
    }
}
