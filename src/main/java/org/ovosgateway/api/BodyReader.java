// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.function.Supplier;

import io.vertx.core.Future;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.problem.ProblemException;

/** Reads request bodies of one media type. */
interface BodyReader {

    /**
     * Reads the bytes, on the event loop.
     *
     * @param contentType as it was sent
     * @param known whether it is known who calls
     * @param most bytes of a body that is taken
     * @return fails with a {@link ProblemException}: 400, 408, 413, 415, 417, 422, 503
     */
    Future<Content> read(HttpCall call, String contentType, boolean known, long most);

    /**
     * A body that has arrived, or begun to.
     *
     * @param size bytes to be looked at to make something of it
     * @param value makes of it what the route gets; fails with a {@link ProblemException} where it does not fit
     */
    record Content(long size, Supplier<Object> value) {

        /** As {@link #size}, of one that a thread is needed for. */
        static final long BLOCKING = Long.MAX_VALUE;
    }
}
