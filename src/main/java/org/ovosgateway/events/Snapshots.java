// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.ovosgateway.assistant.Presence;
import org.ovosgateway.assistant.States;
import org.ovosgateway.bus.Devices;
import org.springframework.stereotype.Component;

/** What the devices are and do now, as the events would have told it from the beginning. */
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

    Map<String, Object> of(Predicate<String> wanted) {
        Map<String, Object> all = new LinkedHashMap<>();
        devices.names().stream().filter(wanted).forEach(device -> all.put(device, of(device)));
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
