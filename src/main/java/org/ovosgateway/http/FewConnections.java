// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;

/**
 * The connections of a server beside the API, such as the one of health, which needs few: for one more, the oldest is ended.
 *
 * <p>As those of the API they are read no faster than their answers are taken. To be used by one event loop.
 */
final class FewConnections implements Handler<HttpConnection> {

    private static final int MOST = 32;

    private final Set<HttpConnection> open = new LinkedHashSet<>();
    private final HttpServerOptions options;

    FewConnections(HttpServerOptions options) {
        this.options = options;
    }

    @Override
    public void handle(HttpConnection connection) {
        LastAnswer.install(connection, options);
        open.add(connection);
        connection.closeHandler(closed -> open.remove(connection));
        if (open.size() > MOST) {
            Iterator<HttpConnection> oldest = open.iterator();
            Connections.abort(oldest.next());
            oldest.remove();
        }
    }
}
