// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import org.ovosgateway.InvalidConfigurationException;

/** A server could not begin to serve; tells what, where and what to do. */
public class CannotListenException extends InvalidConfigurationException {

    private static final long serialVersionUID = 1L;

    public CannotListenException(String what, String remedy, Throwable cause) {
        super(what, remedy, cause);
    }

    /** What the owner of the machine can do about it. */
    public String remedy() {
        return action();
    }

    /**
     * Words why a socket could not be bound.
     *
     * @param server what was to be served, such as "The API"
     * @param keys prefix of the two keys, such as {@code server}
     */
    public static CannotListenException at(String server, String address, int port, String keys, Throwable cause) {
        String where = "%s cannot listen on %s port %d: ".formatted(server, address, port);
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof java.net.UnknownHostException
                || cause instanceof java.nio.channels.UnresolvedAddressException
                || reason.contains("Cannot assign requested address")) {
            return new CannotListenException(
                    where + "this machine has no such address.",
                    "Set %s.address to an address of this machine, or to 0.0.0.0 for all of them.".formatted(keys),
                    cause);
        }
        if (reason.contains("Permission denied")) {
            return new CannotListenException(
                    where + "this user may not.",
                    "Set %s.port to 1024 or higher, or allow this user to take lower ones.".formatted(keys),
                    cause);
        }
        if (reason.contains("Address already in use")) {
            return new CannotListenException(
                    where + "another program has it.",
                    "Stop the other program, or set %s.port to a free port.".formatted(keys),
                    cause);
        }
        return new CannotListenException(where + reason, "Check %1$s.address and %1$s.port.".formatted(keys), cause);
    }
}
