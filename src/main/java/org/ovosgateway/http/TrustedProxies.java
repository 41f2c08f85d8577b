// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/**
 * The reverse proxies whose {@code X-Forwarded-For} is believed.
 *
 * <p>{@code Forwarded} (RFC 7239) is not read: a proxy passes on the header that it does not write, as the caller sent it.
 */
final class TrustedProxies {

    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");

    private final List<IpSubnetFilterRule> rules;

    private TrustedProxies(List<IpSubnetFilterRule> rules) {
        this.rules = rules;
    }

    /** @throws IllegalArgumentException if one is neither an address nor a network such as {@code 10.0.0.0/8} */
    static TrustedProxies of(List<String> networks) {
        return new TrustedProxies(networks.stream().map(TrustedProxies::rule).toList());
    }

    /** The address of the one who calls; null when the connection is closed and nobody has asked before. */
    String client(HttpServerRequest request) {
        String peer = peer(request);
        return rules.isEmpty() ? peer : client(peer, request.headers().getAll(FORWARDED_FOR));
    }

    /** The address of the other end of the connection, be it a proxy; null as above. */
    static String peer(HttpServerRequest request) {
        // of the connection: the request would look for headers of proxies first
        SocketAddress peer = request.connection().remoteAddress();
        return peer == null ? null : peer.hostAddress();
    }

    /** The last address that none of the proxies has; each of them has added the one who called it. */
    String client(String peer, List<String> forwardedFor) {
        String client = peer;
        String[] hops = String.join(",", forwardedFor).split(",", -1);
        for (int i = hops.length - 1; i >= 0 && trusts(client); i--) {
            InetAddress hop = address(withoutPort(hops[i].strip()));
            if (hop == null) {
                break;
            }
            client = hop.getHostAddress();
        }
        return client;
    }

    private boolean trusts(String text) {
        InetAddress address = address(text);
        if (address == null) {
            return false;
        }
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        return rules.stream().anyMatch(rule -> rule.matches(socket));
    }

    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            return hop.replaceFirst("^\\[([^]]*)](:\\d{1,5})?$", "$1");
        }
        return hop.replaceFirst("^([^:]*):\\d{1,5}$", "$1");
    }

    /** Nothing is looked up: null for a name. */
    private static InetAddress address(String text) {
        return text == null ? null : NetUtil.createInetAddressFromIpAddressString(text);
    }

    private static IpSubnetFilterRule rule(String network) {
        int slash = network.indexOf('/');
        InetAddress address = address(slash < 0 ? network : network.substring(0, slash));
        int bits = address == null ? 0 : address.getAddress().length * Byte.SIZE;
        String prefix = slash < 0 ? Integer.toString(bits) : network.substring(slash + 1);
        // with a prefix of 0 everybody would be believed
        if (!prefix.matches("[1-9]\\d{0,2}") || Integer.parseInt(prefix) > bits) {
            throw new IllegalArgumentException(
                    "ovos.http.trusted-proxies has '%s'; it takes addresses such as 192.168.1.2, and networks such as 10.0.0.0/8"
                            .formatted(network));
        }
        return new IpSubnetFilterRule(address, Integer.parseInt(prefix), IpFilterRuleType.ACCEPT);
    }
}
