// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Gateway.Call;
import org.ovosgateway.testing.Gateway.Tokens;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The life of a login over HTTP: renewed, replaced, ended, and all that also after a restart. */
class SessionTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.auth.secret", "")
            .user("fired")
            .user("demoted")
            .user("somebody else");

    @Test
    void givesALongLivedTokenThatOutlivesItAndARestart() {
        Tokens login = gateway.logIn(Gateway.USER);
        JsonNode panel = gateway.call("POST", "/v1/auth/permatokens")
                .token(login.access())
                .json(
                        "{\"name\": \"panel\", \"scopes\": [\"network:read\"], \"expires\": \"2090-01-01T00:00:00+01:00\"}")
                .answers(201);
        String token = panel.path("token").asText();
        gateway.call("POST", "/v1/auth/logout").token(login.refresh()).answers(204, "");
        gateway.restart();

        gateway.call("GET", "/v1/network/websocket").token(token).answers(200);
        gateway.call("GET", "/v1/system/sleep").token(token).isRefused(403, "forbidden");
        gateway.call("POST", "/v1/auth/refresh").token(token).isRefused(401, "unauthorized");
        for (String[] call : new String[][] {
            {"GET", "/v1/auth/permatokens"},
            {"DELETE", "/v1/auth/permatokens/" + panel.path("id").asText()}
        }) {
            gateway.call(call[0], call[1]).token(token).isRefused(403, "login-needed");
        }
        JsonNode listed = gateway.call("GET", "/v1/auth/permatokens").answers(200);
        assertThat(listed.toString()).doesNotContain(token);
        assertThat(listed.path("permatokens"))
                .filteredOn(shown -> shown.path("id").equals(panel.path("id")))
                .singleElement()
                .satisfies(shown -> {
                    assertThat(shown.path("name").asText()).isEqualTo("panel");
                    assertThat(shown.path("scopes").toString()).isEqualTo("[\"network:read\"]");
                    assertThat(shown.path("expires").asText()).isEqualTo("2089-12-31T23:00:00Z");
                    assertThat(Instant.parse(shown.path("last_used").asText()))
                            .isAfterOrEqualTo(
                                    Instant.parse(shown.path("created").asText()));
                });

        gateway.call("DELETE", "/v1/auth/permatokens/" + panel.path("id").asText())
                .as("somebody else")
                .isRefused(404, "unknown-permatoken");
        gateway.call("DELETE", "/v1/auth/permatokens/" + panel.path("id").asText())
                .answers(204, "");
        gateway.call("GET", "/v1/network/websocket").token(token).isRefused(401, "unauthorized");
    }

    @Test
    void givesNoLongLivedTokenWithMoreRightsThanItsUserHas() {
        JsonNode refused = gateway.call("POST", "/v1/auth/permatokens")
                .json("{\"name\": \"panel\", \"scopes\": [\"network:raed\"]}")
                .isRefused(422, "validation");
        assertThat(refused.at("/errors/0/field").asText()).isEqualTo("scopes");
        assertThat(refused.path("detail").asText()).contains("the nearest is 'network:read'");
        for (String body : new String[] {
            "{}",
            "{\"name\": \"\"}",
            "{\"name\": \"a\", \"scopes\": {}}",
            "{\"name\": \"a\", \"expires\": \"2020-01-01T00:00:00Z\"}",
            "{\"name\": \"a\", \"expires\": \"2090-13-01T00:00:00Z\"}",
            "{\"name\": \"a\", \"more\": 1}"
        }) {
            gateway.call("POST", "/v1/auth/permatokens").json(body).isRefused(422, "validation");
        }
    }

    @Test
    void isRenewedAndKeepsItsRefreshToken() {
        Tokens tokens = gateway.logIn(Gateway.USER);

        String first = refresh(tokens).answers(200).get("access_token").textValue();
        String second = refresh(tokens).answers(200).get("access_token").textValue();

        assertThat(List.of(tokens.access(), first, second)).doesNotHaveDuplicates();
        assertIn(tokens.access());
        assertIn(first);
        assertIn(second);
    }

    @Test
    void isReplacedAndEndsWhenAReplacedTokenIsUsedAgain() {
        Tokens old = gateway.logIn(Gateway.USER);
        Tokens other = gateway.logIn(Gateway.USER);

        Tokens replaced = tokens(rotate(old).answers(200));
        assertIn(old.access());
        assertIn(replaced.access());

        rotate(old).isRefused(401, "unauthorized");
        assertOut(old);
        assertOut(replaced);
        assertIn(other.access());
        refresh(other).answers(200);
    }

    @Test
    void endsWhenAReplacedTokenIsUsedForARefresh() {
        Tokens old = gateway.logIn(Gateway.USER);
        Tokens replaced = tokens(rotate(old).answers(200));

        refresh(old).isRefused(401, "unauthorized");

        assertOut(replaced);
    }

    @Test
    void endsByLogOut() {
        Tokens tokens = gateway.logIn(Gateway.USER);
        String renewed = refresh(tokens).answers(200).get("access_token").textValue();
        Tokens other = gateway.logIn(Gateway.USER);

        assertThat(logOut(tokens).send().body()).isEmpty();

        assertOut(tokens);
        assertOut(new Tokens(renewed, tokens.refresh()));
        assertIn(other.access());
    }

    @Test
    void isReplacedOnceByManyAtATime() throws Exception {
        Tokens tokens = gateway.logIn(Gateway.USER);

        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(rotate(tokens).sendAsync().thenApply(answer -> answer.statusCode()));
        }

        List<Integer> statuses = new ArrayList<>();
        for (var call : calls) {
            statuses.add(call.get(30, SECONDS));
        }
        assertThat(statuses).containsOnly(200, 401).containsOnlyOnce(200);
    }

    @Test
    void survivesARestartAsItIs() {
        Tokens in = gateway.logIn(Gateway.USER);
        Tokens out = gateway.logIn(Gateway.USER);
        Tokens replaced = gateway.logIn(Gateway.USER);
        logOut(out).answers(204);
        Tokens next = tokens(rotate(replaced).answers(200));

        gateway.restart();

        assertIn(in.access());
        refresh(in).answers(200);
        assertOut(out);
        assertIn(next.access());
        rotate(replaced).isRefused(401, "unauthorized");
        assertOut(next);
    }

    @Test
    void endsWithTheUser() {
        Tokens tokens = gateway.logIn("fired");
        assertIn(tokens.access());

        gateway.active("fired", false);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> call(tokens.access()).send().statusCode() == 401);
        assertOut(tokens);
        gateway.call("POST", "/v1/auth/tokens")
                .anonymous()
                .json("{\"user\": \"fired\", \"password\": \"%s\"}".formatted(Gateway.PASSWORD))
                .isRefused(401, "invalid-credentials");
    }

    @Test
    void losesAScopeAtOnce() {
        Tokens tokens = gateway.logIn("demoted");
        assertIn(tokens.access());

        gateway.user("demoted", "voice:speak");

        await().atMost(Duration.ofSeconds(30))
                .until(() -> call(tokens.access()).send().statusCode() == 403);
    }

    @Test
    void leavesNothingInTheStateThatOthersCouldReadOrUse() throws Exception {
        Tokens tokens = gateway.logIn(Gateway.USER);
        tokens(rotate(tokens).answers(200));
        Path state = gateway.folder().resolve("state");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(state)) {
            assertThat(files).isNotEmpty().allSatisfy(file -> {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
                assertThat(Files.readString(file)).doesNotContain(tokens.refresh());
            });
        }
    }

    private static Call refresh(Tokens tokens) {
        return gateway.call("GET", "/v1/auth/refresh").token(tokens.refresh());
    }

    private static Call rotate(Tokens tokens) {
        return gateway.call("POST", "/v1/auth/refresh").token(tokens.refresh());
    }

    private static Call logOut(Tokens tokens) {
        return gateway.call("POST", "/v1/auth/logout").token(tokens.refresh());
    }

    /** A call that needs a token and no assistant. */
    private static Call call(String access) {
        return gateway.call("GET", "/v1/skills/no%20skill/settings").token(access);
    }

    private static void assertIn(String access) {
        call(access).isRefused(422, "validation");
    }

    private static void assertOut(Tokens tokens) {
        call(tokens.access()).isRefused(401, "unauthorized");
        refresh(tokens).isRefused(401, "unauthorized");
        rotate(tokens).isRefused(401, "unauthorized");
        logOut(tokens).isRefused(401, "unauthorized");
    }

    private static Tokens tokens(JsonNode answer) {
        return new Tokens(
                answer.get("access_token").textValue(),
                answer.get("refresh_token").textValue());
    }
}
