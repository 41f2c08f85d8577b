// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

import org.ovosgateway.api.Upload;
import org.ovosgateway.bus.Attachment;
import org.ovosgateway.bus.Attachment.Encoding;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A sound of a known format, from a caller or made of one. Routes read the members of a message from it. */
public final class AudioFile {

    private final Attachment.Source content;
    private final long size;
    private final AudioFormat format;
    private final Wav wav;
    /** Whether the header is not in what was sent. */
    private final boolean bare;

    private AudioFile(Attachment.Source content, long size, AudioFormat format, Wav wav, boolean bare) {
        this.content = content;
        this.size = size;
        this.format = format;
        this.wav = wav;
        this.bare = bare;
    }

    /**
     * Checks the first bytes only.
     *
     * @param sound an {@link Upload} or bytes
     * @param field name of the field, for the problem
     * @throws ProblemException 415 for anything but sound, 422 for a sound without samples
     */
    static AudioFile of(Object sound, String field) throws IOException {
        Attachment.Source content = content(sound);
        byte[] beginning;
        try (InputStream in = content.open()) {
            beginning = in.readNBytes(Wav.LONGEST);
        }
        if (beginning.length == 0) {
            throw new ProblemException(Problems.validation(field, "must not be empty"));
        }
        AudioFormat format = AudioFormat.of(beginning);
        if (format == null) {
            Problem problem = Problems.of(415);
            throw new ProblemException(new Problem(
                    problem.type(),
                    problem.title(),
                    problem.status(),
                    "What was sent does not begin as a sound does; send WAV, MP3, OGG, FLAC, AAC, WebM or M4A."));
        }
        Wav wav = format == AudioFormat.WAV ? Wav.of(beginning) : null;
        if (format == AudioFormat.WAV && (wav == null || size(sound) <= wav.from() || wav.length() == 0)) {
            throw new ProblemException(
                    Problems.validation(field, "must be a whole WAV file, and this one has no samples"));
        }
        return new AudioFile(content, size(sound), format, wav, false);
    }

    /** Bare samples of 16 bits, little-endian, as a WAV file; a WAV file stays what it is. */
    static AudioFile ofSamples(Object samples, int rate, int channels, String field) throws IOException {
        Attachment.Source content = content(samples);
        int size = (int) size(samples);
        if (size == 0) {
            throw new ProblemException(Problems.validation(field, "must not be empty"));
        }
        try (InputStream in = content.open()) {
            if (AudioFormat.of(in.readNBytes(AudioFormat.BEGINNING)) == AudioFormat.WAV) {
                return of(samples, field);
            }
        }
        if (size < channels * Short.BYTES) {
            throw new ProblemException(
                    Problems.validation(field, "must be samples of 16 bits, and is shorter than one of each channel"));
        }
        byte[] header = Pcm.of(InputStream.nullInputStream(), rate, channels).header(size);
        return new AudioFile(
                () -> new SequenceInputStream(new ByteArrayInputStream(header), content.open()),
                header.length + size,
                AudioFormat.WAV,
                Wav.of(header),
                true);
    }

    private static Attachment.Source content(Object sound) {
        return sound instanceof Upload upload ? upload::getContent : () -> new ByteArrayInputStream((byte[]) sound);
    }

    private static long size(Object sound) {
        return sound instanceof Upload upload ? upload.getSize() : ((byte[]) sound).length;
    }

    InputStream open() throws IOException {
        return content.open();
    }

    AudioFormat format() {
        return format;
    }

    /** Whether it is a WAV file whose samples Java can read. */
    boolean isNumbers() {
        return wav != null && wav.isNumbers();
    }

    /** Whether what was sent is what is wanted already. */
    boolean is(TargetFormat target) {
        return switch (target.kind()) {
            case WAV -> !bare && wav != null && wav.isLike(target);
            case MP3, FLAC, AAC ->
                format.mediaType().equals(target.kind().mediaType())
                        && target.rate() == 0
                        && target.channels() == 0
                        && target.bitrate() == 0;
            // Ogg may hold another codec
            case PCM, OPUS -> false;
        };
    }

    public Attachment getBase64() {
        return new Attachment(content, size, Encoding.BASE64);
    }

    public Attachment getHex() {
        return new Attachment(content, size, Encoding.HEX);
    }

    /** Such as {@code wav}. */
    public String getExtension() {
        return format.extension();
    }

    /** Samples a second of PCM, else null. The alpha line of OVOS needs it, as it takes the file for bare samples. */
    public Integer getSampleRate() {
        return wav != null && wav.format() == Wav.PCM ? wav.rate() : null;
    }

    /** Bytes of a sample of PCM, else null. */
    public Integer getSampleWidth() {
        return wav != null && wav.format() == Wav.PCM ? Integer.valueOf(wav.bits() / 8) : null;
    }
}
