// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Route files that have to do with MQTT, while it is off. */
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
                - route:
                    from:
                      uri: "command:lights?scope=voice:listen"
                      steps:
                        - log: heard
                """, """
                - route:
                    from:
                      uri: ovos:recognizer_loop:sleep
                      steps:
                        - to: property:sleep
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
