// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.net.URISyntaxException;
import java.util.List;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.util.URISupport;
import org.ovosgateway.auth.Caller;
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
     * @return who calls; the owner of the route where it is public
     * @throws ProblemException 400, 401 or 403
     */
    Caller admit(String access, RoutingContext ctx) {
        if (PUBLIC.equals(access)) {
            return Caller.OWNER;
        }
        Caller caller = tokens.access(bearer(ctx.request()));
        ctx.put("user", caller.name());
        if (access != null) {
            caller.require(access);
        }
        return caller;
    }

    /**
     * The token of the request.
     *
     * @throws ProblemException 400 where there are two headers that may have one, 401 where there is none
     */
    static String bearer(HttpServerRequest request) {
        List<String> credentials = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        if (credentials.size() > 1) {
            throw new ProblemException(new Problem(
                    "bad-request",
                    "Bad request",
                    400,
                    "The request has more than one Authorization header; send one (RFC 9110, 11.6.2)."));
        }
        return Tokens.bearer(credentials.isEmpty() ? null : credentials.get(0));
    }

    /** The value of an option of an endpoint; null when it has none. */
    static String option(String endpointUri, String name) {
        try {
            Object value =
                    URISupport.parseQuery(URISupport.extractQuery(endpointUri)).get(name);
            return value == null ? null : value.toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Camel made an endpoint that is no URI", e);
        }
    }
}
