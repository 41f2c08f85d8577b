// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HostNameTest {

    @ParameterizedTest
    @CsvSource({
        "ovos-kitchen.local, ovos-kitchen.local",
        "my_broker, my_broker",
        "192.168.1.2, 192.168.1.2",
        "::1, [::1]",
        "[::1], [::1]",
        "fe80::1%eth0, [fe80::1]",
        "[fe80::1%eth0], [fe80::1]",
    })
    void standsInAUrlAsItHasTo(String text, String inUrl) {
        assertThat(new HostName(text).inUrl()).isEqualTo(inUrl);
    }

    @Test
    void isResolvedBySystem() throws Exception {
        assertThat(new HostName("localhost").resolve()).contains(new HostName("127.0.0.1"));
        assertThat(new HostName("[::1]").resolve()).containsExactly(new HostName("0:0:0:0:0:0:0:1"));
        assertThatThrownBy(() -> new HostName("no-such-host.invalid").resolve())
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void isNoNameToVertxOnlyWithoutZone() {
        assertThat(new HostName("::1").forVertx()).isEqualTo("::1");
        assertThat(new HostName("fe80::1%eth0").forVertx()).isEqualTo("0000fe80::1%eth0");
    }
}
