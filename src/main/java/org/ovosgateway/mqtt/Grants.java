// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.List;
import java.util.Set;

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
            "system:write");

    private final List<MqttProperties.Grant> grants;

    Grants(MqttProperties properties) {
        this.grants = properties.allow().isEmpty()
                ? List.of(
                        new MqttProperties.Grant(
                                properties.base() + "/#", Set.of("voice:*", "system:*", "network:read", "skills:*")),
                        new MqttProperties.Grant("#", BUTTONS))
                : properties.allow();
    }

    Caller caller(String topic) {
        return Caller.topic(
                topic,
                grants.stream()
                        .filter(grant -> MqttTopicValidator.isMatched(grant.topic(), topic))
                        .findFirst()
                        .map(MqttProperties.Grant::scopes)
                        .orElse(Set.of()));
    }
}
