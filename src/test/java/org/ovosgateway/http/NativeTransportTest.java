// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

/** Linux's own sockets: the compiled part of Netty may be of another patch than its Java, as long as it loads. */
@EnabledOnOs(OS.LINUX)
class NativeTransportTest {

    @Test
    void loads() {
        assertThat(Epoll.unavailabilityCause()).isNull();
    }
}
