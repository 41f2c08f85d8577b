// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.ovosgateway.Json;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** Fills {@code {{ name }}} with values: names only, and none of what else Jinja knows. */
final class Template {

    private static final Pattern NAME = Pattern.compile("\\{\\{\\s*(\\w{1,64})\\s*}}");

    /** What stands in JSON without quotes. */
    private static final Pattern LITERAL = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?|true|false|null");

    static final int LONGEST = 4_000;

    private Template() {}

    /** The characters that trees may still have, all together. */
    static final class Room {

        private final int size;
        private int left;

        Room(int size) {
            this.size = size;
            this.left = size;
        }

        /** @throws ProblemException where there is not enough left */
        private void take(int length) {
            if (length > left) {
                throw new ProblemException(new Problem(
                        "too-long",
                        "Too many characters",
                        413,
                        "Payloads and data of one order have more than %d characters, filled with its values."
                                .formatted(size)));
            }
            left -= length;
        }
    }

    /**
     * The same tree with its texts filled; what has no value becomes nothing.
     *
     * @throws ProblemException where it does not fit into the room
     */
    static Object fill(Object tree, Map<String, ?> values, Room room) {
        if (tree instanceof Map<?, ?> map) {
            Map<String, Object> filled = new LinkedHashMap<>();
            map.forEach((key, value) -> filled.put(String.valueOf(key), fill(value, values, room)));
            return filled;
        }
        if (tree instanceof List<?> list) {
            List<Object> filled = new ArrayList<>();
            list.forEach(one -> filled.add(fill(one, values, room)));
            return filled;
        }
        return tree instanceof String text ? fill(text, values, UnaryOperator.identity(), room) : tree;
    }

    /**
     * A body whose values stay values: in JSON a part of a text, or without quotes a number, true, false, null or a text; in a form
     * a part of a field. In a body of another kind they stand as they are.
     *
     * @param type of the body; null where it is not told
     * @throws ProblemException where it does not fit into the room
     */
    static String fillBody(String body, String type, Map<String, ?> values, Room room) {
        String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
        if (type == null ? isJson(body) : lower.contains("json")) {
            return fillJson(body, values, room);
        }
        return lower.contains("x-www-form-urlencoded")
                ? fill(body, values, value -> URLEncoder.encode(value, StandardCharsets.UTF_8), room)
                : fill(body, values, UnaryOperator.identity(), room);
    }

    private static boolean isJson(String body) {
        try {
            return Json.PLAIN.readTree(NAME.matcher(body).replaceAll("0")).isContainerNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String fillJson(String body, Map<String, ?> values, Room room) {
        StringBuilder filled = new StringBuilder();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < body.length(); i++) {
            if (body.charAt(i) == '"') {
                filled.append(
                        fill(body.substring(from, i + 1), values, quoted ? Template::escape : Template::json, room));
                quoted = !quoted;
                from = i + 1;
            } else if (body.charAt(i) == '\\') {
                i++;
            }
        }
        return filled.append(fill(body.substring(from), values, Template::json, room))
                .toString();
    }

    private static String json(String value) {
        return LITERAL.matcher(value).matches() ? value : Json.write(value);
    }

    private static String escape(String value) {
        String written = Json.write(value);
        return written.substring(1, written.length() - 1);
    }

    private static String fill(String text, Map<String, ?> values, UnaryOperator<String> encode, Room room) {
        String filled = fill(text, values, encode, room.left);
        room.take(filled.length());
        return filled;
    }

    /** A text that is said; what would be too long is cut off. */
    static String fill(String text, Map<String, ?> values) {
        return cut(fill(text, values, UnaryOperator.identity(), LONGEST), LONGEST);
    }

    /** Each value becomes a part of a path or of a query, and nothing else. */
    static String fillUrl(String url, Map<String, ?> values) {
        String filled = fill(
                url,
                values,
                value -> URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"),
                LONGEST);
        return cut(filled, LONGEST);
    }

    /** It ends where it has more than the most: a text may name a value of a caller again and again. */
    private static String fill(String text, Map<String, ?> values, UnaryOperator<String> encode, int most) {
        StringBuilder filled = new StringBuilder();
        Matcher name = NAME.matcher(text);
        while (filled.length() <= most && name.find()) {
            String value = value(values.get(name.group(1)));
            name.appendReplacement(filled, Matcher.quoteReplacement(encode.apply(value)));
        }
        if (filled.length() <= most) {
            name.appendTail(filled);
        }
        return filled.toString();
    }

    /** What a caller has given, as it is filled in. */
    static String value(Object given) {
        return given == null ? "" : cut(given.toString(), LONGEST);
    }

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        if (most == 0) {
            return "";
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
