// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A WAV file of a tone with its text as a comment: what the simulated voice makes, and what the simulated listener
 * understands.
 */
final class Sound {

    private static final int RATE = 22_050;
    private static final int BYTES_A_SAMPLE = 2;
    private static final int SAMPLES = RATE / 10;
    private static final int HERTZ = 440;
    private static final int LOUDNESS = 8000;
    private static final int RIFF = 0x46464952;
    private static final int WAVE = 0x45564157;
    private static final int FORMAT = 0x20746d66;
    private static final int LIST = 0x5453494c;
    private static final int INFO = 0x4f464e49;
    private static final int COMMENT = 0x544d4349;
    private static final int DATA = 0x61746164;
    private static final int FORMAT_BYTES = 16;
    /** Bytes of the name and length of a chunk. */
    private static final int CHUNK = 8;

    private Sound() {}

    /** In base64, as the bus carries it. */
    static String of(String text) {
        byte[] comment = text.getBytes(StandardCharsets.UTF_8);
        int padding = comment.length % 2;
        int list = 12 + comment.length + padding;
        int data = SAMPLES * BYTES_A_SAMPLE;
        ByteBuffer wave =
                ByteBuffer.allocate(12 + 8 + FORMAT_BYTES + 8 + list + 8 + data).order(ByteOrder.LITTLE_ENDIAN);
        wave.putInt(RIFF).putInt(wave.capacity() - 8).putInt(WAVE);
        wave.putInt(FORMAT).putInt(FORMAT_BYTES).putShort((short) 1).putShort((short) 1);
        wave.putInt(RATE).putInt(RATE * BYTES_A_SAMPLE).putShort((short) BYTES_A_SAMPLE);
        wave.putShort((short) (8 * BYTES_A_SAMPLE));
        wave.putInt(LIST).putInt(list).putInt(INFO).putInt(COMMENT).putInt(comment.length);
        wave.put(comment).position(wave.position() + padding);
        wave.putInt(DATA).putInt(data);
        for (int i = 0; i < SAMPLES; i++) {
            wave.putShort((short) (LOUDNESS * Math.sin(2 * Math.PI * HERTZ * i / RATE)));
        }
        return Base64.getEncoder().encodeToString(wave.array());
    }

    /** The text in a sound, which is empty where nothing is said; nothing at all for what is no sound. */
    static Optional<String> text(String base64) {
        try {
            ByteBuffer wave =
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
            boolean riff = wave.getInt() == RIFF;
            wave.getInt();
            if (!riff || wave.getInt() != WAVE) {
                return Optional.empty();
            }
            while (wave.remaining() >= CHUNK) {
                int kind = wave.getInt();
                ByteBuffer chunk = chunk(wave);
                if (kind == LIST && chunk.remaining() >= Integer.BYTES && chunk.getInt() == INFO) {
                    return Optional.of(comment(chunk));
                }
            }
            return Optional.of("");
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String comment(ByteBuffer info) {
        while (info.remaining() >= CHUNK) {
            int kind = info.getInt();
            ByteBuffer chunk = chunk(info);
            if (kind == COMMENT) {
                // a NUL ends it in files of other programs
                return StandardCharsets.UTF_8.decode(chunk).toString().replace("\0", "");
            }
        }
        return "";
    }

    /** What the chunk has whose length is next; the file goes on behind it. A program that streams writes too large a length. */
    private static ByteBuffer chunk(ByteBuffer file) {
        long length = file.getInt() & 0xFFFF_FFFFL;
        int there = (int) Math.min(length, file.remaining());
        ByteBuffer chunk = file.slice(file.position(), there).order(ByteOrder.LITTLE_ENDIAN);
        file.position((int) Math.min(file.position() + length + length % 2, file.limit()));
        return chunk;
    }
}
