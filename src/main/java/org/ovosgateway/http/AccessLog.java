// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.vertx.core.http.HttpServerRequest;
import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line per request: who, what, how it ended; never a query string, a header or a body.
 *
 * <p>Its logger is {@code access}, behind an appender that drops lines rather than block an event loop.
 */
final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("access");

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
        LogText.field(line, client);
        LogText.field(line.append(' '), request.method().name());
        LogText.field(line.append(' '), request.path());
        line.append(' ').append(status);
        line.append(' ').append(request.response().bytesWritten()).append('B');
        line.append(' ').append(nanos / 1_000_000).append('.');
        line.append((char) ('0' + nanos / 100_000 % 10)).append("ms");
        line.append(" id=").append(requestId);
        LogText.field(line.append(" user="), user);
        line.append(" op=").append(operation == null ? "-" : operation);
        LOG.info(line.toString());
    }
}
