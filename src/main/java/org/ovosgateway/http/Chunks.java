// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.io.InputStream;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * The body of an answer, made chunk by chunk as the caller takes it.
 *
 * <p>Used on the event loop of the connection, so none of its methods may block.
 */
public interface Chunks {

    /**
     * The next chunk, or null after the last one. Called again only when the caller has taken the one before.
     *
     * @return may be completed by any thread; fails when the chunk cannot be made
     */
    Future<Buffer> next();

    /** Frees what it holds. */
    void close();

    /** What is sent while there is nothing to send, so that both sides notice when the other one is gone; null for nothing. */
    default Buffer heartbeat() {
        return null;
    }

    /** Whether it has no end of its own, so that it is whole after each chunk. */
    default boolean isEndless() {
        return false;
    }

    /** Those of a stream that never blocks. */
    static Chunks of(InputStream content) {
        return new Chunks() {
            @Override
            public Future<Buffer> next() {
                try {
                    byte[] chunk = content.readNBytes(OutgoingAnswer.PART);
                    return Future.succeededFuture(chunk.length == 0 ? null : Buffer.buffer(chunk));
                } catch (IOException e) {
                    return Future.failedFuture(e);
                }
            }

            @Override
            public void close() {
                try {
                    content.close();
                } catch (IOException e) {
                    // it is in memory
                }
            }
        };
    }
}
