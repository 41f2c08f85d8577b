// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Json;
import org.ovosgateway.mqtt.Publication;
import org.ovosgateway.problem.ProblemException;

/** A message that may hold a press, and the ways to read it; what cannot be read is told as a problem. */
record Received(String topic, byte[] payload, Instant at) {

    /** What a button sends has some hundred bytes. */
    private static final int LARGEST = 64 * 1024;

    private static final int LONGEST_TOPIC = 500;
    private static final int LONGEST_WORD = 100;

    Received {
        // it names the button, and is remembered
        if (topic.length() > LONGEST_TOPIC || topic.chars().anyMatch(Character::isISOControl)) {
            throw unreadable("came on a topic with control characters, or more than %d".formatted(LONGEST_TOPIC));
        }
    }

    /** The levels of the topic. */
    List<String> levels() {
        return List.of(topic.split("/", -1));
    }

    /** A level of the topic counted from its end, the last being 0; empty when there are not so many. */
    String levelFromEnd(int index) {
        List<String> levels = levels();
        return index < levels.size() ? levels.get(levels.size() - 1 - index) : "";
    }

    /** The payload as text, without space around it. */
    String text() {
        if (payload.length > LARGEST) {
            throw unreadable("is larger than 64 KB");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString()
                    .trim();
        } catch (CharacterCodingException e) {
            throw unreadable("is not text in UTF-8");
        }
    }

    /** The payload as a short text: one word, or a few. */
    String word() {
        return word(text());
    }

    /** This text, unless it is too long or too odd for a word. */
    String word(String text) {
        if (text.length() > LONGEST_WORD) {
            throw unreadable("holds a word of more than %d characters".formatted(LONGEST_WORD));
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw unreadable("holds a word with control characters");
        }
        return text;
    }

    /** The payload as a JSON object. */
    JsonNode object() {
        return Json.PLAIN.valueToTree(Publication.readObject(text()));
    }

    boolean looksLikeObject() {
        return text().startsWith("{");
    }

    /** A member that names or numbers something, as text; empty when it is absent or null. */
    String word(JsonNode parent, String member) {
        return value(parent.path(member), member);
    }

    /** As {@link #word(JsonNode, String)}, of a node found otherwise, which a person knows by this name. */
    String value(JsonNode node, String name) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        if (!node.isValueNode()) {
            throw unreadable("has an object or a list as " + name + ", where a word or a number belongs");
        }
        return word(node.asText().trim());
    }

    /** Seconds since 1970 by the device's clock; the time of reception when that clock is not set. */
    Instant seconds(JsonNode... candidates) {
        for (JsonNode seconds : candidates) {
            double value = seconds.isNumber() ? seconds.asDouble() : 0;
            // before 2001: counted from the start of the device; after 2100: not seconds
            if (value > 1e9 && value < 4.1e9) {
                return Instant.ofEpochMilli((long) (value * 1000));
            }
        }
        return at;
    }

    /** A problem that goes on after "it". */
    static ProblemException unreadable(String why) {
        return Publication.unreadable("it " + why);
    }
}
