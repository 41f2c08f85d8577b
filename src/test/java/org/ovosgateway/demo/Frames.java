// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Messages without what may differ from one assistant to the next: texts, names of skills and intents, what is chatter
 * among the services. What is left must be the same.
 */
final class Frames {

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);
    private static final Pattern SKILL = Pattern.compile(
            "(ovos-skill-[\\w-]+|gateway-test)\\.openvoiceos|[\\w-]+-skill\\.test|skill-[\\w-]+\\.(ovosgateway|smartgic)");
    private static final Pattern INTENT = Pattern.compile("<skill>:.*");

    /** Of which the text counts, too. */
    private static final Set<String> WORDS = Set.of("state", "mode", "by", "uri", "skill", "skill_id");

    /** The voice activity detector takes the hum of a room for speech. */
    private static final Map<String, String> SYNONYMS = Map.of("in_cmd", "before_cmd");

    /** Said by a skill or a plugin that the simulated assistant does not have, or that depends on what was said before. */
    private static final Pattern LEFT_OUT = Pattern.compile(
            "(add|remove)_context" // by the skill naptime, to itself
                    + "|mycroft\\.audio\\.service\\.stop" // by the plugin for music, to itself
                    + "|(common_query|persona)\\.openvoiceos\\..*|ovos\\.common_play\\..*" // plugins of the core
                    + "|mycroft\\.skills\\.(error|initialized)|ovos\\.skills\\.fallback\\.register" // at the start
                    + "|.*\\.(converse|stop)\\.ping|skill\\.(converse|stop)\\.pong" // to the skills that were active
                    // lately
                    + "|mycroft\\.skills\\.loaded"); // by the core, with a path and a class

    /** Who sends it; the order of the messages of one sender is certain. */
    private static final Map<String, Pattern> SENDERS = new TreeMap<>(Map.of(
            "audio",
            Pattern.compile("recognizer_loop:(audio_output|utterance)_.*|mycroft\\.stop\\.handled"
                    + "|mycroft\\.audio\\.(?!play_sound).*|speak:b64_audio\\.response|mycroft\\.mic\\.listen"
                    + "|ovos\\.languages\\.tts\\.response"),
            "listener",
            Pattern.compile("recognizer_loop:.*|mycroft\\.awoken|mycroft\\.mic\\..*|mycroft\\.voice\\..*"
                    + "|mycroft\\.volume\\.set|ovos\\.languages\\.stt\\.response"),
            "PHAL",
            Pattern.compile("mycroft\\.volume\\.get\\.response|ovos\\.PHAL\\..*|mycroft\\.PHAL\\..*")));

    private Frames() {}

    /**
     * What the one sent and the other did not, in the order of each sender: {@code -} before what the simulated one lacks,
     * {@code +} before what it has too much.
     */
    static List<String> differences(List<Message> real, List<Message> simulated) {
        Map<String, List<String>> wanted = bySender(real);
        Map<String, List<String>> found = bySender(simulated);
        Set<String> senders = new TreeSet<>(wanted.keySet());
        senders.addAll(found.keySet());
        List<String> differences = new ArrayList<>();
        for (String sender : senders) {
            differences.addAll(differ(wanted.getOrDefault(sender, List.of()), found.getOrDefault(sender, List.of())));
        }
        return differences;
    }

    private static List<String> differ(List<String> wanted, List<String> found) {
        int i = 0;
        int j = 0;
        // the longest common subsequence, from behind
        int[][] common = new int[wanted.size() + 1][found.size() + 1];
        for (int a = wanted.size() - 1; a >= 0; a--) {
            for (int b = found.size() - 1; b >= 0; b--) {
                common[a][b] = wanted.get(a).equals(found.get(b))
                        ? common[a + 1][b + 1] + 1
                        : Math.max(common[a + 1][b], common[a][b + 1]);
            }
        }
        List<String> differences = new ArrayList<>();
        while (i < wanted.size() || j < found.size()) {
            if (i < wanted.size() && j < found.size() && wanted.get(i).equals(found.get(j))) {
                i++;
                j++;
            } else if (j == found.size() || i < wanted.size() && common[i + 1][j] >= common[i][j + 1]) {
                differences.add("- " + wanted.get(i++));
            } else {
                differences.add("+ " + found.get(j++));
            }
        }
        return differences;
    }

    private static Map<String, List<String>> bySender(List<Message> messages) {
        Map<String, List<String>> frames = new TreeMap<>();
        for (Message message : messages) {
            String type = SKILL.matcher(message.type()).replaceAll("<skill>");
            if (!LEFT_OUT.matcher(message.type()).matches()) {
                List<String> sent = frames.computeIfAbsent(sender(message, type), none -> new ArrayList<>());
                String frame = frame(message, INTENT.matcher(type).replaceAll("<skill>:<intent>"));
                // there are other skills, which all answer to a stop
                if (!type.equals("<skill>.stop.response") || !sent.contains(frame)) {
                    sent.add(frame);
                }
            }
        }
        return frames;
    }

    private static String sender(Message message, String type) {
        if (type.equals("<skill>.stop.response")) {
            return "skills";
        }
        String sound = message.data().path("uri").asText();
        if (type.equals("mycroft.audio.play_sound")) {
            return sound.endsWith("_listening.wav") ? "listener" : sound.endsWith("error.mp3") ? "core" : "PHAL";
        }
        return SENDERS.entrySet().stream()
                .filter(sender -> sender.getValue().matcher(type).matches())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("core");
    }

    private static String frame(Message message, String type) {
        ObjectNode context = Message.object();
        for (String key : List.of("gw_request_id", "source", "destination", "skill_id")) {
            if (message.context().has(key)) {
                context.set(key, word(message.context().get(key)));
            }
        }
        // where there is no session, the client of the real ones adds the default one
        context.put("session", message.sessionId());
        return type + " " + sorted(shape(message.data(), "")) + " " + sorted(context);
    }

    /** Numbers and booleans as they are, of texts only that they are some. */
    private static JsonNode shape(JsonNode value, String key) {
        // what a dialog says, and where the assistant stands
        if (key.equals("data") || key.endsWith("_connected")) {
            return Message.object().put("", value.getNodeType().name()).get("");
        }
        if (value.isObject()) {
            ObjectNode shape = Message.object();
            value.properties().forEach(field -> {
                // the words that Adapt matched
                if (!field.getKey().equals("__tags__") && !field.getKey().endsWith("Keyword")) {
                    shape.set(
                            SKILL.matcher(field.getKey()).replaceAll("<skill>"),
                            shape(field.getValue(), field.getKey()));
                }
            });
            return shape;
        }
        if (value.isArray()) {
            var shape = Message.object().putArray("");
            Set<JsonNode> shapes = new LinkedHashSet<>();
            value.forEach(one -> shapes.add(shape(one, key)));
            shapes.forEach(shape::add);
            return shape;
        }
        if (value.isNumber()) {
            return Message.object()
                    .put("", Math.round(value.doubleValue() * 100) / 100.0)
                    .get("");
        }
        if (value.isTextual()) {
            return WORDS.contains(key)
                    ? word(value)
                    : Message.object().put("", "text").get("");
        }
        return value;
    }

    private static JsonNode word(JsonNode value) {
        if (!value.isTextual()) {
            return value;
        }
        String word = SKILL.matcher(value.textValue()).replaceAll("<skill>");
        // the voice activity detector takes the hum of a room for speech
        return Message.object()
                .put("", word.equals("in_cmd") ? "before_cmd" : word)
                .get("");
    }

    private static String sorted(JsonNode value) {
        try {
            return JSON.writeValueAsString(JSON.treeToValue(value, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
