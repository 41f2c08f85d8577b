// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Duration;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The answer to a refresh.
 *
 * @param lifetime how long it is good for
 */
public record AccessToken(
        @JsonProperty("access_token") String accessToken,
        @JsonIgnore Duration lifetime) {

    /** Without the token. */
    @Override
    public String toString() {
        return "AccessToken";
    }
}
