// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Instant;
import java.util.Set;

/**
 * On whose behalf a request is made.
 *
 * @param scopes what the user may do now, such as {@code system:read}; {@link #ALL} for everything
 * @param tokenId the {@code jti} of the token
 * @param family the log in that the token comes from
 * @param expires end of the token
 * @param refresh whether the token is good for refreshing, and for nothing else
 */
public record Principal(
        String user, Set<String> scopes, String tokenId, String family, Instant expires, boolean refresh) {

    /** The scopes of a user without a list of them. */
    public static final Set<String> ALL = Set.of("*");

    /** Of an access token. */
    public Principal(String user, Set<String> scopes, String tokenId, String family, Instant expires) {
        this(user, scopes, tokenId, family, expires, false);
    }

    /** Whether an access token allows what needs this scope. */
    public boolean may(String scope) {
        return !refresh && (scopes.contains(scope) || scopes.containsAll(ALL));
    }
}
