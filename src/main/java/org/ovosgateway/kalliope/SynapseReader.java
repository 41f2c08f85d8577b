// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.ovosgateway.Nearest;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads synapses as they are written in a file, or sent; says of what is wrong in which synapse it is.
 *
 * @param ofOwner whether they are the owner's, who alone may have messages sent and URLs called
 */
record SynapseReader(boolean ofOwner) {

    /** Those of Kalliope that can do something here, and those of OVOS. */
    static final Set<String> NEURONS =
            new TreeSet<>(Set.of("say", "utterance", "command", "ovos", "uri", "sleep", "neurotransmitter"));

    /** Those that only the owner can have. */
    static final Set<String> OF_OWNER = Set.of("ovos", "uri");

    private static final Set<String> DANGEROUS = Set.of("shell", "script", "ansible_playbook");

    /** By the type of a message, in the old and the new spelling, the neuron that is there for it. */
    private static final Map<String, String> INSTEAD = Map.of(
            "speak", "say",
            "ovos.utterance.speak", "say",
            "speak:b64_audio", "say",
            "ovos.utterance.speak.b64", "say",
            "recognizer_loop:utterance", "utterance",
            "ovos.utterance.handle", "utterance");

    /** A place is of use to clients only. */
    private static final Set<String> SIGNALS = Set.of(Order.ORDER, "geolocation");

    private static final Pattern NAME = Pattern.compile("(?=.{4,100}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*");
    private static final Pattern COMMAND = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9_.:-]{1,100}");
    private static final Pattern URL = Pattern.compile("https?://[^/?#\\s{}@]+(?:[/?#].*)?");
    /** Synapses of a file, and those that are kept. */
    static final int MOST = 500;

    private static final int MOST_PARTS = 50;
    private static final int LONGEST_TEXT = 4_000;
    private static final int LONGEST_CORRECTION = 100;
    private static final int LONGEST_SLEEP = 60;

    /**
     * The synapses of a file.
     *
     * @throws IllegalArgumentException when one of them is wrong
     */
    List<Synapse> readFile(String yaml) {
        Object tree;
        try {
            tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        } catch (MarkedYamlEngineException e) {
            // without the lines around, which may hold a password
            throw new IllegalArgumentException("it is no YAML: %s%s"
                    .formatted(
                            e.getProblem(),
                            e.getProblemMark()
                                    .map(mark -> " in line %d, column %d"
                                            .formatted(mark.getLine() + 1, mark.getColumn() + 1))
                                    .orElse("")));
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("it is no YAML");
        }
        return readAll(tree);
    }

    List<Synapse> readAll(Object tree) {
        List<?> all = tree == null ? List.of() : list(tree, "a file of synapses", MOST);
        List<Synapse> synapses = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Object one : all) {
            Synapse synapse = read(one);
            if (!names.add(synapse.name())) {
                throw new IllegalArgumentException("synapse '%s' is there twice".formatted(synapse.name()));
            }
            synapses.add(synapse);
        }
        return synapses;
    }

    /** @throws IllegalArgumentException when it is none, or does what it may not */
    Synapse read(Object tree) {
        Map<String, Object> members = map(tree, "a synapse");
        String name = String.valueOf(members.get("name"));
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "Error with synapse name \"%s\": it has 4 to 100 letters, digits and single hyphens within"
                            .formatted(name.substring(0, Math.min(name.length(), 100))));
        }
        String at = "synapse '" + name + "'";
        List<SynapsePart> signals = new ArrayList<>();
        for (Object signal : list(members.get("signals"), at + ": signals", MOST_PARTS)) {
            signals.add(signal(part(signal, at), at));
        }
        List<SynapsePart> neurons = new ArrayList<>();
        for (Object neuron : list(members.get("neurons"), at + ": neurons", MOST_PARTS)) {
            neurons.add(neuron(part(neuron, at), at));
        }
        if (neurons.isEmpty() || signals.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s does not have %s".formatted(at, neurons.isEmpty() ? "neurons" : "signals"));
        }
        return new Synapse(name, !Boolean.FALSE.equals(members.get("enabled")), signals, neurons);
    }

    static boolean isName(Object name) {
        return name instanceof String text && NAME.matcher(text).matches();
    }

    private static SynapsePart part(Object written, String at) {
        if (written instanceof String name) {
            return new SynapsePart(name, null);
        }
        Map<String, Object> map = map(written, at + ": a signal or neuron");
        if (map.size() != 1) {
            throw new IllegalArgumentException(
                    at + ": a signal or neuron is its name with its parameters below, not " + map.keySet());
        }
        Map.Entry<String, Object> only = map.entrySet().iterator().next();
        return new SynapsePart(only.getKey(), only.getValue());
    }

    private static SynapsePart signal(SynapsePart signal, String at) {
        if (!SIGNALS.contains(signal.name())) {
            throw new IllegalArgumentException("%s: the signal '%s' never comes; there are %s%s"
                    .formatted(at, signal.name(), SIGNALS, Nearest.hint(signal.name(), SIGNALS)));
        }
        if (signal.name().equals(Order.ORDER)) {
            text(signal, Order.TEXT, at);
            Object type = signal.parameter("matching-type");
            if (type != null && !Order.MATCHING_TYPES.contains(type.toString())) {
                throw new IllegalArgumentException(
                        "%s: matching-type is one of %s, not '%s'".formatted(at, Order.MATCHING_TYPES, type));
            }
            if (signal.parameter(Order.EXCLUDED_WORDS) != null) {
                list(signal.parameter(Order.EXCLUDED_WORDS), at + ": " + Order.EXCLUDED_WORDS, MOST_PARTS);
            }
            if (signal.parameter(Order.CORRECTION) != null) {
                for (Object one : list(signal.parameter(Order.CORRECTION), at + ": " + Order.CORRECTION, MOST_PARTS)) {
                    correction(map(one, at + ": a correction"), at);
                }
            }
        }
        return signal;
    }

    private static void correction(Map<String, Object> correction, String at) {
        Object input = correction.get(Order.INPUT);
        Object output = correction.get(Order.OUTPUT);
        if (input == null || output == null || input.toString().isEmpty()) {
            throw new IllegalArgumentException(at + ": each correction has input and output");
        }
        if (Math.max(input.toString().length(), output.toString().length()) > LONGEST_CORRECTION) {
            throw new IllegalArgumentException(
                    "%s: a correction has at most %d characters".formatted(at, LONGEST_CORRECTION));
        }
    }

    private SynapsePart neuron(SynapsePart neuron, String at) {
        String name = neuron.name();
        if (DANGEROUS.contains(name)) {
            throw new IllegalArgumentException(
                    "%s: the neuron '%s' is refused, since the gateway runs no programs; there are %s"
                            .formatted(at, name, NEURONS));
        }
        if (!NEURONS.contains(name)) {
            throw new IllegalArgumentException("%s: there is no neuron '%s'; there are %s%s"
                    .formatted(at, name, NEURONS, Nearest.hint(name, NEURONS)));
        }
        if (!ofOwner && OF_OWNER.contains(name)) {
            throw new IllegalArgumentException(
                    "%s: the neuron '%s' is refused here; only the owner can have it, in synapses.yaml"
                            .formatted(at, name));
        }
        switch (name) {
            case "say" -> says(neuron, at);
            case "utterance" -> text(neuron, Order.TEXT, at);
            case "command" -> fits(neuron, "name", COMMAND, at);
            case "ovos" -> sends(neuron, at);
            // whoever gives the parameters must not choose the host
            case "uri" -> fits(neuron, "url", URL, at);
            case "sleep" -> seconds(neuron, at);
            default -> links(neuron, at);
        }
        return neuron;
    }

    private static void says(SynapsePart say, String at) {
        if (say.parameter("message") instanceof List<?> several && !several.isEmpty()) {
            several.forEach(one -> text(new SynapsePart(say.name(), one), "message", at));
        } else {
            text(say, "message", at);
        }
    }

    /** What has a neuron of its own knows mute, scopes and limits; as a mere message it would not. */
    private static void sends(SynapsePart ovos, String at) {
        fits(ovos, "type", TYPE, at);
        String instead = INSTEAD.get(ovos.main("type"));
        if (instead != null) {
            throw new IllegalArgumentException(
                    "%s: take the neuron '%s' for '%s'".formatted(at, instead, ovos.main("type")));
        }
    }

    private static void seconds(SynapsePart sleep, String at) {
        boolean good = sleep.parameter("seconds") instanceof Number seconds
                && seconds.doubleValue() > 0
                && seconds.doubleValue() <= LONGEST_SLEEP;
        if (!good) {
            throw new IllegalArgumentException(
                    "%s: seconds of sleep is a number up to %d".formatted(at, LONGEST_SLEEP));
        }
    }

    private static void links(SynapsePart neuron, String at) {
        Object direct = neuron.parameter("direct_link");
        Object links = neuron.parameter("from_answer_link");
        if ((direct == null) == (links == null)) {
            throw new IllegalArgumentException(at + ": neurotransmitter has either direct_link or from_answer_link");
        }
        if (direct != null) {
            text(neuron, "direct_link", at);
            return;
        }
        text(neuron, "default", at);
        for (Object one : list(links, at + ": from_answer_link", MOST_PARTS)) {
            Map<String, Object> link = map(one, at + ": a link");
            if (!(link.get("synapse") instanceof String)
                    || list(link.get("answers"), at + ": answers", MOST_PARTS).isEmpty()) {
                throw new IllegalArgumentException(at + ": each link has synapse and answers");
            }
        }
    }

    private static void fits(SynapsePart part, String key, Pattern pattern, String at) {
        String text = text(part, key, at);
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    // without the value: it may be a URL with a password
                    "%s: %s of %s does not fit %s".formatted(at, key, part.name(), pattern));
        }
    }

    private static String text(SynapsePart part, String key, String at) {
        Object value = part.parameters() instanceof Map<?, ?> map ? map.get(key) : part.parameters();
        if (!(value instanceof String text) || text.isBlank() || text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "%s: %s needs %s, a text of 1 to %d characters".formatted(at, part.name(), key, LONGEST_TEXT));
        }
        return text;
    }

    private static List<?> list(Object tree, String what, int most) {
        if (tree instanceof List<?> list && list.size() <= most) {
            return list;
        }
        throw new IllegalArgumentException("%s must be a list of at most %d".formatted(what, most));
    }

    private static Map<String, Object> map(Object tree, String what) {
        if (!(tree instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(what + " must be a table of keys and values");
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((key, value) -> members.put(String.valueOf(key), value));
        return members;
    }
}
