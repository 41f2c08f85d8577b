// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Future;
import org.ovosgateway.http.BodyStream;
import org.ovosgateway.http.HttpCall;

/** A body that is handed to the route while it arrives, as an {@link java.io.InputStream}; {@code x-stream: true}. */
record StreamBody(boolean required) implements BodyReader {

    @Override
    public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
        return call.stream(known, most).map(stream -> new Content(Content.BLOCKING, () -> value(stream)));
    }

    private static Object value(BodyStream stream) {
        return stream;
    }
}
