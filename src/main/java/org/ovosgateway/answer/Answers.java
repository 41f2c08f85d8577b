// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.answer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.ovosgateway.bus.InvalidAnswerException;
import org.springframework.stereotype.Component;

/** Shapes answers of the bus for callers; routes call it as the bean {@code answer}. */
@Component("answer")
public class Answers {

    private final Masks masks;

    Answers(Masks masks) {
        this.masks = masks;
    }

    /**
     * One boolean: {@code {"<name>": value}}; null is false.
     *
     * @throws InvalidAnswerException when it is something else, since the assistant said so
     */
    public Map<String, Object> flag(String name, Object value) {
        if (value != null && !(value instanceof Boolean)) {
            throw new InvalidAnswerException(
                    "'%s' should be true or false, and the assistant told something else: look into its log."
                            .formatted(name));
        }
        return Map.of(name, Boolean.TRUE.equals(value));
    }

    /** The body as the one member of an object: {@code {"<name>": body}}. */
    public Map<String, Object> under(@Body Map<String, Object> body, String name) {
        return Map.of(name, body);
    }

    /** The body with this member, null where it has none. */
    public Map<String, Object> withNull(@Body Map<String, Object> body, String name) {
        if (body.containsKey(name)) {
            return body;
        }
        Map<String, Object> with = new LinkedHashMap<>(body);
        with.put(name, null);
        return Collections.unmodifiableMap(with);
    }

    /** The body with this member. */
    public Map<String, Object> with(@Body Map<String, Object> body, String name, Object value) {
        Map<String, Object> with = new LinkedHashMap<>(body);
        with.put(name, value);
        return Collections.unmodifiableMap(with);
    }

    /**
     * The body with the keys of all its objects in order, at any depth.
     *
     * @param wanted the query parameter {@code sort}; anything but true leaves the body as it is
     */
    public Object sort(@Body Object body, @Header("sort") Boolean wanted) {
        return Boolean.TRUE.equals(wanted) ? sorted(body) : body;
    }

    /** The body with every secret in it masked. */
    public Object mask(@Body Object body) {
        return masks.mask(body);
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, member) -> sorted.put(key.toString(), sorted(member)));
            return sorted;
        }
        return value instanceof List<?> list
                ? list.stream().map(Answers::sorted).toList()
                : value;
    }
}
