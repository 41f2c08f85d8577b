// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.List;

/** The gateway cannot start as it is configured; what is wrong and what to do about it, without any secret. */
public class InvalidConfigurationException extends RuntimeException {

    private final String action;
    private List<String> settings = List.of();

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

    /** Names the settings that are wrong, such as {@code ovos.mqtt.host}, so that a person is told where they are set. */
    public InvalidConfigurationException about(String... names) {
        settings = List.of(names);
        return this;
    }

    List<String> settings() {
        return settings;
    }
}
