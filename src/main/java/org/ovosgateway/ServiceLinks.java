// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The variables that nobody set. Kubernetes and Docker put the address of each neighbour into the environment: beside a
 * service {@code ovos-mqtt}, {@code OVOS_MQTT_PORT} is {@code tcp://10.0.0.7:1883}, and is no setting.
 */
final class ServiceLinks {

    private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://\\S*");
    private static final Pattern PORT = Pattern.compile("(?<service>.+)_PORT");
    private static final Pattern INJECTED =
            Pattern.compile(".+_SERVICE_(HOST|PORT(_.+)?)|.+_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");
    /** Docker's links add these to the above. */
    private static final Pattern OF_LINK = Pattern.compile("(?<service>.+?)_(NAME|ENV_.+)");

    private ServiceLinks() {}

    /** The variables without those. */
    static Map<String, Object> removeFrom(Map<String, Object> variables) {
        Map<String, Object> left = new TreeMap<>(variables);
        left.entrySet()
                .removeIf(entry -> INJECTED.matcher(entry.getKey()).matches()
                        || isAddress(entry.getKey(), entry.getValue())
                        || isOfLink(entry.getKey(), variables));
        return left;
    }

    private static boolean isAddress(String name, Object value) {
        return PORT.matcher(name).matches()
                && value != null
                && ADDRESS.matcher(value.toString()).matches();
    }

    private static boolean isOfLink(String name, Map<String, Object> variables) {
        Matcher link = OF_LINK.matcher(name);
        return link.matches()
                && isAddress(link.group("service") + "_PORT", variables.get(link.group("service") + "_PORT"));
    }
}
