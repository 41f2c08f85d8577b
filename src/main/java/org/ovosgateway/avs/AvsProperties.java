// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What clients of the Alexa Voice Service have to know beside the token of a user.
 *
 * @param clientId of their security profile; empty: any
 * @param clientSecret of the same; empty: any
 */
@ConfigurationProperties("ovos.apis.avs")
record AvsProperties(
        @DefaultValue("") String clientId, @DefaultValue("") String clientSecret) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "AvsProperties[clientId=" + clientId + "]";
    }
}
