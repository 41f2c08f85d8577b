// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

/** The gateway cannot start as it is configured; what is wrong and what to do about it, without any secret. */
public class InvalidConfigurationException extends RuntimeException {

    private final String action;

    /**
     * @param message what is wrong, and where
     * @param action what to do about it
     */
    public InvalidConfigurationException(String message, String action) {
        this(message, action, null);
    }

    /** @param cause for the log; never shown */
    public InvalidConfigurationException(String message, String action, Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    public String action() {
        return action;
    }
}
