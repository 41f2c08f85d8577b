// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.DeviceNames;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Scopes;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

class KnownScopesTest {

    @Configuration
    @EnableConfigurationProperties(MqttProperties.class)
    static class Settings {}

    private final ApplicationContextRunner gateway = new ApplicationContextRunner()
            .withUserConfiguration(Settings.class, Scopes.class, DeviceNames.class, KnownScopes.class)
            .withPropertyValues("ovos.mqtt.host=127.0.0.1", "ovos.mqtt.allow[0].topic=ovos/#");

    @ParameterizedTest
    @ValueSource(strings = {"*", "voice:*", "voice:stop"})
    void startsWithScopesThatExist(String scope) {
        gateway.withPropertyValues("ovos.mqtt.allow[0].scopes[0]=" + scope)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void refusesAStartWithAScopeThatDoesNotExist() {
        gateway.withPropertyValues(
                        "ovos.mqtt.allow[0].scopes[0]=voice:stop",
                        "ovos.mqtt.allow[1].topic=zigbee2mqtt/#",
                        "ovos.mqtt.allow[1].scopes[0]=voice:lisen")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationException.class)
                        .hasMessageContainingAll(
                                "ovos.mqtt.allow[1]", "zigbee2mqtt/#", "'voice:lisen'", "'voice:listen'"));
    }

    @Test
    void refusesAStartWithADeviceThatDoesNotExist() {
        gateway.withPropertyValues(
                        "ovos.devices.kitchen.host=127.0.0.1",
                        "ovos.mqtt.allow[0].scopes[0]=voice:stop",
                        "ovos.mqtt.allow[0].devices[0]=kichen")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationException.class)
                        .hasMessageContainingAll("ovos.mqtt.allow[0]", "'kichen'", "'kitchen'"));
    }
}
