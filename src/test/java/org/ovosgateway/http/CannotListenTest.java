// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.net.InetAddress;
import java.net.ServerSocket;

import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class CannotListenTest {

    @Test
    void tellsThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FailureAnalysis told = startFailure("server.port=" + taken.getLocalPort());
            assertThat(told.getDescription())
                    .isEqualTo("The API cannot listen on 127.0.0.1 port %d: another program has it."
                            .formatted(taken.getLocalPort()));
            assertThat(told.getAction()).contains("server.port");
        }
    }

    @Test
    void tellsThatTheAddressIsNotOfThisMachine() {
        // TEST-NET-1 of RFC 5737: nobody's
        FailureAnalysis told = startFailure("server.address=192.0.2.1");
        assertThat(told.getDescription()).endsWith("this machine has no such address.");
        assertThat(told.getAction()).contains("server.address");
    }

    @Test
    void tellsThatTheNameIsUnknown() {
        assertThat(startFailure("server.address=nowhere.invalid").getDescription())
                .endsWith("this machine has no such address.");
    }

    private static FailureAnalysis startFailure(String property) {
        Throwable failure = catchThrowable(() -> TestServer.start(property).close());
        assertThat(failure).isInstanceOf(CannotListenException.class);
        return new CannotListenFailureAnalyzer().analyze(failure);
    }
}
