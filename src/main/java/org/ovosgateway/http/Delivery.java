// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Sends a body in parts, each when the one before was taken, so that a slow reader holds no more than one part. */
final class Delivery {

    /** Bytes of a part. */
    static final int PART = 16 << 10;

    private Delivery() {}

    /** Sends these bytes, which nobody may change from now on. */
    static Future<Void> send(RoutingContext ctx, byte[] body) {
        return send(ctx, new ByteArrayInputStream(body));
    }

    /**
     * Sends the rest of the stream, whose length is in the headers of the answer, and closes it.
     *
     * @return completes when the last part is out
     */
    static Future<Void> send(RoutingContext ctx, InputStream body) {
        return next(ctx.response(), body).eventually(() -> {
            try {
                body.close();
            } catch (IOException e) {
                return Future.failedFuture(e);
            }
            return Future.succeededFuture();
        });
    }

    private static Future<Void> next(HttpServerResponse response, InputStream body) {
        if (response.closed()) {
            return Future.failedFuture("the caller is gone");
        }
        byte[] part;
        try {
            part = body.readNBytes(PART);
        } catch (IOException e) {
            response.reset();
            return Future.failedFuture(e);
        }
        return part.length < PART
                ? response.end(Buffer.buffer(part))
                : response.write(Buffer.buffer(part)).compose(taken -> next(response, body));
    }
}
