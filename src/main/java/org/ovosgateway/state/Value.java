// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.ovosgateway.mqtt.Publication.Json;

/** What a property or a member of an event may be, and how it is written. */
final class Value {

    /** The longest text, in bytes of UTF-8: an answer that is read out for minutes has less. */
    static final int LONGEST_TEXT = 4 * 1024;

    private static final int LONGEST = 16 * 1024;

    private Value() {}

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
        } else if (value == null || value instanceof Boolean || value instanceof Number) {
            return value;
        }
        throw new IllegalArgumentException(
                "A property is a text, a number, a boolean, a map or a list, not a %s; convert the body first"
                        .formatted(value.getClass().getSimpleName()));
    }

    /** {@code ON} or {@code OFF}, a plain number or text, else JSON; empty for null. */
    static String payload(Object value) {
        if (value == null) {
            return "";
        } else if (value instanceof Boolean on) {
            return on ? "ON" : "OFF";
        } else if (value instanceof Number number) {
            return plain(number);
        } else if (value instanceof String text) {
            return text;
        }
        String json = Json.write(value);
        if (json.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "A property of %d characters is longer than %d".formatted(json.length(), LONGEST));
        }
        return json;
    }

    private static String plain(Number number) {
        try {
            return new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(number + " is no number that can be told", e);
        }
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
