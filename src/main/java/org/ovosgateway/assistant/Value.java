// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a property or a member of an event may be. */
final class Value {

    /** The longest text, in bytes of UTF-8: an answer that is read out for minutes has less. */
    static final int LONGEST_TEXT = 4 * 1024;

    /** The longest map or list, in characters, about as JSON has them. */
    private static final int LONGEST = 16 * 1024;

    private Value() {}

    /**
     * The same with every text cut to 4 KB; null for an empty text.
     *
     * @throws IllegalArgumentException when it is nothing that a property may be
     */
    static Object of(Object given) {
        Object value = cut(given);
        long length = length(value);
        if (length > LONGEST) {
            throw new IllegalArgumentException(
                    "A property of %d characters is longer than %d".formatted(length, LONGEST));
        }
        return "".equals(value) ? null : value;
    }

    /**
     * The same with every text cut to 4 KB.
     *
     * @throws IllegalArgumentException when it is nothing that can be told
     */
    static Object cut(Object value) {
        if (value instanceof CharSequence text) {
            return cut(text.toString());
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Object> cut = new LinkedHashMap<>();
            map.forEach((key, member) -> cut.put(String.valueOf(key), cut(member)));
            return cut;
        } else if (value instanceof List<?> list) {
            return list.stream().map(Value::cut).toList();
        } else if (value instanceof Number number) {
            return finite(number);
        } else if (value == null || value instanceof Boolean) {
            return value;
        }
        throw new IllegalArgumentException(
                "A property is a text, a number, a boolean, a map or a list, not a %s; convert the body first"
                        .formatted(value.getClass().getSimpleName()));
    }

    private static Number finite(Number number) {
        try {
            new BigDecimal(number.toString());
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(number + " is no number that can be told", e);
        }
    }

    private static long length(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .mapToLong(member -> length(member.getKey()) + length(member.getValue()) + 2)
                    .sum();
        } else if (value instanceof List<?> list) {
            return list.stream().mapToLong(item -> length(item) + 1).sum();
        }
        return String.valueOf(value).length() + 2;
    }

    private static String cut(String text) {
        if (text.length() * 3L <= LONGEST_TEXT) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_TEXT) {
            return text;
        }
        int end = LONGEST_TEXT - "…".getBytes(StandardCharsets.UTF_8).length;
        // not within a character
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + "…";
    }
}
