// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.time.Instant;

import io.vertx.core.MultiMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What of 1000 bytes is sent, by the headers of RFC 9110. */
class SelectionTest {

    private static final Instant CHANGED = Instant.parse("2026-12-03T08:04:05.678Z");
    private static final String ETAG = "\"a\"";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-0         | 206 | 0   | 1",
                "bytes=0-999       | 206 | 0   | 1000",
                "bytes=0-5000      | 206 | 0   | 1000",
                "bytes=500-        | 206 | 500 | 500",
                "bytes=999-        | 206 | 999 | 1",
                "bytes=-1          | 206 | 999 | 1",
                "bytes=-5000       | 206 | 0   | 1000",
                "BYTES= 10-19      | 206 | 10  | 10",
                "bytes=1000-       | 416 | 0   | 0",
                "bytes=999999999999999999- | 416 | 0 | 0",
                "bytes=-0          | 416 | 0   | 0",
                "bytes=20-10       | 200 | 0   | 1000",
                "bytes=-           | 200 | 0   | 1000",
                "bytes=0-1,5-6     | 200 | 0   | 1000",
                "bytes=99999999999999999999- | 200 | 0 | 1000",
                "bytes=a-b         | 200 | 0   | 1000",
                "lines=0-1         | 200 | 0   | 1000",
                "0-1               | 200 | 0   | 1000"
            })
    void isTheRangeThatIsAskedFor(String range, int status, long from, long length) {
        assertThat(Selection.of(headers("Range", range), 1000, ETAG, CHANGED, true))
                .isEqualTo(new Selection(status, from, length));
        assertThat(Selection.of(headers("Range", range), 1000, ETAG, CHANGED, false))
                .isEqualTo(new Selection(200, 0, 1000));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "If-None-Match       | \"a\"                         | 304",
                "If-None-Match       | W/\"a\"                       | 304",
                "If-None-Match       | \"b\", \"a\"                  | 304",
                "If-None-Match       | *                             | 304",
                "If-None-Match       | \"b\"                         | 206",
                "If-Modified-Since   | Thu, 03 Dec 2026 08:04:05 GMT | 304",
                "If-Modified-Since   | Thu, 03 Dec 2026 08:04:04 GMT | 206",
                "If-Modified-Since   | yesterday                     | 206",
                "If-Match            | \"a\"                         | 206",
                "If-Match            | W/\"a\"                       | 412",
                "If-Match            | \"b\"                         | 412",
                "If-Unmodified-Since | Thu, 03 Dec 2026 08:04:05 GMT | 206",
                "If-Unmodified-Since | Thu, 03 Dec 2026 08:04:04 GMT | 412",
                "If-Range            | \"a\"                         | 206",
                "If-Range            | W/\"a\"                       | 200",
                "If-Range            | \"b\"                         | 200",
                "If-Range            | Thu, 03 Dec 2026 08:04:05 GMT | 206",
                "If-Range            | Thu, 03 Dec 2026 08:04:06 GMT | 200"
            })
    void heedsWhatTheCallerHasAlready(String header, String value, int status) {
        MultiMap headers = headers("Range", "bytes=0-9").add(header, value);
        assertThat(Selection.of(headers, 1000, ETAG, CHANGED, true).status()).isEqualTo(status);
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }
}
