// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Route files that need a broker, while MQTT is off. */
class MqttOffTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"""
                - route:
                    from:
                      uri: paho-mqtt5:a/b
                      steps:
                        - log: heard
                """, """
                - templatedRoute:
                    routeTemplateRef: zigbee2mqtt-button
                    parameters:
                      - {name: topic, value: zigbee2mqtt/bedside}
                """})
    void waitQuietly(String file) throws Exception {
        try (LiveFolder live =
                new LiveFolder(folder).write("mine.camel.yaml", file).start()) {
            assertThat(live.failures()).isEmpty();
        }
    }
}
