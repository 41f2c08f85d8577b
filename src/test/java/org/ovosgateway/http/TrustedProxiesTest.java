// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Whose word about the caller's address is taken, and which of several it is. */
class TrustedProxiesTest {

    private final TrustedProxies proxies = TrustedProxies.of(List.of("127.0.0.1", "10.1.0.0/16", "fd00::/8"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1        | 203.0.113.7                             | 203.0.113.7
            127.0.0.1        | 198.51.100.1, 203.0.113.7               | 203.0.113.7
            127.0.0.1        | 198.51.100.1 , 203.0.113.7,10.1.2.3     | 203.0.113.7
            10.1.255.255     | 203.0.113.7                             | 203.0.113.7
            fd00:0:0:0:0:0:0:1 | 203.0.113.7                           | 203.0.113.7
            ::ffff:10.1.0.1  | 203.0.113.7                             | 203.0.113.7
            127.0.0.1        | 2001:db8::1                             | 2001:db8:0:0:0:0:0:1
            127.0.0.1        | [2001:db8::1]                           | 2001:db8:0:0:0:0:0:1
            127.0.0.1        | "[2001:db8::1]:4711"                    | 127.0.0.1
            127.0.0.1        | [2001:db8::1]:4711                      | 2001:db8:0:0:0:0:0:1
            127.0.0.1        | 203.0.113.7:4711                        | 203.0.113.7
            127.0.0.1        | ::ffff:203.0.113.7                      | 203.0.113.7
            127.0.0.1        | 10.1.0.9, 10.1.0.8                      | 10.1.0.9
            """)
    void takesTheRightmostAddressThatIsNoProxy(String peer, String forwarded, String client) {
        assertThat(proxies.client(peer, List.of(forwarded))).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.2.0.1", "203.0.113.9", "::1", "127.0.0.2", "nonsense", ""})
    void believesNobodyElse(String peer) {
        assertThat(proxies.client(peer, List.of("198.51.100.1"))).isEqualTo(peer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "_hidden", "", " ", ",", "a.b.c.d", "1.2.3", "203.0.113.7:", "203.0.113.7 x"})
    void stopsAtWhatIsNoAddress(String entry) {
        assertThat(proxies.client("127.0.0.1", List.of("198.51.100.1," + entry + ",10.1.0.9")))
                .isEqualTo("10.1.0.9");
        assertThat(proxies.client("127.0.0.1", List.of("198.51.100.1," + entry)))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void readsSeveralHeadersAsOne() {
        assertThat(proxies.client("127.0.0.1", List.of("198.51.100.1", "203.0.113.7", "10.1.0.9")))
                .isEqualTo("203.0.113.7");
        assertThat(proxies.client("127.0.0.1", List.of())).isEqualTo("127.0.0.1");
    }

    @Test
    void areNoneByDefault() {
        assertThat(TrustedProxies.of(List.of()).client("127.0.0.1", List.of("203.0.113.7")))
                .isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.lan",
                "",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "fd00::/129",
                "0.0.0.0/0",
                "::/0",
                "10.0.0",
                "10.0.0.0/8/8",
                "1.2.3.4:80"
            })
    void areAddressesOrNetworks(String entry) {
        assertThatThrownBy(() -> TrustedProxies.of(List.of("127.0.0.1", entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("ovos.http.trusted-proxies has '" + entry + "'; ");
    }
}
