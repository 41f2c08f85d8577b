// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.ovosgateway.Budget;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Makes other formats of sounds, on threads of its own: WAV and PCM of one another by Java, all others by ffmpeg. Routes call it
 * as {@code transcode:}.
 */
@Component
class Transcoder implements DisposableBean {

    private static final int MOST_WAITING = 32;
    private static final String RETRY_AFTER_SECONDS = "5";
    private static final int RIFF_LENGTH = 4;

    private final Budget budget;
    private final Ffmpeg ffmpeg;
    private final ThreadPoolExecutor threads;

    Transcoder(AudioProperties properties) {
        this.budget = new Budget(properties.maxTranscoded().toBytes());
        this.ffmpeg = new Ffmpeg(properties.ffmpeg(), properties.transcodingTimeout());
        int most = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.threads = new ThreadPoolExecutor(
                most,
                most,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(MOST_WAITING),
                work -> thread(work, "transcoder"),
                (work, pool) -> {
                    throw busy("Too many sounds wait to become another format.");
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * A sound that was made.
     *
     * @param over to be called once, when nobody holds it any more
     */
    record Sound(byte[] content, String mediaType, Runnable over) {}

    /** Opens a sound; may block. */
    interface Opener {

        AudioFile open() throws IOException;
    }

    /**
     * Never blocks.
     *
     * @return null where it is like that already; fails with a {@link ProblemException}: 413 too large, 422 damaged, 501 without ffmpeg, 503 later
     */
    CompletionStage<Sound> transcode(Opener sound, TargetFormat target) {
        try {
            return CompletableFuture.supplyAsync(() -> made(sound, target), threads);
        } catch (ProblemException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Sound made(Opener sound, TargetFormat target) {
        SoundBuffer collected = new SoundBuffer(budget);
        try {
            AudioFile file = sound.open();
            return file.is(target) ? null : made(file, target, collected);
        } catch (IOException e) {
            collected.giveBack();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            collected.giveBack();
            throw e;
        }
    }

    private Sound made(AudioFile file, TargetFormat target, SoundBuffer collected) throws IOException {
        try (InputStream in = file.open()) {
            if (target.isPcm() && file.isNumbers()) {
                Pcm pcm = Pcm.of(in).as(target);
                collected.read(pcm.samples());
                byte[] header = target.kind() == TargetFormat.Kind.WAV ? pcm.header(collected.size()) : new byte[0];
                return sound(collected, header, target, pcm.rate(), pcm.channels());
            }
            ffmpeg.transcode(in, file.format().demuxer(), target, collected);
            Sound made = sound(collected, new byte[0], target, 0, 0);
            return target.isPcm() ? whole(made, target) : made;
        }
    }

    private static Sound sound(SoundBuffer collected, byte[] header, TargetFormat target, int rate, int channels) {
        return new Sound(collected.bytes(header), mediaType(target, rate, channels), collected::giveBack);
    }

    /** Of a WAV file that was streamed, and so does not know its lengths. */
    private static Sound whole(Sound streamed, TargetFormat target) throws IOException {
        byte[] file = streamed.content();
        Wav wav = Wav.of(file);
        if (wav == null) {
            throw new IOException("ffmpeg made no WAV file");
        }
        if (target.kind() == TargetFormat.Kind.PCM) {
            return new Sound(
                    Arrays.copyOfRange(file, wav.from(), file.length),
                    mediaType(target, wav.rate(), wav.channels()),
                    streamed.over());
        }
        ByteBuffer lengths = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        lengths.putInt(RIFF_LENGTH, file.length - RIFF_LENGTH - Integer.BYTES);
        lengths.putInt(wav.from() - Integer.BYTES, file.length - wav.from());
        return streamed;
    }

    private static String mediaType(TargetFormat target, int rate, int channels) {
        return target.kind().mediaType()
                + (target.kind() == TargetFormat.Kind.PCM ? ";rate=%d;channels=%d".formatted(rate, channels) : "");
    }

    static ProblemException busy(String detail) {
        return new ProblemException(new Problem("busy", "The gateway is busy", 503, detail + " Try again soon.")
                .header("Retry-After", RETRY_AFTER_SECONDS));
    }

    static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void destroy() {
        threads.shutdownNow();
        ffmpeg.close();
    }
}
