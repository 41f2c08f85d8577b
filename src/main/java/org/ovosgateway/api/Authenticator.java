// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.problem.ProblemException;

/** Finds out who calls, by one kind of credential. */
interface Authenticator {

    /**
     * What the request has that may be a credential of this kind; null for nothing.
     *
     * @throws ProblemException 400 where the request has several
     */
    String shown(RoutingContext ctx);

    /**
     * Who calls; asked on the event loop.
     *
     * @param shown by {@link #shown}
     * @return complete already unless there is something to wait for, and then completed on the same event loop; fails with a
     *     {@link ProblemException}, 401 where the credential is not good
     */
    Future<Caller> authenticate(RoutingContext ctx, String shown);

    /** How a client learns that it needs one, for {@code WWW-Authenticate} (RFC 9110, 11.6.1). */
    String challenge();

    /** What a person may send. */
    String credential();

    /** The query parameter that holds it; null where it is elsewhere. */
    default String queryParameter() {
        return null;
    }
}
