// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The names under {@code ovos.devices}, for those who name devices and do not talk to them. */
@Component
public final class DeviceNames {

    private final Set<String> known;

    /** @param environment the settings */
    public DeviceNames(Environment environment) {
        known = new TreeSet<>(Binder.get(environment)
                .bind("ovos.devices", Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet());
    }

    /** Which of these are no devices, each with the nearest that is one; empty if all are. */
    public String unknown(Collection<String> devices) {
        return devices.stream()
                .sorted()
                .filter(device -> !known.contains(device) && !device.equals("*"))
                .map(device -> "'" + device + "'" + Nearest.hint(device, known))
                .collect(Collectors.joining(", "));
    }
}
