// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What may be called by whoever has it. */
class LinksTest {

    private static final String TARGET = "/v1/takes/7/audio?format=mp3";

    private Path folder;
    private Gate gate;
    private Links links;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
        gate = new Gate(folder);
        links = links(Gate.SECRET, "");
    }

    private Links links(String secret, String previous) {
        return new Links(new SigningKeys(Gate.properties(folder, secret, previous), gate.state), gate.clock);
    }

    @Test
    void areGoodForTheirTarget() {
        assertThat(links.sign(TARGET, Duration.ofHours(1))).startsWith(TARGET + "&signature=");
        assertThat(links.sign("/a", Duration.ofHours(1), "sig")).startsWith("/a?sig=");

        assertThat(links.follow("GET", TARGET, value(TARGET)).kind()).isEqualTo(Caller.Kind.LINK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/takes/8/audio?format=mp3",
                "/v1/takes/7/audio?format=wav",
                "/v1/takes/7/audio",
                "/v1/takes/7/audio?format=mp3&more=1",
                ""
            })
    void areGoodForNoOther(String target) {
        assertRefused(links, target, value(TARGET));
    }

    @Test
    void areGoodForTheirMethodAndHeadWhereItIsGet() {
        String value = value(TARGET);
        assertThat(links.follow("HEAD", TARGET, value).kind()).isEqualTo(Caller.Kind.LINK);
        for (String other : List.of("PUT", "POST", "DELETE", "get", "")) {
            assertThatThrownBy(() -> links.follow(other, TARGET, value)).isInstanceOf(UnauthorizedException.class);
        }

        String put = signature(links.signFor("PUT", TARGET, Duration.ofHours(1)));
        assertThat(links.follow("PUT", TARGET, put).kind()).isEqualTo(Caller.Kind.LINK);
        assertRefused(links, TARGET, put);
        assertThatThrownBy(() -> links.follow("HEAD", TARGET, put)).isInstanceOf(UnauthorizedException.class);

        for (String method : List.of("get", "HEAD")) {
            String get = signature(links.signFor(method, TARGET, Duration.ofHours(1)));
            assertThat(links.follow("GET", TARGET, get).kind()).isEqualTo(Caller.Kind.LINK);
        }
    }

    @Test
    void expire() {
        String value = value(TARGET);
        gate.clock.turn(Duration.ofHours(1).minusSeconds(1));
        assertThat(links.follow("GET", TARGET, value)).isNotNull();

        gate.clock.turn(Duration.ofSeconds(1));
        assertRefused(links, TARGET, value);
    }

    @Test
    void cannotBeChanged() {
        String value = value(TARGET);
        int dot = value.indexOf('.');
        long later = Long.parseLong(value.substring(0, dot)) + 1;

        assertRefused(links, TARGET, later + value.substring(dot));
        assertRefused(links, TARGET, value.substring(0, dot + 1) + "A".repeat(43));
        assertRefused(links, TARGET, value.substring(0, value.length() - 1));
        assertRefused(links, TARGET, value + "A");
        assertRefused(links, TARGET, "9".repeat(30) + value.substring(dot));
        assertRefused(links, TARGET, "");
    }

    @Test
    void outliveTheSecretAsLongAsItIsThePreviousOne() {
        String value = value(TARGET);
        String next = "another secret of the gateway 32";

        assertThat(links(next, Gate.SECRET).follow("GET", TARGET, value)).isNotNull();
        assertRefused(links(next, ""), TARGET, value);
    }

    @Test
    void holdUntilTheLinkIsOver() {
        Caller follower = links.follow("GET", TARGET, value(TARGET));
        Caller user = new Caller(Caller.Kind.USER, "ada", Caller.ALL, new Caller.Login("stamp"));
        gate.clock.turn(Duration.ofHours(1).minusSeconds(1));
        assertThat(links.hold(follower)).isTrue();
        assertThat(links.hold(user.and(follower))).isTrue();

        gate.clock.turn(Duration.ofSeconds(1));
        assertThat(links.hold(follower)).isFalse();
        assertThat(links.hold(user.and(follower))).isFalse();
        assertThat(links.hold(user)).isTrue();
        assertThat(links.hold(Caller.ANYBODY)).isTrue();
    }

    private String value(String target) {
        return signature(links.sign(target, Duration.ofHours(1)));
    }

    private static String signature(String link) {
        return link.substring(link.indexOf("signature=") + "signature=".length());
    }

    private static void assertRefused(Links links, String target, String value) {
        assertThatThrownBy(() -> links.follow("GET", target, value)).isInstanceOf(UnauthorizedException.class);
    }
}
