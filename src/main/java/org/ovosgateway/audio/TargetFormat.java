// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.util.ArrayList;
import java.util.List;

/**
 * What a sound is to become.
 *
 * @param rate samples a second; 0 for those of the sound
 * @param channels 0 for those of the sound
 * @param bitrate kilobits a second, for formats that lose something; 0 for what is usual
 */
record TargetFormat(Kind kind, int rate, int channels, int bitrate) {

    /** Formats that can be made; routes name them in small letters. */
    enum Kind {
        WAV("audio/wav"),
        /** Samples alone, signed, of 16 bits, little-endian. */
        PCM("audio/pcm"),
        MP3("audio/mpeg", "-f", "mp3", "-c:a", "libmp3lame", "-write_xing", "0"),
        OPUS("audio/ogg", "-f", "ogg", "-c:a", "libopus"),
        FLAC("audio/flac", "-f", "flac", "-c:a", "flac"),
        AAC("audio/aac", "-f", "adts", "-c:a", "aac");

        private final String mediaType;
        private final List<String> options;

        Kind(String mediaType, String... options) {
            this.mediaType = mediaType;
            this.options = List.of(options);
        }

        String mediaType() {
            return mediaType;
        }
    }

    /** Whether samples are all of it, so that Java can make it of samples. */
    boolean isPcm() {
        return kind == Kind.WAV || kind == Kind.PCM;
    }

    /** Those of ffmpeg for its output. */
    List<String> options() {
        List<String> options = new ArrayList<>();
        if (rate > 0) {
            options.addAll(List.of("-ar", Integer.toString(rate)));
        }
        if (channels > 0) {
            options.addAll(List.of("-ac", Integer.toString(channels)));
        }
        if (bitrate > 0 && !isPcm()) {
            options.addAll(List.of("-b:a", bitrate + "k"));
        }
        // the header of a stream has a wrong length: ours gets the right one
        options.addAll(isPcm() ? List.of("-f", "wav", "-c:a", "pcm_s16le") : kind.options);
        return options;
    }
}
