// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.Set;

import org.apache.camel.Exchange;

/**
 * Where an exchange came from, and what may be done on its behalf.
 *
 * @param scopes as in the contract, {@code voice:stop}; {@code voice:*} and {@code *} stand for more than one
 */
public record Origin(String topic, Set<String> scopes) {

    /** A route of the owner's that no message of a broker started. */
    public static final Origin OWNER = new Origin("", Set.of("*"));

    private static final String PROPERTY = "ovosMqttOrigin";

    /** Where this exchange came from. */
    public static Origin of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, OWNER, Origin.class);
    }

    /** From now on it came from here. */
    public void mark(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** Whether what needs this scope may be done. */
    public boolean may(String scope) {
        return scopes.contains(scope)
                || scopes.contains(scope.substring(0, scope.indexOf(':') + 1) + "*")
                || scopes.contains("*");
    }
}
