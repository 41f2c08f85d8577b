// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a WAV file.
 *
 * @param format 1 is PCM
 * @param from offset of the samples, in bytes
 * @param length of the samples in bytes, as the header has it; a program that streams writes too large a number
 */
record Wav(int format, int channels, int rate, int bits, int from, long length) {

    private static final int RIFF = 12;
    private static final int CHUNK = 8;
    private static final int FORMAT = 0x20746d66;
    private static final int FORMAT_BYTES = 16;
    private static final int DATA = 0x61746164;
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    /** Reads the header from the first bytes of a file; null where there is none. */
    static Wav of(byte[] beginning) {
        ByteBuffer file = ByteBuffer.wrap(beginning).order(ByteOrder.LITTLE_ENDIAN);
        int at = RIFF;
        int format = -1;
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
                                file.getShort(format) & 0xFFFF,
                                file.getShort(format + 2) & 0xFFFF,
                                file.getInt(format + 4),
                                file.getShort(format + 14) & 0xFFFF,
                                content,
                                length);
            }
            long next = content + length + length % 2;
            if (next > beginning.length) {
                return null;
            }
            at = (int) next;
        }
        return null;
    }
}
