// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.auth.Caller;

import static org.assertj.core.api.Assertions.assertThat;

class DeviceTopicsTest {

    private static final Set<String> KITCHEN = Set.of("kitchen");

    private final DeviceTopics topics = new DeviceTopics("home/ovos", "homeassistant");

    @ParameterizedTest
    @CsvSource({
        "home/ovos/kitchen/state, true, true",
        "home/ovos/kitchen/volume/set, true, true",
        "home/ovos/kitchen, true, true",
        "home/ovos/default/state, false, false",
        "home/ovos/kitchen2/state, false, false",
        "home/ovos/kitchen-2/state, false, false",
        "home/ovos//state, false, false",
        "home/ovos/, false, false",
        "home/ovos/bridge/state, true, false",
        "home/ovos/bridge/info, true, false",
        "home/ovos/bridge/health, false, false",
        "home/ovos/bridge/event, false, false",
        "home/other, true, true",
        "home/ovos, true, true",
        "zigbee2mqtt/button, true, true",
        "homeassistant/status, true, true",
        "homeassistant/switch/another/default-mute/config, true, true",
        "homeassistant/device/ovos-gateway_home--ovos/kitchen/config, true, true",
        "homeassistant/device/ovos-gateway_home--ovos/default/config, false, false",
        "homeassistant/device/ovos-gateway_home--ovos/kitchen-2/config, false, false",
        "homeassistant/device/ovos-gateway_home--ovos/bridge/config, false, false",
        "homeassistant/switch/ovos-gateway_home--ovos/kitchen-mute/config, true, true",
        "homeassistant/switch/ovos-gateway_home--ovos/default-mute/config, false, false",
        "homeassistant/switch/ovos-gateway_home--ovos/kitchen-2-mute/config, false, false"
    })
    void areThoseOfTheDevicesOfAUserOrNobodys(String topic, boolean read, boolean write) {
        assertThat(topics.mayRead(KITCHEN, topic)).isEqualTo(read);
        assertThat(topics.mayWrite(KITCHEN, topic)).isEqualTo(write);
    }

    @Test
    void areAllForAUserOfAllDevicesAndNoDevicesForOneOfNone() {
        assertThat(topics.mayWrite(Caller.ALL, "home/ovos/bridge/state")).isTrue();
        assertThat(topics.mayRead(Set.of(), "home/ovos/kitchen/state")).isFalse();
        assertThat(topics.mayRead(Set.of(), "home/ovos/bridge/state")).isTrue();
    }
}
