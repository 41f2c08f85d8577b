// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Optional;
import java.util.Set;

import org.ovosgateway.auth.Caller;

/**
 * Which topics are those of an assistant, so that a user who is limited to some of them reads and writes no topic of another.
 *
 * <p>Below the base topic the next level is the device. What Home Assistant is told has the device in the last but one level,
 * alone or before a hyphen and the key of an entity. All other topics are nobody's: what such a user publishes there, for a
 * button, is passed on with the devices for which it may act.
 */
final class DeviceTopics {

    /** Of the gateway itself: whether it is online, and what it can do. */
    private static final Set<String> COMMON = Set.of("bridge/state", "bridge/info");

    /** Levels of the topics of Home Assistant, ours with the gateway in the third: prefix, component, node, object, config. */
    private static final int LEVELS = 5;

    private static final int COMPONENT = 1;
    private static final int NODE = 2;
    private static final int OBJECT = 3;

    private final String base;
    private final String discovery;
    private final String node;

    /**
     * @param base topic of the gateway, without a slash at its end
     * @param discovery first level of the topics of Home Assistant
     */
    DeviceTopics(String base, String discovery) {
        this.base = base + "/";
        this.discovery = discovery + "/";
        this.node = "ovos-gateway_" + base.replace("/", "--");
    }

    boolean mayRead(Set<String> devices, String topic) {
        return devices.equals(Caller.ALL)
                || topic.startsWith(base) && COMMON.contains(topic.substring(base.length()))
                || device(topic).map(devices::contains).orElse(true);
    }

    boolean mayWrite(Set<String> devices, String topic) {
        return devices.equals(Caller.ALL)
                || device(topic).map(devices::contains).orElse(true);
    }

    /** The device of a topic, or {@code bridge} for the gateway; empty if the topic is nobody's. */
    private Optional<String> device(String topic) {
        if (topic.startsWith(base)) {
            int end = topic.indexOf('/', base.length());
            return Optional.of(end < 0 ? topic.substring(base.length()) : topic.substring(base.length(), end));
        }
        String[] levels = topic.startsWith(discovery) ? topic.split("/", -1) : new String[0];
        if (levels.length != LEVELS || !levels[NODE].equals(node)) {
            return Optional.empty();
        }
        String object = levels[OBJECT];
        int key = levels[COMPONENT].equals("device") ? -1 : object.lastIndexOf('-');
        return Optional.of(key < 0 ? object : object.substring(0, key));
    }
}
