// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.vertx.core.Vertx;
import org.ovosgateway.problem.ProblemException;

/** The sender of a body, and waits or stops when told to. Used on the event loop of the connection only. */
public interface Sender {

    Vertx vertx();

    /**
     * A place on disk for a file of the body, which is cleared when nobody uses the body any more.
     *
     * @throws ProblemException 503 where there is no room
     */
    Uploads.Place place();

    /** The body waits until {@link #resumeBody} has been called as often. */
    void pauseBody();

    void resumeBody();

    /** Nothing more of the body is wanted, for this reason; after the body has been read, nothing happens. */
    void failBody(ProblemException why);
}
