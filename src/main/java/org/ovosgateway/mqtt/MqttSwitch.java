// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether MQTT is on: a broker is configured, or the embedded one is switched on. */
public final class MqttSwitch implements Condition {

    public static boolean isOn(Environment environment) {
        return !environment.getProperty("ovos.mqtt.host", "").isBlank()
                || environment.getProperty("ovos.mqtt.broker.enabled", Boolean.class, false);
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        return isOn(context.getEnvironment());
    }
}
