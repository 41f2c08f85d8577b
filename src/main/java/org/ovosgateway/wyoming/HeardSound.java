// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import io.vertx.core.Future;
import org.ovosgateway.api.ArrivingFile;
import org.ovosgateway.api.Upload;
import org.ovosgateway.http.Problems;
import org.ovosgateway.http.Sender;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A sound while a client sends it: samples of 16 bits, a few of them in memory, more of them on disk. */
final class HeardSound {

    private static final int WIDTH = 2;
    private static final int LOWEST_RATE = 8_000;
    private static final int HIGHEST_RATE = 48_000;
    private static final int MOST_CHANNELS = 2;

    private final int rate;
    private final int channels;
    private final long most;
    private final ArrivingFile file;

    /**
     * @param start an event with the format: {@code audio-start}, or a chunk
     * @param most bytes that it may have
     * @throws ProblemException 422 for samples of another kind
     */
    HeardSound(Event start, long most, Sender sender) {
        requireWidth(start);
        this.rate = number(start, "rate", LOWEST_RATE, HIGHEST_RATE);
        this.channels = number(start, "channels", 1, MOST_CHANNELS);
        this.most = most;
        this.file = new ArrivingFile(sender);
    }

    int rate() {
        return rate;
    }

    int channels() {
        return channels;
    }

    /** @throws ProblemException 422 for a chunk of another format, 413 where it makes the sound too long */
    void requireRoom(Event chunk, long bytes) {
        requireWidth(chunk);
        number(chunk, "rate", rate, rate);
        number(chunk, "channels", channels, channels);
        if (file.length() + bytes > most) {
            throw new ProblemException(new Problem(
                    "content-too-large",
                    "Content too large",
                    413,
                    "A sound may have %d bytes (%s.max-sound); send less at a time."
                            .formatted(most, WyomingProperties.PREFIX)));
        }
    }

    /** Takes the next bytes. */
    void take(byte[] bytes) {
        file.take(bytes);
    }

    boolean isEmpty() {
        return file.length() == 0;
    }

    /** Bytes that are kept in memory. */
    long inMemory() {
        return file.length() - file.onDisk();
    }

    /** Ends it. */
    Future<Upload> close() {
        return file.close().map(done -> file.upload("", "audio/L16"));
    }

    private static void requireWidth(Event event) {
        number(event, "width", WIDTH, WIDTH);
    }

    private static int number(Event event, String member, int least, int most) {
        int number = event.data().path(member).asInt(-1);
        if (number < least || number > most) {
            throw new ProblemException(Problems.validation(
                    member,
                    least == most
                            ? "has to be %d here".formatted(least)
                            : "has to be from %d to %d".formatted(least, most)));
        }
        return number;
    }
}
