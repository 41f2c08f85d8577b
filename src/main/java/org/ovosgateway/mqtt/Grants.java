// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;
import org.ovosgateway.auth.Caller;

/** What a message may do because of the topic it came on; the broker decides who may publish there. */
final class Grants {

    private static final Set<String> BUTTONS = Set.of(
            "voice:listen",
            "voice:stop",
            "voice:speak",
            "voice:ask",
            "voice:microphone",
            "voice:volume",
            "alerts:write",
            "system:write");

    private final List<MqttProperties.Grant> grants;

    Grants(MqttProperties properties) {
        this.grants = properties.allow().isEmpty()
                ? List.of(
                        new MqttProperties.Grant(
                                properties.base() + "/#",
                                Set.of("voice:*", "alerts:*", "system:*", "network:read", "skills:*"),
                                Caller.ALL),
                        new MqttProperties.Grant("#", BUTTONS, Caller.ALL))
                : properties.allow();
    }

    Caller caller(Publication message) {
        String topic = message.topic();
        Caller caller = grants.stream()
                .filter(grant -> MqttTopicValidator.isMatched(grant.topic(), topic))
                .findFirst()
                .map(grant -> Caller.topic(topic, grant.scopes()).withinDevices(grant.devices()))
                .orElse(Caller.topic(topic, Set.of()));
        // the built-in broker knows who published it; whoever else says so can only take rights away
        for (UserProperty note : message.properties().getUserProperties()) {
            if (note.getKey().equals(LocalBroker.DEVICES)) {
                caller = caller.withinDevices(
                        new HashSet<>(List.of(note.getValue().split(","))));
            }
        }
        return caller;
    }
}
