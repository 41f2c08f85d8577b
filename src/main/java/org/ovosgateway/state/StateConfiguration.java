// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.state;

import org.ovosgateway.mqtt.ConditionalOnMqtt;
import org.ovosgateway.mqtt.Mqtt;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets state and events go over the gateway's connection to the publisher. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMqtt
class StateConfiguration {

    @Bean
    Publisher publisher(Mqtt mqtt) {
        return new Publisher() {
            @Override
            public String base() {
                return mqtt.base();
            }

            @Override
            public void publish(String topic, String payload, boolean retained) {
                mqtt.publish(topic, payload, retained);
            }

            @Override
            public void onConnected(Runnable action) {
                mqtt.onConnected(action);
            }
        };
    }
}
