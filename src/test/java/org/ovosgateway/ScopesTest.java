// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ScopesTest {

    @Test
    void knowsThoseOfTheShippedContractAndCommands() {
        var scopes = new Scopes(Path.of("routes"));

        assertThat(scopes.known()).contains("network:read", "voice:stop", "mqtt:read", "mqtt:connect");
        assertThat(scopes.unknown(List.of("*", "voice:*", "network:read"))).isEmpty();
        assertThat(scopes.unknown(List.of("network:reed", "lights:on", "voices:*")))
                .isEqualTo("'lights:on', 'network:reed'; the nearest is 'network:read', 'voices:*'");
    }

    @Test
    void knowsThoseOfRoutesOfOnesOwn(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("mine.camel.yaml"), """
                - route:
                    from:
                      uri: platform-http:/lights?access=lights:on
                - route:
                    from:
                      uri: command:blinds
                      parameters:
                        scope: "blinds:move"
                """);

        assertThat(new Scopes(folder).known()).contains("lights:on", "blinds:move");
    }

    @Test
    void judgesNothingWithoutRoutes(@TempDir Path folder) {
        assertThat(new Scopes(folder.resolve("nowhere")).unknown(List.of("network:reed")))
                .isEmpty();
    }
}
