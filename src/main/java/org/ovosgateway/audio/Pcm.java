// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/**
 * Samples that are numbers, with their rate and channels. Java itself makes other ones of them.
 *
 * @param info what a WAV file says about itself: its chunk LIST, or nothing
 */
record Pcm(AudioInputStream samples, byte[] info) {

    static final int BITS = 16;

    private static final int HEADER = 44;
    private static final int FORMAT_BYTES = 16;

    /**
     * The samples of a WAV file.
     *
     * @return null where these are no numbers that can be read
     */
    static Pcm of(InputStream file) throws IOException {
        byte[] beginning = file.readNBytes(Wav.LONGEST);
        Wav wav = Wav.of(beginning);
        if (wav == null || !wav.isNumbers()) {
            return null;
        }
        Encoding encoding = wav.format() == Wav.FLOAT
                ? Encoding.PCM_FLOAT
                : wav.bits() == Byte.SIZE ? Encoding.PCM_UNSIGNED : Encoding.PCM_SIGNED;
        int frame = wav.bits() / Byte.SIZE * wav.channels();
        var format = new AudioFormat(encoding, wav.rate(), wav.bits(), wav.channels(), frame, wav.rate(), false);
        InputStream read = new ByteArrayInputStream(beginning, wav.from(), beginning.length - wav.from());
        return new Pcm(
                new AudioInputStream(new SequenceInputStream(read, file), format, wav.length() / frame), wav.info());
    }

    /** Bare samples of 16 bits, little-endian. */
    static Pcm of(InputStream samples, int rate, int channels) {
        return new Pcm(
                new AudioInputStream(
                        samples, new AudioFormat(rate, BITS, channels, true, false), AudioSystem.NOT_SPECIFIED),
                new byte[0]);
    }

    /** The same sound in samples of 16 bits, at the rate and in the channels of the target. */
    Pcm as(TargetFormat target) {
        AudioFormat format = samples.getFormat();
        var wanted = new AudioFormat(
                target.rate() == 0 ? format.getSampleRate() : target.rate(),
                BITS,
                target.channels() == 0 ? format.getChannels() : target.channels(),
                true,
                false);
        return wanted.matches(format) ? this : new Pcm(AudioSystem.getAudioInputStream(wanted, samples), info);
    }

    int rate() {
        return (int) samples.getFormat().getSampleRate();
    }

    int channels() {
        return samples.getFormat().getChannels();
    }

    /** What stands before this many bytes of samples of 16 bits in a WAV file. */
    byte[] header(int length) {
        int frame = BITS / Byte.SIZE * channels();
        ByteBuffer header = ByteBuffer.allocate(HEADER + info.length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("RIFF")).putInt(header.capacity() - 8 + length);
        header.put(ascii("WAVEfmt ")).putInt(FORMAT_BYTES);
        header.putShort((short) Wav.PCM).putShort((short) channels());
        header.putInt(rate()).putInt(rate() * frame).putShort((short) frame).putShort((short) BITS);
        header.put(info).put(ascii("data")).putInt(length);
        return header.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
