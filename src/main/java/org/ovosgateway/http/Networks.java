// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;

/** Addresses and networks of a setting. Nothing is looked up, so a name is in none of them. */
public final class Networks {

    private final List<IpSubnetFilterRule> rules;

    private Networks(List<IpSubnetFilterRule> rules) {
        this.rules = rules;
    }

    /**
     * @param setting that names them
     * @throws IllegalArgumentException if one is neither an address nor a network such as {@code 10.0.0.0/8}
     */
    public static Networks of(String setting, List<String> networks) {
        return new Networks(
                networks.stream().map(network -> rule(setting, network)).toList());
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether an address is in one of them; null is in none. */
    public boolean contain(String text) {
        InetAddress address = address(text);
        if (address == null) {
            return false;
        }
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        return rules.stream().anyMatch(rule -> rule.matches(socket));
    }

    /** Null for a name. */
    static InetAddress address(String text) {
        return text == null ? null : NetUtil.createInetAddressFromIpAddressString(text);
    }

    private static IpSubnetFilterRule rule(String setting, String network) {
        int slash = network.indexOf('/');
        InetAddress address = address(slash < 0 ? network : network.substring(0, slash));
        int bits = address == null ? 0 : address.getAddress().length * Byte.SIZE;
        String prefix = slash < 0 ? Integer.toString(bits) : network.substring(slash + 1);
        // with a prefix of 0 everybody would be meant
        if (!prefix.matches("[1-9]\\d{0,2}") || Integer.parseInt(prefix) > bits) {
            throw new IllegalArgumentException(
                    "%s has '%s'; it takes addresses such as 192.168.1.2, and networks such as 10.0.0.0/8"
                            .formatted(setting, network));
        }
        return new IpSubnetFilterRule(address, Integer.parseInt(prefix), IpFilterRuleType.ACCEPT);
    }
}
