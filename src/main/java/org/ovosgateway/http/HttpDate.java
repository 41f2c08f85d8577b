// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

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

    public static String of(Instant time) {
        return IMF_FIXDATE.format(time);
    }
}
