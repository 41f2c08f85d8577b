// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Locale;

import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line per request: who, what, how it ended; never a query string, a header or a body.
 *
 * <p>Its logger is {@code access}, behind an appender that drops lines rather than block an event loop.
 */
final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("access");
    private static final int MAX_FIELD = 512;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private AccessLog() {}

    /**
     * Logs a request that has ended, with 499 when its caller left before the answer.
     *
     * @param requestId of a {@link RequestId}'s form, and so one field
     * @param operation of the contract, or null
     */
    static void write(
            HttpServerRequest request,
            String client,
            int status,
            long nanos,
            String requestId,
            Object user,
            Object operation) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        StringBuilder line = new StringBuilder(160);
        append(line, client);
        append(line.append(' '), request.method().name());
        append(line.append(' '), request.path());
        line.append(' ').append(status);
        line.append(' ').append(request.response().bytesWritten()).append('B');
        line.append(' ').append(nanos / 1_000_000).append('.');
        line.append((char) ('0' + nanos / 100_000 % 10)).append("ms");
        line.append(" id=").append(requestId);
        append(line.append(" user="), user);
        line.append(" op=").append(operation == null ? "-" : operation);
        LOG.info(line.toString());
    }

    /** Appends a value so that it stays one field of one line, whatever a caller has put into it. */
    static StringBuilder append(StringBuilder line, Object value) {
        String text = value == null ? "" : value.toString();
        if (text.isEmpty()) {
            return line.append('-');
        }
        int length = Math.min(text.length(), MAX_FIELD);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c > ' ' && c < 0x7f && c != '\\' && c != '"') {
                line.append(c);
            } else if (c < 0x100) {
                line.append("\\x").append(HEX[c >> 4]).append(HEX[c & 15]);
            } else {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return text.length() > MAX_FIELD ? line.append("...") : line;
    }
}
