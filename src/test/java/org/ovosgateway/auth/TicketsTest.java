// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a browser calls with where it cannot send a header. */
class TicketsTest {

    private Gate gate;
    private Tickets tickets;

    @BeforeEach
    void open(@TempDir Path folder) {
        gate = new Gate(folder);
        tickets = new Tickets(gate.tokens, gate.clock);
    }

    @Test
    void areGoodOnce() {
        String ticket = issue("ada", null);

        Caller ada = tickets.redeem(ticket, "/v1/events");

        assertThat(ada.name()).isEqualTo("ada");
        assertThat(ada.may("voice:speak")).isTrue();
        assertRefused(ticket, "/v1/events");
    }

    @Test
    void areGoodOnceAlsoForManyAtATime() throws Exception {
        String ticket = issue("ada", null);
        var threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Boolean> use = () -> {
                try {
                    tickets.redeem(ticket, "/v1/events");
                    return true;
                } catch (UnauthorizedException e) {
                    return false;
                }
            };
            int good = 0;
            for (Future<Boolean> used : threads.invokeAll(java.util.Collections.nCopies(64, use))) {
                good += used.get() ? 1 : 0;
            }
            assertThat(good).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void areGoodForTheirPathOnlyAndUsedUpByAnother() {
        assertThat(tickets.redeem(issue("ada", "/v1/events"), "/v1/events").name())
                .isEqualTo("ada");

        String ticket = issue("ada", "/v1/events");
        assertRefused(ticket, "/v1/other");
        assertRefused(ticket, "/v1/events");
    }

    @Test
    void areGoodForSeveralPathsAndNoOther() {
        String paths = "/v1/events,/v1/events/ws";
        Caller ada = gate.tokens.access(gate.logIn("ada").accessToken());

        for (String path : paths.split(",")) {
            String ticket = tickets.issueFor(paths, ada).get("ticket").toString();
            assertThat(tickets.redeem(ticket, path).name()).isEqualTo("ada");
        }
        assertRefused(tickets.issueFor(paths, ada).get("ticket").toString(), "/v1/other");
    }

    @Test
    void areGoodForHalfAMinute() {
        String first = issue("ada", null);
        String second = issue("ada", null);
        gate.clock.turn(Tickets.LIFETIME.minusMillis(1));
        assertThat(tickets.redeem(first, "/").name()).isEqualTo("ada");

        gate.clock.turn(Duration.ofMillis(1));
        assertRefused(second, "/");
    }

    @Test
    void areWorthNothingOnceTheLoginHasEndedOrTheUserIsGone() {
        TokenPair pair = gate.logIn("ada");
        String ticket = (String)
                tickets.issue(null, gate.tokens.access(pair.accessToken())).get("ticket");
        String other = issue("bob", null);

        gate.logins.logOut(gate.tokens.refresh(pair.refreshToken()));
        gate.write("[]");
        gate.users.reload();

        assertRefused(ticket, "/");
        assertRefused(other, "/");
    }

    @Test
    void giveNoMoreThanTheLongLivedTokenThatTheyWereIssuedFor() {
        Caller bob = gate.tokens.access(gate.logIn("ada").accessToken());
        Permatokens.Issued token =
                gate.permatokens.create(Map.of("name", "panel", "scopes", List.of("system:read")), bob);
        Caller panel = gate.tokens.access(token.token());
        String first = (String) tickets.issue(null, panel).get("ticket");
        String second = (String) tickets.issue(null, panel).get("ticket");

        Caller redeemed = tickets.redeem(first, "/");
        assertThat(redeemed.may("system:read")).isTrue();
        assertThat(redeemed.may("voice:speak")).isFalse();

        gate.permatokens.delete(bob, token.id());
        assertRefused(second, "/");
    }

    @Test
    void giveNoMoreThanTheCallThatAskedForThemMight() {
        Caller ada = gate.tokens.access(gate.logIn("ada").accessToken());
        Caller less = ada.within(Set.of("voice:speak")).withinDevices(Set.of("kitchen"));
        String ticket = (String) tickets.issue(null, less).get("ticket");

        Caller redeemed = tickets.redeem(ticket, "/");

        assertThat(redeemed.may("voice:speak")).isTrue();
        assertThat(redeemed.may("voice:stop")).isFalse();
        assertThat(redeemed.devices()).containsExactly("kitchen");
    }

    @Test
    void areTwentyForEachUserAndTheOldestMakesRoom() {
        String others = issue("bob", null);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            all.add(issue("ada", null));
        }

        assertRefused(all.get(0), "/");
        assertThat(tickets.redeem(all.get(1), "/").name()).isEqualTo("ada");
        assertThat(tickets.redeem(others, "/").name()).isEqualTo("bob");
    }

    @Test
    void areNotForThoseWhoAreNoUsers() {
        for (Caller caller : new Caller[] {null, Caller.OWNER, Caller.ANYBODY, Caller.link("/a", Instant.MAX)}) {
            assertThatThrownBy(() -> tickets.issue(null, caller)).isInstanceOf(UnauthorizedException.class);
        }
    }

    private String issue(String user, String path) {
        Caller caller = gate.tokens.access(gate.logIn(user).accessToken());
        var issued = tickets.issue(path == null ? Map.of() : Map.of("path", path), caller);
        assertThat(issued).containsEntry("expires_in", 30L);
        return (String) issued.get("ticket");
    }

    private void assertRefused(String ticket, String path) {
        assertThatThrownBy(() -> tickets.redeem(ticket, path)).isInstanceOf(UnauthorizedException.class);
    }
}
