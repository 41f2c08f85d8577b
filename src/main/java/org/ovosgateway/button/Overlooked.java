// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.Ellipsis;

/**
 * Says of a message in which no press was found that it looks like one: another firmware, an encrypted packet, a member of
 * another name. Else such a button is silent, and nobody knows why.
 */
final class Overlooked {

    /** How firmware names what was done to a button: {@code event}, {@code button_press}, {@code clickType}, {@code btn2}. */
    private static final Pattern PRESS = Pattern.compile("(?i)(?:(?:button|btn|key|remote|switch)[_-]?)?"
            + "(?:event|press|pressed|click|clicked|action|gesture|push|pushed|tap)(?:[_-]?(?:type|name|\\d{1,2}))?"
            + "|(?:button|btn)[_-]?\\d{0,2}");

    private static final int DEEPEST = 4;
    private static final int MOST_MEMBERS = 200;
    private static final int LONGEST_VALUE = 40;

    private final Received message;
    private final Pattern read;
    private int left = MOST_MEMBERS;

    /** @param read names of members that the decoder reads, so that it has looked at them already */
    private Overlooked(Received message, Pattern read) {
        this.message = message;
        this.read = read;
    }

    /**
     * @param read names of members that the decoder reads
     * @throws org.ovosgateway.problem.ProblemException when a member of the node looks like a press
     */
    static void check(Received message, JsonNode node, Pattern read) {
        new Overlooked(message, read).look(node, "", 0);
    }

    private void look(JsonNode node, String path, int depth) {
        if (depth == DEEPEST) {
            return;
        }
        for (Map.Entry<String, JsonNode> member : List.copyOf(node.properties())) {
            if (left-- == 0) {
                return;
            }
            String name = path + member.getKey();
            JsonNode value = member.getValue();
            if (value.isObject()) {
                look(value, name + ".", depth + 1);
            } else if (PRESS.matcher(member.getKey()).matches()
                    && !read.matcher(member.getKey()).matches()
                    && says(value)) {
                throw Received.unreadable(
                        "has '%s' with %s, which is no press that this kind of button is known for. If it is one, take the template json-button with path: %s, and say what its values mean"
                                .formatted(message.word(name), value(value), message.word(name)));
            }
        }
    }

    /** Nothing, no and 0 are how a button rests. */
    private static boolean says(JsonNode value) {
        return value.isValueNode()
                && !value.isNull()
                && !value.asText().isBlank()
                && !value.asText().matches("0|false|(?i)none|null");
    }

    /** For a person, short. */
    static String value(JsonNode value) {
        String text = value.isContainerNode()
                ? "a list or an object"
                : value.asText().replaceAll("[^\\p{Print}\\p{L}\\p{N}]", "?");
        return "'" + Ellipsis.cut(text, LONGEST_VALUE) + "'";
    }
}
