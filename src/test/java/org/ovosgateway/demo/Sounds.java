// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Base64;

/** Sounds that the simulated assistant understands. */
public final class Sounds {

    private Sounds() {}

    /** A WAV file in which this text is said. */
    public static byte[] wav(String text) {
        return Base64.getDecoder().decode(Sound.of(text));
    }

    /** What is said in a sound, to the simulated assistant. */
    public static String text(byte[] sound) {
        return Sound.text(Base64.getEncoder().encodeToString(sound)).orElseThrow();
    }
}
