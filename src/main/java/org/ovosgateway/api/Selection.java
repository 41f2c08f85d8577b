// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.vertx.core.MultiMap;
import org.ovosgateway.http.HttpDate;

/**
 * What a request wants of a content: all of it, a part, or nothing because it has it already (RFC 9110, sections 13 and 14).
 *
 * @param status 200, 206, 304, 412 or 416
 * @param from first byte of the part
 * @param length bytes of the part
 */
record Selection(int status, long from, long length) {

    /** One range; a request for several is answered with the whole, as RFC 9110, 14.2 allows. */
    private static final Pattern RANGE = Pattern.compile("(?i)bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*");

    /**
     * @param etag of the content, or null
     * @param modified when the content has changed, or null
     * @param ranges whether a part can be had
     */
    static Selection of(MultiMap headers, long length, String etag, Instant modified, boolean ranges) {
        Instant seconds = modified == null ? null : modified.truncatedTo(ChronoUnit.SECONDS);
        if (fails(headers, etag, seconds)) {
            return new Selection(412, 0, 0);
        }
        if (isKnown(headers, etag, seconds)) {
            return new Selection(304, 0, 0);
        }
        Matcher range = RANGE.matcher(ranges && headers.contains("Range") ? headers.get("Range") : "");
        if (!range.matches() || !isSame(headers.get("If-Range"), etag, seconds)) {
            return new Selection(200, 0, length);
        }
        return part(range.group(1), range.group(2), length);
    }

    private static Selection part(String first, String last, long length) {
        if (first.isEmpty()) {
            if (last.isEmpty()) {
                return new Selection(200, 0, length);
            }
            long suffix = Math.min(Long.parseLong(last), length);
            return suffix == 0 ? new Selection(416, 0, 0) : new Selection(206, length - suffix, suffix);
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? length - 1 : Math.min(Long.parseLong(last), length - 1);
        if (!last.isEmpty() && Long.parseLong(last) < from) {
            return new Selection(200, 0, length);
        }
        return from >= length ? new Selection(416, 0, 0) : new Selection(206, from, to - from + 1);
    }

    private static boolean fails(MultiMap headers, String etag, Instant modified) {
        String match = headers.get("If-Match");
        if (match != null) {
            return !names(match, etag, false);
        }
        Instant unmodified = HttpDate.parse(headers.get("If-Unmodified-Since"));
        return unmodified != null && modified != null && modified.isAfter(unmodified);
    }

    private static boolean isKnown(MultiMap headers, String etag, Instant modified) {
        String match = headers.get("If-None-Match");
        if (match != null) {
            return names(match, etag, true);
        }
        Instant known = HttpDate.parse(headers.get("If-Modified-Since"));
        return known != null && modified != null && !modified.isAfter(known);
    }

    /** Whether the part that the caller has is of this very content. */
    private static boolean isSame(String ifRange, String etag, Instant modified) {
        if (ifRange == null) {
            return true;
        }
        return ifRange.contains("\"")
                ? !ifRange.startsWith("W/") && ifRange.strip().equals(etag)
                : modified != null && modified.equals(HttpDate.parse(ifRange));
    }

    private static boolean names(String list, String etag, boolean weak) {
        return list.strip().equals("*")
                || etag != null
                        && Stream.of(list.split(","))
                                .map(String::strip)
                                .anyMatch(one -> weak ? opaque(one).equals(opaque(etag)) : one.equals(etag));
    }

    private static String opaque(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }
}
