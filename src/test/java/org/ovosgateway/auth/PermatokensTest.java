// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class PermatokensTest {

    private Gate gate;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("routes"));
        Files.writeString(
                folder.resolve("routes/openapi.yaml"),
                "x-scope: system:read\nx-scope: voice:speak\nx-scope: voice:stop\n");
        gate = new Gate(folder);
    }

    @Test
    void isGoodForWhatItsOwnerMayDo() {
        Permatokens.Issued panel = create("ada", Map.of("name", "panel"));

        Caller caller = gate.tokens.access(panel.token());

        assertThat(caller.name()).isEqualTo("ada");
        assertThat(caller.may("anything:at-all")).isTrue();
        assertThat(panel.token()).matches("ovos_pat_" + panel.id() + "_[0-9A-Za-z]{49}");
        assertThat(panel.toString()).doesNotContain(panel.token());
    }

    @Test
    void isGoodForNoMoreThanItsScopes() {
        Caller caller = gate.tokens.access(create("ada", Map.of("name", "panel", "scopes", List.of("voice:speak")))
                .token());

        assertThat(caller.may("voice:speak")).isTrue();
        assertThat(caller.may("voice:stop")).isFalse();
    }

    @Test
    void losesWhatItsOwnerLoses() {
        gate.write(users("\"scopes\": [\"voice:speak\", \"voice:stop\"]", true));
        gate.users.reload();
        String all = create("bob", Map.of("name", "all")).token();
        String some = create("bob", Map.of("name", "some", "scopes", List.of("voice:speak")))
                .token();

        gate.write(users("\"scopes\": [\"voice:stop\"]", true));
        gate.users.reload();

        assertThat(gate.tokens.access(all).may("voice:stop")).isTrue();
        assertThat(gate.tokens.access(all).may("voice:speak")).isFalse();
        assertThat(gate.tokens.access(some).may("voice:speak")).isFalse();
        assertThat(gate.tokens.access(some).may("voice:stop")).isFalse();
    }

    @Test
    void gainsNothingBeyondItsScopesWhenItsOwnerDoes() {
        String token = create("bob", Map.of("name", "panel", "scopes", List.of("system:read")))
                .token();

        gate.write(users("\"scopes\": [\"*\"]", true));
        gate.users.reload();

        assertThat(gate.tokens.access(token).may("system:read")).isTrue();
        assertThat(gate.tokens.access(token).may("voice:stop")).isFalse();
    }

    @Test
    void isGoodForNoMoreThanItsDevicesAndThoseOfItsOwner() {
        String kitchen = create("ada", Map.of("name", "panel", "devices", List.of("kitchen")))
                .token();
        String all = create("ada", Map.of("name", "all")).token();
        assertThat(gate.tokens.access(kitchen).mayUse("kitchen")).isTrue();
        assertThat(gate.tokens.access(kitchen).mayUse("default")).isFalse();

        gate.write("[{\"user\": \"ada\", \"password\": \"%s\", \"active\": true, \"devices\": [\"default\"]}]"
                .formatted(Gate.HASH));
        gate.users.reload();

        assertThat(gate.tokens.access(kitchen).mayUse("kitchen")).isFalse();
        assertThat(gate.tokens.access(kitchen).mayUse("default")).isFalse();
        assertThat(gate.tokens.access(all).mayUse("default")).isTrue();
        assertThat(gate.tokens.access(all).mayUse("kitchen")).isFalse();
        assertThat(problem(() -> create("ada", Map.of("name", "more", "devices", List.of("kitchen"))))
                        .problem()
                        .detail())
                .contains("devices must be among those of the user, which has not 'kitchen'");
    }

    @Test
    void endsWithItsOwnersPasswordAndStaysSo() {
        String token = create("bob", Map.of("name", "panel")).token();

        gate.write("[{\"user\": \"bob\", \"password\": \"%s\", \"active\": true}]".formatted(Gate.hash("another")));
        gate.users.reload();

        refused(() -> gate.tokens.access(token), "the password of its user was changed");
        assertThat(gate.permatokens.list("bob")).isEmpty();
    }

    @Test
    void isRefusedWhileItsOwnerIsInactiveAndWhenItsOwnerIsGone() {
        String token = create("bob", Map.of("name", "panel")).token();

        gate.write(users("\"scopes\": [\"*\"]", false));
        gate.users.reload();
        refused(() -> gate.tokens.access(token), "The user of the token is not active.");

        gate.write("[]");
        gate.users.reload();
        refused(() -> gate.tokens.access(token), "The user of the token is not active.");
    }

    @Test
    void expires() {
        Instant end = gate.clock.instant().plus(Duration.ofDays(1));
        String token = create("ada", Map.of("name", "panel", "expires", end.toString()))
                .token();

        gate.clock.turn(Duration.ofDays(1).minusSeconds(1));
        assertThat(gate.tokens.access(token).name()).isEqualTo("ada");

        gate.clock.turn(Duration.ofSeconds(1));
        refused(() -> gate.tokens.access(token), "The token has expired.");
        assertThat(gate.permatokens.list("ada")).isEmpty();
    }

    @Test
    void endsAtOnceWhenItIsDeletedAndNoOtherDoes() {
        Permatokens.Issued panel = create("ada", Map.of("name", "panel"));
        Permatokens.Issued script = create("ada", Map.of("name", "script"));

        gate.permatokens.delete(loggedIn("ada"), panel.id());

        refused(() -> gate.tokens.access(panel.token()), "The token is invalid.");
        assertThat(gate.tokens.access(script.token()).name()).isEqualTo("ada");
        refused(() -> gate.restarted().tokens.access(panel.token()), "The token is invalid.");
        assertThat(gate.restarted().tokens.access(script.token()).name()).isEqualTo("ada");
    }

    @Test
    void cannotBeDeletedOrSeenByAnotherUser() {
        Permatokens.Issued panel = create("ada", Map.of("name", "panel"));

        ProblemException refused = problem(() -> gate.permatokens.delete(loggedIn("bob"), panel.id()));
        ProblemException unknown = problem(() -> gate.permatokens.delete(loggedIn("bob"), "nothingatall"));

        assertThat(refused.problem()).isEqualTo(unknown.problem());
        assertThat(refused.problem().status()).isEqualTo(404);
        assertThat(gate.permatokens.list(loggedIn("bob")).permatokens()).isEmpty();
        assertThat(gate.tokens.access(panel.token()).name()).isEqualTo("ada");
    }

    @Test
    void isListedWithItsLastUseAndWithoutItsSecret() {
        var panel = create("bob", Map.of("name", "panel", "scopes", List.of("system:read")));
        assertThat(gate.permatokens.list(loggedIn("bob")).permatokens())
                .containsExactly(new Permatokens.Shown(
                        panel.id(), "panel", Set.of("system:read"), null, "2030-01-01T00:00:00Z", null, null));

        gate.clock.turn(Duration.ofHours(1));
        gate.tokens.access(panel.token());

        assertThat(gate.permatokens.list("bob"))
                .extracting(Permatokens.Shown::lastUsed)
                .containsExactly("2030-01-01T01:00:00Z");
        assertThat(gate.permatokens.list("bob").toString()).doesNotContain(panel.token());
    }

    @Test
    void keepsItsLastUseOverARestartWithoutWritingAtEachUse() {
        var panel = create("bob", Map.of("name", "panel"));
        gate.clock.turn(Duration.ofHours(1));
        gate.tokens.access(panel.token());
        gate.register.look();
        Path file = gate.state.file(PermatokenRegister.USED);
        assertThat(file).exists();

        gate.clock.turn(Duration.ofMinutes(4));
        gate.tokens.access(panel.token());
        gate.register.look();
        assertThat(gate.restarted().permatokens.list("bob"))
                .extracting(Permatokens.Shown::lastUsed)
                .containsExactly("2030-01-01T01:00:00Z");

        gate.register.close();
        assertThat(gate.restarted().permatokens.list("bob"))
                .extracting(Permatokens.Shown::lastUsed)
                .containsExactly("2030-01-01T01:04:00Z");
    }

    @Test
    void isNotMadeListedOrDeletedByALongLivedToken() {
        var panel = create("ada", Map.of("name", "panel"));
        Caller caller = gate.tokens.access(panel.token());

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> gate.permatokens.create(Map.of("name", "another"), caller),
                () -> gate.permatokens.list(caller),
                () -> gate.permatokens.delete(caller, panel.id()))) {
            assertThat(problem(call).problem().type()).isEqualTo("login-needed");
        }
        assertThatThrownBy(() -> gate.permatokens.create(Map.of("name", "another"), null))
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void holdsBesideAnotherCredentialOnlyAsLongAsBothDo() {
        var panel =
                create("ada", Map.of("name", "panel", "scopes", List.of("voice:speak"), "devices", List.of("kitchen")));
        var third = create("ada", Map.of("name", "third"));
        String access = gate.logIn("ada").accessToken();
        Caller both = gate.tokens.access(access).and(gate.tokens.access(panel.token()));
        Caller all = gate.tokens.access(third.token()).and(both);
        for (Caller caller : List.of(both, all)) {
            Caller now = gate.tokens.present(gate.tokens.present(caller));
            assertThat(now.scopes()).containsExactly("voice:speak");
            assertThat(now.devices()).containsExactly("kitchen");
        }

        gate.permatokens.delete(loggedIn("ada"), third.id());
        refused(() -> gate.tokens.present(all), "it was deleted");
        assertThat(gate.tokens.present(both).may("voice:speak")).isTrue();

        gate.permatokens.delete(loggedIn("ada"), panel.id());
        refused(() -> gate.tokens.present(both), "it was deleted");
    }

    @Test
    void endsWithTheLoginBesideIt() {
        var panel = create("ada", Map.of("name", "panel"));
        Caller login = gate.tokens.access(gate.logIn("ada").accessToken());
        Caller both = gate.tokens.access(panel.token()).and(login);

        gate.logins.logOut(login);

        refused(() -> gate.tokens.present(both), "its login has ended");
    }

    @Test
    void staysAsItWasForOneWhoComesBackAndKnowsWhenItEnds() {
        var panel = create("ada", Map.of("name", "panel", "scopes", List.of("voice:speak")));
        Caller before = gate.tokens.access(panel.token());

        Caller now = gate.tokens.present(before);
        assertThat(now.may("voice:speak")).isTrue();
        assertThat(now.may("voice:stop")).isFalse();

        gate.permatokens.delete(loggedIn("ada"), panel.id());
        refused(() -> gate.tokens.present(before), "it was deleted");
    }

    @Test
    void isNoRefreshToken() {
        String token = create("ada", Map.of("name", "panel")).token();

        refused(() -> gate.tokens.refresh(token), "The token is of the other kind");
    }

    static Stream<Map<String, ?>> unfit() {
        return Stream.of(
                Map.of(),
                Map.of("name", ""),
                Map.of("name", " "),
                Map.of("name", "a\nb"),
                Map.of("name", "a".repeat(65)),
                Map.of("name", 7),
                Map.of("name", "panel", "scopes", "system:read"),
                Map.of("name", "panel", "scopes", List.of(7)),
                Map.of("name", "panel", "scopes", List.of("no scope")),
                Map.of("name", "panel", "scopes", List.of("system:raed")),
                Map.of("name", "panel", "scopes", List.of("voice:speak")),
                Map.of("name", "panel", "scopes", List.of("voice:*")),
                Map.of("name", "panel", "devices", "kitchen"),
                Map.of("name", "panel", "devices", List.of("Kitchen")),
                Map.of("name", "panel", "devices", List.of("kitchn")),
                Map.of("name", "panel", "expires", "tomorrow"),
                Map.of("name", "panel", "expires", "2030-01-01"),
                Map.of("name", "panel", "expires", "2030-01-01T00:00:00Z"),
                Map.of("name", "panel", "expires", "+99999-01-01T00:00:00Z"),
                Map.of("name", "panel", "expires", 7));
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void isNotMadeOfWhatItCannotHave(Map<String, ?> wanted) {
        assertThat(problem(() -> create("bob", wanted)).problem().status()).isEqualTo(422);
        assertThat(gate.state.file(PermatokenRegister.FILE)).doesNotExist();
    }

    @Test
    void namesTheNearestScope() {
        assertThat(problem(() -> create("ada", Map.of("name", "panel", "scopes", List.of("voice:speek"))))
                        .problem()
                        .detail())
                .contains("'voice:speek'", "the nearest is 'voice:speak'");
    }

    @Test
    void isBoundedForEachUserAndInAll() {
        for (int i = 0; i < Permatokens.PER_USER; i++) {
            create("ada", Map.of("name", "panel " + i));
        }

        assertThat(problem(() -> create("ada", Map.of("name", "one more")))
                        .problem()
                        .type())
                .isEqualTo("too-many-permatokens");
        assertThat(create("bob", Map.of("name", "panel")).token()).isNotEmpty();
        gate.permatokens.delete(
                loggedIn("ada"), gate.permatokens.list("ada").get(0).id());
        assertThat(create("ada", Map.of("name", "one more")).token()).isNotEmpty();
    }

    @Test
    void makesRoomOfThoseThatAreDead() {
        Instant end = gate.clock.instant().plusSeconds(1);
        for (int i = 0; i < Permatokens.PER_USER; i++) {
            create("ada", Map.of("name", "panel " + i, "expires", end.toString()));
        }
        gate.clock.turn(Duration.ofSeconds(1));

        create("ada", Map.of("name", "one more"));

        assertThat(gate.state.file(PermatokenRegister.FILE))
                .content()
                .doesNotContain("panel ")
                .contains("one more");
    }

    @Test
    void losesNoneToAUsersFileThatIsAnotherForAMoment() {
        var panel = create("bob", Map.of("name", "panel"));
        gate.write("[{\"user\": \"ada\", \"password\": \"%s\", \"active\": true}]".formatted(Gate.HASH));
        gate.users.reload();
        create("ada", Map.of("name", "panel"));

        gate.write(users("\"scopes\": [\"*\"]", true));
        gate.users.reload();

        assertThat(gate.tokens.access(panel.token()).name()).isEqualTo("bob");
    }

    @Test
    void isRefusedAlikeWithAnotherIdAnotherSecretAndAnotherCheckSum() {
        var panel = create("ada", Map.of("name", "panel"));
        PermatokenText text = PermatokenText.parse(panel.token()).orElseThrow();
        PermatokenText random = PermatokenText.random(new SecureRandom());
        String last = panel.token().substring(panel.token().length() - 1);

        for (String forged : List.of(
                new PermatokenText(text.id(), random.secret()).text(),
                new PermatokenText(random.id(), text.secret()).text(),
                random.text(),
                panel.token().substring(0, panel.token().length() - 1) + (last.equals("a") ? "b" : "a"),
                panel.token() + "\n",
                panel.token().replace("_pat_", "_pat_ "),
                "ovos_pat_",
                "ovos_pat_" + "x".repeat(100_000))) {
            refused(() -> gate.tokens.access(forged), "The token is invalid.");
        }
        assertThat(gate.meters.get("ovos.tokens.refused").counter().count()).isEqualTo(8);
        assertThat(gate.permatokens.list("ada").get(0).lastUsed()).isNull();
    }

    @Test
    void keepsNothingThatIsGoodForACall() throws IOException {
        var panel = create("ada", Map.of("name", "panel"));
        String secret = PermatokenText.parse(panel.token()).orElseThrow().secret();

        Path file = gate.state.file(PermatokenRegister.FILE);
        assertThat(file).content().contains(panel.id()).doesNotContain(secret);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void isNotMadeAndNotDeletedWhenThatCannotBeKept() throws IOException {
        var panel = create("ada", Map.of("name", "panel"));
        Path folder = Path.of(gate.state.state());
        Path aside = folder.resolveSibling("aside");
        Files.move(folder, aside);
        Files.createFile(folder);

        assertThat(problem(() -> create("ada", Map.of("name", "more")))
                        .problem()
                        .type())
                .isEqualTo("state-unavailable");
        assertThat(problem(() -> gate.permatokens.delete(loggedIn("ada"), panel.id()))
                        .problem()
                        .status())
                .isEqualTo(503);
        assertThat(gate.tokens.access(panel.token()).name()).isEqualTo("ada");
        assertThat(gate.state.check()).isPresent();

        Files.delete(folder);
        Files.move(aside, folder);
        gate.permatokens.delete(loggedIn("ada"), panel.id());
        assertThat(gate.permatokens.list("ada")).isEmpty();
        assertThat(gate.state.check()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "[null]", "[{}]", "[{\"id\": \"a\"}]", "[{\"more\": 1}]", "[", "[] []"})
    void leavesTheLastGoodTokensInForceWhileTheirFileIsBrokenAndChangesNothing(String broken) throws IOException {
        var panel = create("ada", Map.of("name", "panel"));
        Path file = gate.state.file(PermatokenRegister.FILE);
        String good = Files.readString(file);
        Files.writeString(file, broken);
        gate.register.look();

        assertThat(gate.tokens.access(panel.token()).name()).isEqualTo("ada");
        assertThat(problem(() -> create("ada", Map.of("name", "more")))
                        .problem()
                        .status())
                .isEqualTo(503);
        assertThat(file).hasContent(broken);
        assertThat(gate.state.check())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("permatokens.json cannot be read")
                        .doesNotContain("Exception"));
        Gate restarted = gate.restarted();
        assertThat(problem(() -> restarted.tokens.access(panel.token()))
                        .problem()
                        .status())
                .isEqualTo(503);

        Files.writeString(file, good);
        restarted.register.look();
        assertThat(restarted.tokens.access(panel.token()).name()).isEqualTo("ada");
        assertThat(restarted.state.check()).isEmpty();
    }

    @Test
    void endsAllWhenTheirFileIsDeleted() throws IOException {
        var panel = create("ada", Map.of("name", "panel"));

        Files.delete(gate.state.file(PermatokenRegister.FILE));
        gate.register.look();

        refused(() -> gate.tokens.access(panel.token()), "The token is invalid.");
    }

    @Test
    void knowsWhatAnotherProcessMadeAndDeleted() {
        Gate other = gate.restarted();
        var first = create("ada", Map.of("name", "first"));

        var second = new Object() {
            Permatokens.Issued issued;
        };
        other.users
                .directory()
                .find("ada")
                .ifPresent(
                        ada -> second.issued = other.permatokens.create(ada, "second", Permatokens.Rights.ALL, null));
        gate.register.look();
        assertThat(gate.tokens.access(second.issued.token()).name()).isEqualTo("ada");

        other.permatokens.delete(first.id(), token -> true);
        gate.register.look();
        refused(() -> gate.tokens.access(first.token()), "The token is invalid.");
        assertThat(gate.tokens.access(second.issued.token()).name()).isEqualTo("ada");
    }

    @Test
    void losesNoneWhenTwoChangeThemAtOnce() throws Exception {
        Gate other = gate.restarted();
        List<Callable<Permatokens.Issued>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Gate either = i % 2 == 0 ? gate : other;
            User ada = gate.users.directory().find("ada").orElseThrow();
            calls.add(() -> either.permatokens.create(ada, "panel", Permatokens.Rights.ALL, null));
        }
        var threads = Executors.newFixedThreadPool(4);
        try {
            List<String> made = new ArrayList<>();
            for (var issued : threads.invokeAll(calls)) {
                made.add(issued.get().token());
            }

            gate.register.look();
            assertThat(made)
                    .doesNotHaveDuplicates()
                    .allSatisfy(token ->
                            assertThat(gate.tokens.access(token).name()).isEqualTo("ada"));
        } finally {
            threads.shutdownNow();
        }
    }

    private static String users(String scopes, boolean active) {
        return "[{\"user\": \"bob\", \"password\": \"%s\", \"active\": %s, %s}]".formatted(Gate.HASH, active, scopes);
    }

    private Permatokens.Issued create(String user, Map<String, ?> wanted) {
        return gate.permatokens.create(wanted, loggedIn(user));
    }

    private Caller loggedIn(String user) {
        User known = gate.users.directory().find(user).orElseThrow();
        return Caller.user(
                known,
                new Caller.Login(known.stamp(), "token", "family", gate.clock.instant(), gate.clock.instant(), false));
    }

    private static ProblemException problem(ThrowingCallable call) {
        ProblemException problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).isNotNull();
        return problem;
    }

    private static void refused(ThrowingCallable call, String reason) {
        assertThatThrownBy(call).isInstanceOf(UnauthorizedException.class).hasMessageContaining(reason);
    }
}
