// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A point in time as HTTP writes it (RFC 9110, 5.6.7): {@code Thu, 03 Dec 2026 08:00:00 GMT}.
 *
 * <p>{@link DateTimeFormatter#RFC_1123_DATE_TIME} is not that: on the days 1 to 9 of a month it writes one digit.
 */
public final class HttpDate {

    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private HttpDate() {}

    /** The time that a header names, in any of the forms of RFC 1123; null where there is none. */
    public static Instant parse(String header) {
        try {
            return header == null ? null : Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header.strip()));
        } catch (DateTimeException e) {
            return null;
        }
    }

    public static String of(Instant time) {
        return IMF_FIXDATE.format(time);
    }
}
