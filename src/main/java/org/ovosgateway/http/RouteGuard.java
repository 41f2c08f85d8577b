// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Route;
import org.ovosgateway.auth.Principal;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/**
 * Guards the routes that are not in the contract: a token is needed unless the route says {@code access: public}.
 *
 * <p>A route says so with a {@code routeProperty}; any other value of {@code access} is the scope that it needs.
 */
@Component
class RouteGuard {

    private static final String ACCESS = "access";
    private static final String PUBLIC = "public";

    private final Tokens tokens;

    RouteGuard(Tokens tokens) {
        this.tokens = tokens;
    }

    void admit(Route route, RoutingContext ctx) {
        Object access = route.getProperties().get(ACCESS);
        if (PUBLIC.equals(access)) {
            return;
        }
        Principal principal = tokens.access(Tokens.bearer(ctx.request().getHeader(HttpHeaders.AUTHORIZATION)));
        ctx.put("user", principal.user());
        if (access != null) {
            requireScope(principal, access.toString());
        }
    }

    static void requireScope(Principal principal, String scope) {
        if (!principal.may(scope)) {
            throw new ProblemException(new Problem(
                            "forbidden",
                            "This user may not do that",
                            403,
                            "The scope '%s' is needed, and user '%s' does not have it. It is given in the users file."
                                    .formatted(scope, principal.user()))
                    .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\""));
        }
    }
}
