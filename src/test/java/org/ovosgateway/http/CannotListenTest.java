// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.net.ServerSocket;

import org.junit.jupiter.api.Test;
import org.ovosgateway.InvalidConfigurationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class CannotListenTest {

    @Test
    void tellsThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InvalidConfigurationException told = startFailure("server.port=" + taken.getLocalPort());
            assertThat(told.getMessage())
                    .isEqualTo("The API cannot listen on 127.0.0.1 port %d: another program has it."
                            .formatted(taken.getLocalPort()));
            assertThat(told.remedy()).contains("server.port");
        }
    }

    @Test
    void tellsThatTheAddressIsNotOfThisMachine() {
        // TEST-NET-1 of RFC 5737: nobody's
        InvalidConfigurationException told = startFailure("server.address=192.0.2.1");
        assertThat(told.getMessage()).endsWith("this machine has no such address.");
        assertThat(told.remedy()).contains("server.address");
    }

    @Test
    void tellsThatTheNameIsUnknown() {
        assertThat(startFailure("server.address=nowhere.invalid").getMessage())
                .endsWith("this machine has no such address.");
    }

    @Test
    void namesTheApiWhosePortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            InvalidConfigurationException told = startFailure("test.elsewhere=notes=127.0.0.1:" + other.getLocalPort());
            assertThat(told.getMessage())
                    .isEqualTo("The API 'notes' cannot listen on 127.0.0.1 port %d: another program has it."
                            .formatted(other.getLocalPort()));
            assertThat(told.remedy()).contains("ovos.apis.notes.port");
        }
    }

    @Test
    void tellsThatTwoApisHaveOnePort() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        InvalidConfigurationException told =
                startFailure("server.port=" + port, "test.elsewhere=notes=127.0.0.1:" + port);
        assertThat(told.getMessage()).isEqualTo("server and ovos.apis.notes are both 127.0.0.1 port " + port + ".");
        assertThat(told.remedy()).contains("ovos.apis.notes.port");
    }

    private static InvalidConfigurationException startFailure(String... properties) {
        Throwable failure = catchThrowable(() -> TestServer.start(properties).close());
        assertThat(failure).isInstanceOf(InvalidConfigurationException.class);
        return (InvalidConfigurationException) failure;
    }
}
