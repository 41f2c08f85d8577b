// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.Optional;

import io.vertx.ext.web.Router;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** What the server serves behind its own handlers. */
public interface Site {

    /** The routes, which may change while the server serves. */
    Router router();

    /**
     * A document that stands beside the routes, open to everybody.
     *
     * @return null when this path has none
     * @throws ProblemException when it cannot be shown now
     */
    Document document(String path);

    /** Why nothing is served at the moment; empty while something is. */
    Optional<Problem> outage();
}
