// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.problem;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What went wrong, for a person and for a program: the members of RFC 9457.
 *
 * @param type stable name, such as {@code bus-timeout}; rendered as {@code urn:ovos-gateway:bus-timeout}
 * @param title the same for every problem of this type
 * @param status HTTP status code
 * @param detail what was wrong this time, where, and what to do; never holds a secret
 * @param members extension members of the document, such as the offending fields
 * @param headers response headers, such as {@code Retry-After}
 */
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        Map<String, Object> members,
        Map<String, String> headers) {

    public Problem(String type, String title, int status, String detail) {
        this(type, title, status, detail, Map.of(), Map.of());
    }

    /** Input that does not fit the contract: which fields, and why. */
    public static Problem validation(List<FieldError> errors) {
        String detail = errors.stream()
                .map(error -> error.field() + " " + error.reason())
                .collect(Collectors.joining("; ", "", "."));
        return new Problem("validation", "The request does not fit the contract", 422, detail).with("errors", errors);
    }

    /** This problem with one more extension member. */
    public Problem with(String member, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(type, title, status, detail, more, headers);
    }

    /** This problem with one more response header. */
    public Problem header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Problem(type, title, status, detail, members, more);
    }
}
