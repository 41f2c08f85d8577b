// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;

/** The gateway cannot start as it is configured; what is wrong and what to do about it, without any secret. */
public class InvalidConfigurationException extends RuntimeException {

    private final String remedy;
    private List<String> settings = List.of();

    /**
     * @param message what is wrong, and where
     * @param remedy what to do about it
     */
    public InvalidConfigurationException(String message, String remedy) {
        this(message, remedy, null);
    }

    /** @param cause for the log; never shown */
    public InvalidConfigurationException(String message, String remedy, Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    /**
     * Words why a socket could not be bound.
     *
     * @param server what was to be served, such as "The API"
     * @param keys prefix of the two keys, such as {@code server}
     */
    public static InvalidConfigurationException cannotListen(
            String server, String address, int port, String keys, Throwable cause) {
        String where = "%s cannot listen on %s port %d: ".formatted(server, address, port);
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof UnknownHostException
                || cause instanceof UnresolvedAddressException
                || reason.contains("Cannot assign requested address")) {
            return new InvalidConfigurationException(
                    where + "this machine has no such address.",
                    "Set %s.address to an address of this machine, or to 0.0.0.0 for all of them.".formatted(keys),
                    cause);
        }
        if (reason.contains("Permission denied")) {
            return new InvalidConfigurationException(
                    where + "this user may not.",
                    "Set %s.port to 1024 or higher, or allow this user to take lower ones.".formatted(keys),
                    cause);
        }
        if (reason.contains("Address already in use")) {
            return new InvalidConfigurationException(
                    where + "another program has it.",
                    "Stop the other program, or set %s.port to a free port.".formatted(keys),
                    cause);
        }
        return new InvalidConfigurationException(
                where + reason, "Check %1$s.address and %1$s.port.".formatted(keys), cause);
    }

    /** What to do about it. */
    public String remedy() {
        return remedy;
    }

    /** Names the settings that are wrong, such as {@code ovos.mqtt.host}, so that a message can say where they are set. */
    public InvalidConfigurationException about(String... names) {
        settings = List.of(names);
        return this;
    }

    List<String> settings() {
        return settings;
    }
}
