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

/** An uploaded sound of a known format. Routes read the members of a message from it. */
public final class AudioFile {

    /** Bytes at most of the header of a WAV file. */
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
     * Checks the first bytes only.
     *
     * @param field name of the field, for the problem
     * @throws ProblemException 415 for anything but sound, 422 for a sound without samples
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

    /** Samples a second of PCM, else null. The alpha line of OVOS needs it, as it takes the file for bare samples. */
    public Integer getSampleRate() {
        return wav != null && wav.format() == PCM ? wav.rate() : null;
    }

    /** Bytes of a sample of PCM, else null. */
    public Integer getSampleWidth() {
        return wav != null && wav.format() == PCM ? Integer.valueOf(wav.bits() / 8) : null;
    }
}
