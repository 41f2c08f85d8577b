// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One part of a {@code multipart/*} answer.
 *
 * @param headers such as {@code Content-Type} and {@code Content-ID}
 * @param body bytes, a text, a file, a stream, or what is written as JSON
 */
public record BodyPart(Map<String, String> headers, Object body) {

    /**
     * A part as a route in YAML makes it: a map with {@code body} and perhaps {@code headers}, or only its body.
     */
    static BodyPart of(Object element) {
        if (element instanceof BodyPart part) {
            return part;
        }
        if (element instanceof Map<?, ?> map && map.containsKey("body")) {
            Map<String, String> headers = new LinkedHashMap<>();
            if (map.get("headers") instanceof Map<?, ?> given) {
                given.forEach((name, value) -> headers.put(String.valueOf(name), String.valueOf(value)));
            }
            return new BodyPart(headers, map.get("body"));
        }
        return new BodyPart(Map.of(), element);
    }
}
