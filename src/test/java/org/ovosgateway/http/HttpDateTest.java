// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** RFC 9110, 5.6.7: day and hour have two digits, names are English, the zone is GMT. */
class HttpDateTest {

    private final Locale locale = Locale.getDefault();

    @AfterEach
    void restoreLocale() {
        Locale.setDefault(locale);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2026-12-03T08:04:05Z | Thu, 03 Dec 2026 08:04:05 GMT
            2026-11-01T00:00:00Z | Sun, 01 Nov 2026 00:00:00 GMT
            2027-01-10T23:59:59Z | Sun, 10 Jan 2027 23:59:59 GMT
            1994-11-06T08:49:37Z | Sun, 06 Nov 1994 08:49:37 GMT
            """)
    void hasOneForm(Instant time, String written) {
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        assertThat(HttpDate.of(time)).isEqualTo(written);
    }

    @Test
    void hasTheSameLengthOnEveryDay() {
        for (LocalDate day = LocalDate.of(2026, 1, 1); day.getYear() < 2028; day = day.plusDays(1)) {
            assertThat(HttpDate.of(day.atStartOfDay(ZoneOffset.UTC).toInstant()))
                    .hasSize("Sun, 06 Nov 1994 08:49:37 GMT".length());
        }
    }
}
