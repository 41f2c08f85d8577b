// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.io.IOException;
import java.io.InputStream;

import org.ovosgateway.api.Upload;
import org.ovosgateway.bus.Attachment;
import org.ovosgateway.bus.Attachment.Encoding;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** A sound that was sent, of a known format; routes read from it what goes into a message. */
public final class AudioFile {

    /** Bytes in which a WAV file has told what it is. */
    private static final int BEGINNING = 4 << 10;

    private static final int PCM = 1;

    private final Upload upload;
    private final AudioFormat format;
    private final Wav wav;

    private AudioFile(Upload upload, AudioFormat format, Wav wav) {
        this.upload = upload;
        this.format = format;
        this.wav = wav;
    }

    /**
     * Looks at the first bytes; the rest is for who understands it.
     *
     * @param field for the person who reads that it is none
     * @throws ProblemException 415 for something else than sound, 422 for a sound without a content
     */
    static AudioFile of(Upload upload, String field) throws IOException {
        byte[] beginning;
        try (InputStream in = upload.getContent()) {
            beginning = in.readNBytes(BEGINNING);
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
                    "What was sent does not begin as a sound does; send WAV, MP3, OGG, FLAC, WebM or M4A."));
        }
        Wav wav = format == AudioFormat.WAV ? Wav.of(beginning) : null;
        if (format == AudioFormat.WAV && (wav == null || upload.getSize() <= wav.from() || wav.length() == 0)) {
            throw new ProblemException(
                    Problems.validation(field, "must be a whole WAV file, and this one has no samples"));
        }
        return new AudioFile(upload, format, wav);
    }

    public Attachment getBase64() {
        return new Attachment(upload::getContent, upload.getSize(), Encoding.BASE64);
    }

    public Attachment getHex() {
        return new Attachment(upload::getContent, upload.getSize(), Encoding.HEX);
    }

    /** Such as {@code wav}. */
    public String getExtension() {
        return format.extension();
    }

    /** Of the samples a second; null where it is not told: the alpha line of OVOS takes the file for bare samples. */
    public Integer getSampleRate() {
        return wav != null && wav.format() == PCM ? wav.rate() : null;
    }

    /** Of the bytes of a sample; null where it is not told. */
    public Integer getSampleWidth() {
        return wav != null && wav.format() == PCM ? Integer.valueOf(wav.bits() / 8) : null;
    }
}
