// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.util.Locale;
import java.util.Set;

/**
 * Words that stop an assistant. OVOS would stop the device, in whichever session they are said, so a conversation does not
 * send them.
 *
 * <p>These are the short ones of OVOS's own {@code stop.intent}. A longer one is sent, to a pipeline without the stages that
 * stop: there it is an utterance like any other.
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

    private static final int LONGEST =
            WORDS.stream().mapToInt(String::length).max().orElseThrow();

    private StopWords() {}

    static boolean isStop(String text) {
        // no pattern: this is asked on the event loop, of whatever a caller says
        String words = text.strip();
        int end = words.length();
        while (end > 0 && (words.charAt(end - 1) == '.' || words.charAt(end - 1) == '!')) {
            end--;
        }
        return end <= LONGEST && WORDS.contains(words.substring(0, end).toLowerCase(Locale.ROOT));
    }
}
