// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The answer to a refresh. */
public record AccessToken(@JsonProperty("access_token") String accessToken) {

    /** Without the token. */
    @Override
    public String toString() {
        return "AccessToken";
    }
}
