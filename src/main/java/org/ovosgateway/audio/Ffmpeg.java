// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ffmpeg, one process for each sound. It reads its input and writes its output, knows the format of the sound, opens nothing
 * else but a temporary file, and is killed after a time.
 */
final class Ffmpeg implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Ffmpeg.class);

    /** Nothing of the gateway's own environment, which has secrets. */
    private static final List<String> ENVIRONMENT = List.of("PATH", "LD_LIBRARY_PATH", "TMPDIR", "HOME");

    private static final int LONGEST_COMPLAINT = 500;

    /** No single piece of memory is larger. */
    private static final String MOST_MEMORY = Integer.toString(64 << 20);

    private final String program;
    private final Duration limit;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private final ExecutorService feeders =
            Executors.newCachedThreadPool(work -> Transcoder.thread(work, "ffmpeg-input"));
    private volatile boolean closed;

    Ffmpeg(String program, Duration limit) {
        this.program = program;
        this.limit = limit;
    }

    /**
     * Makes another format of a sound; blocks.
     *
     * @param demuxer format of the sound, as ffmpeg calls it
     * @throws ProblemException 422 for what cannot be read, 501 without ffmpeg, 503 after the time limit, and what
     *     {@code into} throws
     */
    void transcode(InputStream sound, String demuxer, TargetFormat target, SoundBuffer into) throws IOException {
        Process process = start(demuxer, target);
        running.add(process);
        CompletableFuture<Process> late = process.onExit().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
        late.exceptionally(tooLong -> {
            kill(process);
            return process;
        });
        CompletableFuture<Void> fed = CompletableFuture.completedFuture(null);
        try {
            if (closed) {
                throw new IOException("the gateway ends");
            }
            fed = CompletableFuture.runAsync(() -> feed(process, sound), feeders);
            into.read(process.getInputStream());
            String complaint = new String(process.getErrorStream().readNBytes(LONGEST_COMPLAINT)).strip();
            check(process, complaint, into.size());
        } catch (IOException | ProblemException | RejectedExecutionException e) {
            if (closed || late.isCompletedExceptionally()) {
                throw Transcoder.busy("ffmpeg took longer than %s s (ovos.audio.transcoding-timeout)."
                        .formatted(limit.toMillis() / 1_000.0));
            }
            throw e;
        } finally {
            kill(process);
            running.remove(process);
            // the sound is not read behind the caller's back
            fed.exceptionally(ignored -> null).join();
        }
    }

    /** With what it has started: it may be a script around ffmpeg. */
    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private Process start(String demuxer, TargetFormat target) {
        List<String> command = new ArrayList<>(List.of(program, "-nostdin", "-hide_banner", "-loglevel", "fatal"));
        command.addAll(List.of("-max_alloc", MOST_MEMORY, "-threads", "1"));
        // a file of Apple has its index at the end: cache: seeks in what came through the pipe
        command.addAll(List.of("-protocol_whitelist", "pipe,cache", "-read_ahead_limit", "-1", "-f", demuxer));
        command.addAll(List.of("-i", "cache:pipe:0", "-map", "0:a:0", "-threads", "1"));
        command.addAll(target.options());
        command.add("pipe:1");
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(ENVIRONMENT);
        try {
            return builder.start();
        } catch (IOException e) {
            LOG.debug("ffmpeg does not start", e);
            throw missing("'%s' does not start".formatted(program));
        }
    }

    private static ProblemException missing(String what) {
        return new ProblemException(new Problem(
                "transcoder-missing",
                "ffmpeg is missing",
                501,
                "%s on the machine of the gateway, and only ffmpeg makes this format of this sound. Install it (apt install ffmpeg),"
                                .formatted(what)
                        + " or set ovos.audio.ffmpeg to its path. WAV and PCM work without it."));
    }

    private static void feed(Process process, InputStream sound) {
        try (OutputStream input = process.getOutputStream()) {
            sound.transferTo(input);
        } catch (IOException e) {
            // it has read enough, or has ended; its exit code tells
        }
    }

    private static void check(Process process, String complaint, int made) throws IOException {
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (complaint.contains("Unknown encoder")) {
            throw missing("ffmpeg has no encoder (%s)".formatted(complaint));
        }
        if (code != 0 || made == 0) {
            LOG.debug("ffmpeg ended with {}: {}", code, complaint);
            throw new ProblemException(
                    Problems.validation("sound", "must be whole, and of a format that ffmpeg can read"));
        }
    }

    @Override
    public void close() {
        closed = true;
        running.forEach(Ffmpeg::kill);
        feeders.shutdown();
    }
}
