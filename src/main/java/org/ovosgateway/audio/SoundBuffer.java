// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.ovosgateway.Budget;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Bytes of a sound while it is made: as many as there is room for. {@link #giveBack} ends that. */
final class SoundBuffer {

    private static final int CHUNK = 32 << 10;

    private final Budget budget;
    private final List<byte[]> chunks = new ArrayList<>();
    private int size;

    /** @param budget for all sounds; one gets half of it at most */
    SoundBuffer(Budget budget) {
        this.budget = budget;
    }

    /**
     * Reads all of it.
     *
     * @throws ProblemException 413 for too large a sound, 503 where others are too large
     */
    void read(InputStream in) throws IOException {
        byte[] chunk = in.readNBytes(CHUNK);
        while (chunk.length > 0) {
            if (size + chunk.length > budget.limit() / 2) {
                throw new ProblemException(new Problem(
                        "content-too-large",
                        "Content too large",
                        413,
                        "In the other format the sound has more than %d KB (half of ovos.audio.max-transcoded). Send less at a time."
                                .formatted(budget.limit() / 2 >> 10)));
            }
            if (!budget.take(chunk.length)) {
                throw Transcoder.busy("Too many sounds wait to be sent (ovos.audio.max-transcoded).");
            }
            size += chunk.length;
            chunks.add(chunk);
            chunk = in.readNBytes(CHUNK);
        }
    }

    int size() {
        return size;
    }

    /** All of it, after a header. */
    byte[] bytes(byte[] header) {
        ByteBuffer all = ByteBuffer.allocate(header.length + size).put(header);
        chunks.forEach(all::put);
        chunks.clear();
        return all.array();
    }

    /** Call it once. */
    void giveBack() {
        budget.giveBack(size);
    }
}
