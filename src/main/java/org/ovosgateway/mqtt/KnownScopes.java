// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.ovosgateway.DeviceNames;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Scopes;
import org.springframework.stereotype.Component;

/** Refuses a start with a scope in {@code ovos.mqtt.allow} that does not exist: it would allow nothing, in silence. */
@Component
@ConditionalOnMqtt
class KnownScopes {

    KnownScopes(MqttProperties properties, Scopes scopes, DeviceNames devices) {
        List<MqttProperties.Grant> grants = properties.allow();
        Map<String, String> wrong = new LinkedHashMap<>();
        for (int i = 0; i < grants.size(); i++) {
            String unknown = scopes.unknown(grants.get(i).scopes());
            if (!unknown.isEmpty()) {
                String setting = "ovos.mqtt.allow[" + i + "]";
                wrong.put(
                        setting,
                        "%s, for the topic %s, has a scope that no operation and no command needs: %s."
                                .formatted(setting, grants.get(i).topic(), unknown));
            }
            String strange = devices.unknown(grants.get(i).devices());
            if (!strange.isEmpty()) {
                throw new InvalidConfigurationException(
                        "ovos.mqtt.allow[%d], for the topic %s, has a device that does not exist: %s."
                                .formatted(i, grants.get(i).topic(), strange),
                        "Correct the device. They are the names under ovos.devices.");
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidConfigurationException(
                            String.join("\n", wrong.values()),
                            "Correct the scope. The contract in the routes folder has them as x-scope.")
                    .about(wrong.keySet().toArray(String[]::new));
        }
    }
}
