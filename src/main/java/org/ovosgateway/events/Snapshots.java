// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.ovosgateway.bus.Devices;
import org.springframework.stereotype.Component;

/** The present state of the devices, by the names that events have. */
@Component
class Snapshots {

    private final Devices devices;
    private final States states;
    private final Presence presence;

    Snapshots(Devices devices, States states, Presence presence) {
        this.devices = devices;
        this.states = states;
        this.presence = presence;
    }

    Map<String, Object> of(Predicate<String> filter) {
        Map<String, Object> all = new LinkedHashMap<>();
        devices.names().stream().filter(filter).forEach(device -> all.put(device, of(device)));
        return Map.of("devices", all);
    }

    private Map<String, Object> of(String device) {
        Map<String, Object> properties = new LinkedHashMap<>();
        states.names(device).forEach(name -> properties.put(name, states.of(device, name)));
        return Map.of("availability", availability(presence.isOnline(device)), "properties", properties);
    }

    static String availability(boolean online) {
        return online ? "online" : "offline";
    }
}
