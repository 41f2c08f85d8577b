// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.impl.DefaultCamelContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class LoginsTest {

    private Path folder;
    private Gate gate;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
        this.gate = new Gate(folder);
    }

    @Test
    void answersWithTheMembersOfTheOriginal() throws IOException {
        TokenPair pair = gate.logIn("ada");

        assertThat(new ObjectMapper().writeValueAsString(pair))
                .isEqualTo("{\"access_token\":\"" + pair.accessToken() + "\",\"refresh_token\":\"" + pair.refreshToken()
                        + "\"}");
        assertThat(pair.toString()).doesNotContain(pair.accessToken(), pair.refreshToken());
        assertThat(logins("accepted")).isEqualTo(1);
    }

    @Test
    void tellsUnknownUserInactiveUserAndWrongPasswordAlike() {
        Problem unknown = problem(() -> gate.logins.logIn("mallory", Gate.PASSWORD, Gate.ADDRESS));
        Problem inactive = problem(() -> gate.logins.logIn("eve", Gate.PASSWORD, Gate.ADDRESS));
        Problem wrong = problem(() -> gate.logins.logIn("ada", "wrong", Gate.ADDRESS));

        assertThat(unknown).isEqualTo(inactive).isEqualTo(wrong);
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.type()).isEqualTo("invalid-credentials");
        assertThat(wrong.headers()).containsEntry("WWW-Authenticate", "Bearer");
        assertThat(logins("refused")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada", "mallory", "eve"})
    void refusesAPasswordThatBcryptWouldCutWhoeverTheUserIs(String user) {
        Problem problem = problem(() -> gate.logins.logIn(user, "é".repeat(36) + "x", Gate.ADDRESS));

        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.type()).isEqualTo("validation");
        assertThat(problem.members().get("errors"))
                .isEqualTo(List.of(new FieldError("password", "must not be longer than 72 bytes in UTF-8")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "\ud800", "\udc00\ud800"})
    void refusesAPasswordThatIsNone(String password) {
        assertThat(problem(() -> gate.logins.logIn("ada", password, Gate.ADDRESS))
                        .status())
                .isEqualTo(422);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb", "a\0", "\ud800"})
    void refusesAUserNameThatIsNone(String user) {
        Problem problem = problem(() -> gate.logins.logIn(user, Gate.PASSWORD, Gate.ADDRESS));

        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.members().get("errors")).asString().contains("field=user");
    }

    @Test
    void refusesCredentialsOfAnotherType() {
        Map<String, Object> numbers = new HashMap<>(Map.of("user", 1, "password", List.of()));

        assertThat(problem(() -> gate.logins.logIn(numbers, Gate.ADDRESS))
                        .members()
                        .get("errors"))
                .asString()
                .contains("user", "password");
        assertThat(problem(() -> gate.logins.logIn((Map<String, ?>) null, Gate.ADDRESS))
                        .status())
                .isEqualTo(422);
    }

    @Test
    void acceptsAPasswordOfExactly72Bytes() {
        String longest = "é".repeat(36);
        gate.write("[{\"user\":\"ada\",\"password\":\"" + Gate.hash(longest) + "\",\"active\":true}]");
        gate.users.reload();

        assertThatCode(() -> gate.logins.logIn("ada", longest, Gate.ADDRESS)).doesNotThrowAnyException();
    }

    @Test
    void givesAnAccessTokenForARefreshToken() {
        Caller refresh = gate.tokens.refresh(gate.logIn("ada").refreshToken());

        AccessToken access = gate.logins.refresh(refresh);

        assertThat(gate.tokens.access(access.accessToken()).login().family())
                .isEqualTo(refresh.login().family());
        assertThatCode(() -> gate.logins.refresh(refresh)).doesNotThrowAnyException();
    }

    @Test
    void rotatesARefreshTokenAgainAndAgain() {
        TokenPair pair = gate.logIn("ada");
        for (int i = 0; i < 5; i++) {
            pair = gate.logins.rotate(gate.tokens.refresh(pair.refreshToken()));
        }

        assertThat(gate.tokens.access(pair.accessToken()).name()).isEqualTo("ada");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void endsTheLoginWhenADeadRefreshTokenIsUsedAgain(boolean rotating) {
        TokenPair first = gate.logIn("ada");
        Caller dead = gate.tokens.refresh(first.refreshToken());
        TokenPair second = gate.logins.rotate(dead);

        Problem reuse = problem(() -> {
            if (rotating) {
                gate.logins.rotate(dead);
            } else {
                gate.logins.refresh(dead);
            }
        });

        assertThat(reuse.status()).isEqualTo(401);
        assertRefused(gate, first);
        assertRefused(gate, second);
    }

    @Test
    void makesNoRefreshTokenOfAnAccessToken() {
        Caller access = gate.tokens.access(gate.logIn("ada").accessToken());

        assertThat(problem(() -> gate.logins.rotate(access)).detail()).startsWith("The token is of the other kind");
        assertThat(problem(() -> gate.logins.refresh(access)).detail()).startsWith("The token is of the other kind");
    }

    @Test
    void doesNothingForNobody() {
        assertThat(problem(() -> gate.logins.rotate(null)).status()).isEqualTo(401);
        assertThat(problem(() -> gate.logins.refresh(null)).status()).isEqualTo(401);
        assertThat(problem(() -> gate.logins.logOut(null)).status()).isEqualTo(401);
    }

    @Test
    void leavesOtherLoginsOfTheUserAlone() {
        TokenPair kitchen = gate.logIn("ada");
        TokenPair phone = gate.logIn("ada");

        gate.logins.logOut(gate.tokens.refresh(kitchen.refreshToken()));

        assertRefused(gate, kitchen);
        assertThat(gate.tokens.access(phone.accessToken()).name()).isEqualTo("ada");
    }

    @Test
    void letsOneOfManySimultaneousRotationsWin() throws Exception {
        TokenPair pair = gate.logIn("ada");
        Caller refresh = gate.tokens.refresh(pair.refreshToken());

        List<Boolean> won = atOnce(8, () -> {
            try {
                gate.logins.rotate(refresh);
                return true;
            } catch (UnauthorizedException e) {
                return false;
            }
        });

        assertThat(won).containsOnlyOnce(true);
        assertRefused(gate, pair);
    }

    @Test
    void remembersALogOutOverARestart() {
        TokenPair pair = gate.logIn("ada");
        TokenPair other = gate.logIn("ada");
        gate.logins.logOut(gate.tokens.refresh(pair.refreshToken()));

        Gate restarted = gate.restarted();

        assertRefused(restarted, pair);
        assertThat(restarted.tokens.access(other.accessToken()).name()).isEqualTo("ada");
    }

    @Test
    void remembersARotationOverARestart() {
        TokenPair first = gate.logIn("ada");
        TokenPair second = gate.logins.rotate(gate.tokens.refresh(first.refreshToken()));

        Gate restarted = gate.restarted();

        TokenPair third = restarted.logins.rotate(restarted.tokens.refresh(second.refreshToken()));
        assertThat(problem(() -> restarted.logins.rotate(restarted.tokens.refresh(first.refreshToken())))
                        .status())
                .isEqualTo(401);
        assertRefused(restarted.restarted(), third);
    }

    @Test
    void refusesOldTokensWhenTheirLifetimeIsMadeShorter() {
        TokenPair pair = gate.logIn("ada");
        var shorter = new AuthProperties(
                Gate.SECRET,
                "",
                gate.properties.users(),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                gate.properties.hashing(),
                gate.properties.attempts());

        assertRefused(gate.restarted(shorter), pair);
    }

    @Test
    void keepsItsRecordsForTheOwnerOnly() throws IOException {
        gate.logins.logOut(gate.tokens.refresh(gate.logIn("ada").refreshToken()));

        assertThat(rights(gate.state.file("logins.jsonl"))).isEqualTo("rw-------");
        assertThat(rights(Path.of(gate.state.state()))).isEqualTo("rwx------");
    }

    @Test
    void saysThatTheUsersAreNotKnownInsteadOfAWrongPasswordAndCountsNoAttempt() throws IOException {
        TokenPair pair = gate.logIn("ada");
        Path aside = gate.file.resolveSibling("aside");
        Files.move(gate.file, aside);
        Files.createDirectory(gate.file);
        Gate blind = gate.restarted();

        for (int i = 0; i < 20; i++) {
            assertThat(problem(() -> blind.logIn("ada")).status()).isEqualTo(503);
        }
        assertThat(problem(() -> blind.tokens.access(pair.accessToken())).status())
                .isEqualTo(503);

        Files.delete(gate.file);
        Files.move(aside, gate.file);
        blind.users.reload();
        assertThat(blind.tokens.access(pair.accessToken()).name()).isEqualTo("ada");
        blind.logIn("ada");
    }

    @Test
    void answers503WhenALogoutCannotBeKeptAndEndsTheLoginAtTheNextTry() throws IOException {
        TokenPair pair = gate.logIn("ada");
        Files.writeString(Path.of(gate.state.state()), "a file where the directory should be");

        Problem problem = problem(() -> gate.logins.logOut(gate.tokens.refresh(pair.refreshToken())));

        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.detail()).doesNotContain(folder.toString());
        Files.delete(Path.of(gate.state.state()));
        gate.logins.logOut(gate.tokens.refresh(pair.refreshToken()));
        assertRefused(gate, pair);
    }

    @Test
    void limitsFailuresPerUserFromAnywhere() {
        for (int i = 0; i < 10; i++) {
            int attempt = i;
            assertThat(problem(() -> gate.logins.logIn("ada", "wrong", "192.0.2." + attempt))
                            .status())
                    .isEqualTo(401);
        }

        Problem limited = problem(() -> gate.logins.logIn("ada", Gate.PASSWORD, "192.0.2.99"));

        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.type()).isEqualTo("too-many-attempts");
        assertThat(limited.headers()).containsEntry("Retry-After", "300");
        assertThat(logins("limited")).isEqualTo(1);
        gate.clock.turn(Duration.ofMinutes(5));
        assertThatCode(() -> gate.logIn("ada")).doesNotThrowAnyException();
    }

    @Test
    void limitsUnknownUsersAsItDoesKnownOnes() {
        for (int i = 0; i < 10; i++) {
            assertThat(problem(() -> gate.logins.logIn("mallory", "wrong", Gate.ADDRESS))
                            .status())
                    .isEqualTo(401);
        }

        assertThat(problem(() -> gate.logins.logIn("mallory", "wrong", Gate.ADDRESS))
                        .status())
                .isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7, 192.0.2.8",
        "2001:db8::1, 2001:db8::ffff, 2001:db8:0:1::1",
        "fe80::1%eth0, fe80::2%eth0, fe80:0:0:1::1",
        "::ffff:192.0.2.7, 192.0.2.7, 192.0.2.8",
        "999.0.2.7, no address, 192.0.2.8"
    })
    void limitsFailuresPerAddressOrIpv6Network(String attacker, String same, String other) {
        for (int i = 0; i < 30; i++) {
            String user = "user" + i;
            assertThat(problem(() -> gate.logins.logIn(user, "wrong", attacker)).status())
                    .isEqualTo(401);
        }

        assertThat(problem(() -> gate.logins.logIn("ada", Gate.PASSWORD, same)).status())
                .isEqualTo(429);
        assertThatCode(() -> gate.logins.logIn("ada", Gate.PASSWORD, other)).doesNotThrowAnyException();
    }

    @Test
    void doesNotLetASuccessWipeTheFailuresOfAnAddress() {
        for (int i = 0; i < 30; i++) {
            String user = "user" + i;
            problem(() -> gate.logins.logIn(user, "wrong", Gate.ADDRESS));
            if (i < 29) {
                gate.logIn("ada");
            }
        }

        assertThat(problem(() -> gate.logIn("ada")).status()).isEqualTo(429);
    }

    @Test
    void doesNotCountSuccesses() {
        for (int i = 0; i < 50; i++) {
            gate.logIn("ada");
        }

        assertThat(logins("accepted")).isEqualTo(50);
        assertThat(logins("limited")).isZero();
    }

    @Test
    void givesParallelGuessesNoMoreThanTheLimit() throws Exception {
        List<Integer> answers = atOnce(
                40,
                () -> problem(() -> gate.logins.logIn("ada", "wrong", Gate.ADDRESS))
                        .status());

        assertThat(answers.stream().filter(status -> status == 401)).hasSize(10);
        assertThat(answers.stream().filter(status -> status == 429)).hasSize(30);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"quoted\"", "null", "'a'", "${sys.user.name}", "a,b)", "true"})
    void getsThePasswordFromARouteAsItIs(String password) throws Exception {
        gate.write("[{\"user\":\"ada\",\"password\":\"" + Gate.hash(password) + "\",\"active\":true}]");
        gate.users.reload();
        try (var camel = new DefaultCamelContext()) {
            camel.getRegistry().bind("logins", gate.logins);
            camel.start();

            var pair = camel.createFluentProducerTemplate()
                    .to("bean:logins?method=logIn")
                    .withBody(Map.of("user", "ada", "password", password))
                    .withExchangeProperty(Logins.CLIENT_ADDRESS, Gate.ADDRESS)
                    .request(TokenPair.class);
            var rotated = camel.createFluentProducerTemplate()
                    .to("bean:logins?method=rotate")
                    .withExchangeProperty(Caller.PROPERTY, gate.tokens.refresh(pair.refreshToken()))
                    .request(TokenPair.class);

            assertThat(gate.tokens.access(rotated.accessToken()).name()).isEqualTo("ada");
        }
    }

    private static void assertRefused(Gate gate, TokenPair pair) {
        assertThat(problem(() -> gate.tokens.access(pair.accessToken())).status())
                .isEqualTo(401);
        assertThat(problem(() -> gate.tokens.refresh(pair.refreshToken())).status())
                .isEqualTo(401);
    }

    private double logins(String outcome) {
        return gate.meters.counter("ovos.logins", "outcome", outcome).count();
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Problem problem(ThrowingCallable call) {
        var exception = catchThrowableOfType(ProblemException.class, call);
        assertThat(exception).isNotNull();
        return exception.problem();
    }

    private static <T> List<T> atOnce(int number, Callable<T> call) throws Exception {
        var pool = Executors.newFixedThreadPool(number);
        try {
            var barrier = new CyclicBarrier(number);
            List<Future<T>> calls = IntStream.range(0, number)
                    .mapToObj(i -> pool.submit(() -> {
                        barrier.await();
                        return call.call();
                    }))
                    .toList();
            var results = new ArrayList<T>();
            for (var result : calls) {
                results.add(result.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
