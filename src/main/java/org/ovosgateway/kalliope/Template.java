// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills {@code {{ name }}} with values: names only, and none of what else Jinja knows. */
final class Template {

    private static final Pattern NAME = Pattern.compile("\\{\\{\\s*(\\w{1,64})\\s*}}");

    static final int LONGEST = 4_000;

    private Template() {}

    /** The same tree with its texts filled; what has no value becomes nothing. */
    static Object fill(Object tree, Map<String, ?> values) {
        if (tree instanceof Map<?, ?> map) {
            Map<String, Object> filled = new LinkedHashMap<>();
            map.forEach((key, value) -> filled.put(String.valueOf(key), fill(value, values)));
            return filled;
        }
        if (tree instanceof List<?> list) {
            return list.stream().map(one -> fill(one, values)).toList();
        }
        return tree instanceof String text ? fill(text, values, UnaryOperator.identity()) : tree;
    }

    static String fill(String text, Map<String, ?> values) {
        return fill(text, values, UnaryOperator.identity());
    }

    /** Each value becomes a part of a path or of a query, and nothing else. */
    static String fillUrl(String url, Map<String, ?> values) {
        return fill(
                url,
                values,
                value -> URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    /** What would be too long is cut off: a text may name a value of a caller again and again. */
    private static String fill(String text, Map<String, ?> values, UnaryOperator<String> encode) {
        StringBuilder filled = new StringBuilder();
        Matcher name = NAME.matcher(text);
        while (filled.length() <= LONGEST && name.find()) {
            String value = value(values.get(name.group(1)));
            name.appendReplacement(filled, Matcher.quoteReplacement(encode.apply(value)));
        }
        if (filled.length() <= LONGEST) {
            name.appendTail(filled);
        }
        return cut(filled.toString(), LONGEST);
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
