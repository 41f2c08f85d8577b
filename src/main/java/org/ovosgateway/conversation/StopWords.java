// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Locale;
import java.util.Set;

/**
 * What people say so that an assistant stops. OVOS would stop the device, whoever says it and from wherever, so in a silent
 * conversation it is not sent.
 *
 * <p>These are the short ones of its own {@code stop.intent}. Longer ones are kept from it by a pipeline without its stages
 * for stopping; they are then words like others.
 */
final class StopWords {

    private static final Set<String> WORDS = Set.of(
            "stop",
            "stop it",
            "stop that",
            "stop doing that",
            "please stop",
            "cancel",
            "nevermind",
            "never mind",
            "shut up",
            "stopp",
            "stoppe das",
            "schluss",
            "schluß",
            "abbrechen",
            "stop det",
            "para",
            "detente",
            "atura",
            "prou",
            "arrête",
            "tais toi",
            "basta",
            "fermati",
            "parar",
            "pare",
            "pára",
            "gelditu",
            "stoppen",
            "stop ermee",
            "przestań",
            "зупинити");

    private StopWords() {}

    static boolean isStop(String text) {
        return WORDS.contains(text.strip().toLowerCase(Locale.ROOT).replaceAll("[.!]+$", ""));
    }
}
