// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.net.ServerSocket;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class CannotListenTest {

    @Test
    void tellsThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CannotListenException told = startFailure("server.port=" + taken.getLocalPort());
            assertThat(told.getMessage())
                    .isEqualTo("The API cannot listen on 127.0.0.1 port %d: another program has it."
                            .formatted(taken.getLocalPort()));
            assertThat(told.remedy()).contains("server.port");
        }
    }

    @Test
    void tellsThatTheAddressIsNotOfThisMachine() {
        // TEST-NET-1 of RFC 5737: nobody's
        CannotListenException told = startFailure("server.address=192.0.2.1");
        assertThat(told.getMessage()).endsWith("this machine has no such address.");
        assertThat(told.remedy()).contains("server.address");
    }

    @Test
    void tellsThatTheNameIsUnknown() {
        assertThat(startFailure("server.address=nowhere.invalid").getMessage())
                .endsWith("this machine has no such address.");
    }

    private static CannotListenException startFailure(String property) {
        Throwable failure = catchThrowable(() -> TestServer.start(property).close());
        assertThat(failure).isInstanceOf(CannotListenException.class);
        return (CannotListenException) failure;
    }
}
