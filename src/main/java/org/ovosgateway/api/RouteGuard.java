// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.URISyntaxException;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.util.URISupport;
import org.ovosgateway.auth.Principal;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Guards the routes that are not in the contract: a token is needed unless the endpoint says {@code access=public}. */
@Component
class RouteGuard {

    /** Option of the endpoint. */
    static final String ACCESS = "access";

    static final String ACCESS_FORM = "public|[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*";

    /** Value of the option: no token is needed. */
    static final String PUBLIC = "public";

    private final Tokens tokens;

    RouteGuard(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * @param access the option of the endpoint; null where it has none
     * @throws ProblemException 401 or 403
     */
    void admit(String access, RoutingContext ctx) {
        if (PUBLIC.equals(access)) {
            return;
        }
        Principal principal = tokens.access(Tokens.bearer(ctx.request().getHeader(HttpHeaders.AUTHORIZATION)));
        ctx.put("user", principal.user());
        if (access != null) {
            requireScope(principal, access);
        }
    }

    static String access(String endpointUri) {
        try {
            Object access =
                    URISupport.parseQuery(URISupport.extractQuery(endpointUri)).get(ACCESS);
            return access == null ? null : access.toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Camel made an endpoint that is no URI", e);
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
