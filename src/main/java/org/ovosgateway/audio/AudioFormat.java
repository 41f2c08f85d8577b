// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.audio;

import java.nio.charset.StandardCharsets;

/** Formats of sound, known by the first bytes of a file: a {@code Content-Type} may be wrong. */
enum AudioFormat {
    WAV("audio/wav", "wav"),
    MP3("audio/mpeg", "mp3"),
    OGG("audio/ogg", "ogg"),
    FLAC("audio/flac", "flac"),
    AAC("audio/aac", "aac"),
    WEBM("audio/webm", "webm", "matroska"),
    M4A("audio/mp4", "m4a", "mov");

    /** Bytes that are enough to know a format. */
    static final int BEGINNING = 12;

    private final String mediaType;
    private final String extension;
    private final String demuxer;

    AudioFormat(String mediaType, String extension) {
        this(mediaType, extension, extension);
    }

    AudioFormat(String mediaType, String extension, String demuxer) {
        this.mediaType = mediaType;
        this.extension = extension;
        this.demuxer = demuxer;
    }

    /** The format of a file with these first bytes; null where it is unknown. */
    static AudioFormat of(byte[] beginning) {
        String text = new String(beginning, 0, Math.min(BEGINNING, beginning.length), StandardCharsets.ISO_8859_1);
        if (text.startsWith("RIFF") && text.startsWith("WAVE", 8)) {
            return WAV;
        }
        if (text.startsWith("OggS")) {
            return OGG;
        }
        if (text.startsWith("fLaC")) {
            return FLAC;
        }
        if (text.startsWith("ID3") || isMpegFrame(text)) {
            return MP3;
        }
        if (isAdtsFrame(text)) {
            return AAC;
        }
        if (text.startsWith("\u001a\u0045\u00df\u00a3")) {
            return WEBM;
        }
        return text.startsWith("ftyp", 4) ? M4A : null;
    }

    /** Eleven bits that are set, a version, and layer III (ISO/IEC 11172-3, 2.4.2.3). */
    private static boolean isMpegFrame(String text) {
        return text.length() > 2
                && text.charAt(0) == 0xFF
                && (text.charAt(1) & 0xE6) == 0xE2
                && (text.charAt(1) & 0x18) != 0x08
                && (text.charAt(2) & 0xF0) != 0xF0;
    }

    /** Twelve bits that are set, a version, and no layer (ISO/IEC 13818-7, 6.2). */
    private static boolean isAdtsFrame(String text) {
        return text.length() > 2
                && text.charAt(0) == 0xFF
                && (text.charAt(1) & 0xF6) == 0xF0
                && (text.charAt(2) & 0x3C) < 13 << 2;
    }

    String mediaType() {
        return mediaType;
    }

    String extension() {
        return extension;
    }

    /** What ffmpeg calls it. */
    String demuxer() {
        return demuxer;
    }
}
