// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a route that is not in the contract says about its callers and their bodies. */
class EntranceTest {

    @Test
    void isReadFromTheEndpoint() {
        assertThat(Entrance.of("platform-http:///light?access=public").isPublic())
                .isTrue();
        assertThat(Entrance.of("platform-http:///access=public").access()).isNull();
        assertThat(Entrance.of("platform-http:///light?produces=access%3Dpublic")
                        .access())
                .isNull();
        assertThat(Entrance.of("platform-http:///light?access=home:light&useStreaming=true&maxBody=10MB"))
                .isEqualTo(new Entrance("home:light", true, 10 << 20, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Public", "public ", "PUBLIC", "everybody", "true", "voice", "voice:", "*"})
    void isOpenToEverybodyInNoOtherWriting(String access) throws Exception {
        assertRefused("access=RAW(" + access + ")", "access is 'public' or a scope");
    }

    @ParameterizedTest
    @ValueSource(strings = {"maxBody=0", "maxBody=-1MB", "maxBody=large", "useStreaming=yes"})
    void isRefusedWithAnOptionThatSaysNothing(String option) throws Exception {
        assertRefused(option, option.substring(0, option.indexOf('=')) + " is ");
    }

    @Test
    void hasNoBodyInMemoryThatIsLargerThanAllTogetherMayBe() {
        DataSize all = DataSize.ofMegabytes(4);

        assertThat(new Entrance(null, true, 10 << 20, null).within(all).maxBody())
                .isEqualTo(10 << 20);
        assertThat(new Entrance(null, false, 4 << 20, null).within(all).maxBody())
                .isEqualTo(4 << 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Entrance(null, false, 10 << 20, null).within(all))
                .withMessageContaining("ovos.http.max-bodies");
    }

    private static void assertRefused(String option, String reason) throws Exception {
        try (var camel = new DefaultCamelContext()) {
            camel.addComponent("platform-http", new HttpComponent());
            camel.build();
            assertThatThrownBy(() -> camel.getEndpoint("platform-http:/light?" + option))
                    .hasStackTraceContaining(reason);
        }
    }
}
