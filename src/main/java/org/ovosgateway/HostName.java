// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.List;
import java.util.stream.Stream;

/**
 * The name or address of a host as the system reads it: hosts file, DNS with its search domains, {@code .local} where the
 * system knows it, names with {@code _}; IPv6 addresses with or without brackets, with or without a zone ({@code %eth0}).
 *
 * @param text a name or an address, without port
 */
public record HostName(String text) {

    public HostName {
        text = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    }

    /**
     * Has this process ask the system at each try; to be called before the first name is resolved, and before Vert.x.
     *
     * <p>Vert.x has a DNS client of its own, which knows only DNS. Java remembers names, and for 10 seconds that there is
     * no such name.
     */
    public static void askTheSystem() {
        System.setProperty("vertx.disableDnsResolver", "true");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        // for a moment only, so that a name that was resolved on a worker is not asked for again on an event loop
        Security.setProperty("networkaddress.cache.ttl", "5");
    }

    /**
     * All its addresses, the preferred one first. Blocks, for many seconds when a DNS server does not answer.
     *
     * @throws UnknownHostException when the system knows none
     */
    public List<HostName> resolve() throws UnknownHostException {
        return Stream.of(InetAddress.getAllByName(text))
                .map(address -> new HostName(address.getHostAddress()))
                .toList();
    }

    /** As Vert.x has to be told: of an IPv6 address it forgets the zone, but what it takes for a name is left to Java. */
    public String forVertx() {
        return text.contains("%") ? "0000" + text : text;
    }

    /** As it stands in front of a port, in a URL or a {@code Host} header: IPv6 addresses in brackets, without zone. */
    public String inUrl() {
        return text.contains(":") ? "[" + text.replaceFirst("%.*", "") + "]" : text;
    }

    /** Whether it stands for this machine alone, as it is written: the system is not asked. */
    public boolean isLoopback() {
        return text.startsWith("127.") || text.equals("localhost") || text.equals("::1");
    }
}
