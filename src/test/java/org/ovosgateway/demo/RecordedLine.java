// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.Map;
import java.util.regex.Pattern;

/** A release line of OVOS: what its assistants say otherwise than the simulated one, whose model is today's, and why. */
enum RecordedLine {
    TODAY(
            "today",
            SimulatedAssistant.builder().pulseAudio(),
            Map.of(
                    "- recognizer_loop:(audio_output|utterance)_\\w+ .*\"destination\":\"skills\",\"gw_request_id\".*",
                    "speaks in the default session whoever is meant; the simulated one speaks what every line does")),

    STABLE(
            "stable",
            SimulatedAssistant.builder(),
            Map.ofEntries(
                    Map.entry("\\+ recognizer_loop:utterance_start .*", "ovos-audio 0.4 does not tell each text"),
                    Map.entry(
                            "- recognizer_loop:audio_output_\\w+ .*\"session\":\"own\".*",
                            "ovos-audio 0.4 speaks in any session"),
                    Map.entry("- mycroft\\.audio\\.play_sound\\.response .*", "its package has the sounds"),
                    Map.entry(
                            "- speak .*\"persona\\.openvoiceos\".*", "its persona fails aloud where nothing was said"),
                    Map.entry(
                            "[-+] ovos\\.skills\\.fallback\\.<skill>\\.(request|response) .*",
                            "the request has no range; fallback-unknown 0.1.6 says that it has understood"),
                    Map.entry("- <skill>\\.activate .*", "a fallback that has understood is active"),
                    Map.entry("[-+] ovos\\.utterance\\.handled .*", "tells the text where no skill has a handler"),
                    Map.entry("[-+] complete_intent_failure .*", "does not tell the text"),
                    Map.entry(
                            "[-+] (stop\\.openvoiceos\\.activate|stop:global|mycroft\\.stop) .*", "stop is no plugin"),
                    Map.entry(
                            "[-+] <skill>\\.converse\\.get_response .*",
                            "an answer is given to the skill without the name of the skill"),
                    Map.entry("\\+ <skill>\\.activate .*\"gw_request_id\":\"2\".*", "an answer activates no skill"),
                    Map.entry("[-+] <skill>:<intent> .*", "another engine, and less sure, matched"),
                    Map.entry("\\+ mycroft\\.intents\\..*", "core 1.3 is one service"),
                    Map.entry(
                            "- mycroft\\.volume\\.get(\\.response)? .*\\{\"session\":\"default\"}",
                            "the sound that says that it" + " listens asks whether the loudspeaker is muted"))),

    /** What core and skills say is not among it: the line puts messages of new kinds between all of them. */
    ALPHA(
            "alpha",
            SimulatedAssistant.builder().pulseAudio(),
            Map.ofEntries(
                    Map.entry(
                            "- ovos\\.(?!languages|PHAL|utterance\\.handled).*",
                            "says each message by its new name, too"),
                    Map.entry(
                            "- mycroft\\.audio\\.speak\\.status .*",
                            "its twin of a new answer has the name of the question"),
                    Map.entry("[-+] recognizer_loop:utterance_start .*", "tells how long the sound is"),
                    Map.entry("- mycroft\\.audio\\.play_sound\\.response .*", "its package has the sounds"),
                    Map.entry(
                            "[-+] recognizer_loop:speech\\.recognition\\.unknown .*",
                            "the destination is a text, not a list"),
                    Map.entry(
                            "- recognizer_loop:audio_output_\\w+ .*\"destination\":\"skills\".*",
                            "speaks in the default session whoever is meant"),
                    Map.entry(
                            "\\+ (mycroft\\.volume\\.|recognizer_loop:record_end).*",
                            "the end of no recording is not told"),
                    Map.entry(
                            "\\+ mycroft\\.audio\\.play_sound .*end_listening.*",
                            "the end of a recording makes no sound"),
                    Map.entry(
                            "[-+] speak:b64_audio\\.response .*",
                            "answers without turning source and destination round"),
                    Map.entry(
                            "[-+] mycroft\\.mic\\.get_status\\.response .*",
                            "a stop does not un-mute the microphone")));

    private final String folder;
    private final SimulatedAssistant.Builder device;
    private final Map<String, String> differences;

    /** Patterns of what {@link Frames#differences} tells, each with its reason. */
    RecordedLine(String folder, SimulatedAssistant.Builder device, Map<String, String> differences) {
        this.folder = folder;
        this.device = device;
        this.differences = differences;
    }

    String folder() {
        return folder;
    }

    SimulatedAssistant.Builder device() {
        return device;
    }

    boolean differsIn(String difference) {
        return differences.keySet().stream().anyMatch(named -> Pattern.matches(named, difference));
    }
}
