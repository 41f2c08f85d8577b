// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.broker;

import java.util.List;

import org.ovosgateway.Inspected;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Looks at the files of the broker's TLS before it begins to listen. */
@Component
@ConditionalOnBooleanProperty("ovos.mqtt.broker.enabled")
class BrokerInspection implements Inspected {

    private final BrokerProperties properties;

    BrokerInspection(BrokerProperties properties) {
        this.properties = properties;
    }

    @Override
    public String subject() {
        return "broker";
    }

    @Override
    public List<String> problems() {
        return properties.tls() ? properties.certificate().problems() : List.of();
    }
}
