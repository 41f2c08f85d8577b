// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The header of a WAV file.
 *
 * @param format 1 is PCM, 3 is PCM of floating-point numbers
 * @param from offset of the samples, in bytes
 * @param length of the samples in bytes, as the header has it; a program that streams writes too large a number
 * @param info what the file says about itself: its chunk LIST, or nothing
 */
record Wav(int format, int channels, int rate, int bits, int from, long length, byte[] info) {

    static final int PCM = 1;
    static final int FLOAT = 3;
    /** Bytes at most of a header that is read. What a file says about itself stands before its samples. */
    static final int LONGEST = 64 << 10;

    private static final int EXTENSIBLE = 0xFFFE;
    private static final int RIFF = 12;
    private static final int CHUNK = 8;
    private static final int FORMAT = 0x20746d66;
    private static final int FORMAT_BYTES = 16;
    /** Offset of the format of an extensible one. */
    private static final int EXTENDED = 24;

    private static final int LIST = 0x5453494c;
    private static final int DATA = 0x61746164;
    private static final long UNSIGNED = 0xFFFF_FFFFL;
    private static final int MOST_CHANNELS = 8;
    private static final int LOWEST_RATE = 1_000;
    private static final int HIGHEST_RATE = 192_000;

    /** Reads the header from the first bytes of a file; null where there is none. */
    static Wav of(byte[] beginning) {
        ByteBuffer file = ByteBuffer.wrap(beginning).order(ByteOrder.LITTLE_ENDIAN);
        int at = RIFF;
        int format = -1;
        byte[] info = new byte[0];
        while (at + CHUNK <= beginning.length) {
            int kind = file.getInt(at);
            long length = file.getInt(at + 4) & UNSIGNED;
            int content = at + CHUNK;
            if (kind == FORMAT && length >= FORMAT_BYTES && content + FORMAT_BYTES <= beginning.length) {
                format = content;
            } else if (kind == DATA) {
                return format < 0
                        ? null
                        : new Wav(
                                format(file, format),
                                file.getShort(format + 2) & 0xFFFF,
                                file.getInt(format + 4),
                                file.getShort(format + 14) & 0xFFFF,
                                content,
                                length,
                                info);
            }
            long next = content + length + length % 2;
            if (next > beginning.length) {
                return null;
            }
            if (kind == LIST) {
                info = Arrays.copyOfRange(beginning, at, (int) next);
            }
            at = (int) next;
        }
        return null;
    }

    private static int format(ByteBuffer file, int at) {
        int format = file.getShort(at) & 0xFFFF;
        return format == EXTENSIBLE && at + EXTENDED + 2 <= file.limit()
                ? file.getShort(at + EXTENDED) & 0xFFFF
                : format;
    }

    /** Whether these samples are what is wanted already. */
    boolean isLike(TargetFormat target) {
        return format == PCM
                && bits == Pcm.BITS
                && (target.rate() == 0 || target.rate() == rate)
                && (target.channels() == 0 || target.channels() == channels);
    }

    /** Whether its samples are numbers, as many and as long as those of real sounds. */
    boolean isNumbers() {
        return (format == PCM && bits >= 8 && bits <= 32 || format == FLOAT && (bits == 32 || bits == 64))
                && bits % 8 == 0
                && channels >= 1
                && channels <= MOST_CHANNELS
                && rate >= LOWEST_RATE
                && rate <= HIGHEST_RATE;
    }
}
