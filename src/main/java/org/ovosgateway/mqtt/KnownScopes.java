// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.util.List;

import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Scopes;
import org.springframework.stereotype.Component;

/** Refuses a start with a scope in {@code ovos.mqtt.allow} that does not exist: it would allow nothing, in silence. */
@Component
@ConditionalOnMqtt
class KnownScopes {

    KnownScopes(MqttProperties properties, Scopes scopes) {
        List<MqttProperties.Grant> grants = properties.allow();
        for (int i = 0; i < grants.size(); i++) {
            String unknown = scopes.unknown(grants.get(i).scopes());
            if (!unknown.isEmpty()) {
                throw new InvalidConfigurationException(
                        "ovos.mqtt.allow[%d], for the topic %s, has a scope that no operation and no command needs: %s."
                                .formatted(i, grants.get(i).topic(), unknown),
                        "Correct the scope. The contract in the routes folder has them as x-scope.");
            }
        }
    }
}
