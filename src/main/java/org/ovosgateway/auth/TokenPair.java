// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/** The answer to a log in. */
@JsonPropertyOrder({"access_token", "refresh_token"})
public record TokenPair(
        @JsonProperty("access_token") String accessToken,
        @JsonProperty("refresh_token") String refreshToken) {

    /** Without the tokens. */
    @Override
    public String toString() {
        return "TokenPair";
    }
}
