// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ProofsTest {

    private static final String ELSEWHERE = "198.51.100.9";
    private static final int LONGEST = 3;

    /** The pool, whose tasks run when the test lets them. */
    private final Deque<Runnable> pool = new ArrayDeque<>();

    private final List<String> hashed = new ArrayList<>();
    private Gate gate;
    private Proofs proofs;

    @BeforeEach
    void open(@TempDir Path folder) {
        gate = new Gate(folder);
        proofs = proofs(pool::add);
    }

    private Proofs proofs(Executor hashing) {
        var passwords = new Passwords(gate.users, (password, hash) -> {
            hashed.add(password);
            return password.equals(Gate.PASSWORD) && hash.equals(Gate.HASH);
        });
        var logins = new Logins(
                passwords, gate.tokens, gate.families, gate.users, gate.properties, gate.meters, gate.clock::nanos);
        return new Proofs(logins, gate.tokens, gate.users, hashing, LONGEST, gate.clock::nanos);
    }

    @Test
    void hashesARightPasswordOnce() {
        Caller ada = let(check("ada", Gate.PASSWORD, Gate.ADDRESS));
        assertThat(ada.name()).isEqualTo("ada");
        assertThat(ada.may("voice:speak")).isTrue();

        for (int i = 0; i < 100; i++) {
            var again = check("ada", Gate.PASSWORD, ELSEWHERE);
            assertThat(again).isDone();
            assertThat(let(again).name()).isEqualTo("ada");
        }
        assertThat(hashed).containsExactly(Gate.PASSWORD);
    }

    @Test
    void hashesAgainAfterAWhile() {
        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));
        gate.clock.turn(Duration.ofMinutes(10));

        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));

        assertThat(hashed).hasSize(2);
    }

    @Test
    void remembersAPasswordAsLongAsItIsUsedButNotForEver() {
        for (int i = 0; i < 12 * 60 / 5; i++) {
            let(check("ada", Gate.PASSWORD, Gate.ADDRESS));
            gate.clock.turn(Duration.ofMinutes(5));
        }
        assertThat(hashed).hasSize(1);

        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));
        assertThat(hashed).hasSize(2);
    }

    @Test
    void letsLoginsOfANetworkWaitForEachOtherAndForNobodyElse() {
        var first = logIn("ada", Gate.PASSWORD, Gate.ADDRESS);
        var second = logIn("bob", Gate.PASSWORD, Gate.ADDRESS);
        var third = check("ada", Gate.PASSWORD, Gate.ADDRESS);
        var newcomer = logIn("bob", Gate.PASSWORD, ELSEWHERE);
        assertThat(pool).hasSize(2);

        pool.remove().run();
        pool.remove().run();
        assertThat(gate.tokens.access(first.join().accessToken()).name()).isEqualTo("ada");
        assertThat(newcomer).isDone();
        assertThat(second).isNotDone();
        assertThat(third).isNotDone();
        let(third);
        assertThat(gate.tokens.access(second.join().accessToken()).name()).isEqualTo("bob");
    }

    @Test
    void refusesALoginAsACheck() {
        var wrong = logIn("ada", "wrong", Gate.ADDRESS);
        var odd = proofs.logIn(null, Gate.ADDRESS).toCompletableFuture();
        while (!pool.isEmpty()) {
            pool.remove().run();
        }

        assertThat(wrong).isCompletedExceptionally();
        assertThat(odd).isCompletedExceptionally();
        for (int i = 0; i <= LONGEST; i++) {
            assertThat(logIn("ada", "wrong", Gate.ADDRESS)).isNotDone();
        }
        assertThat(logIn("ada", Gate.PASSWORD, Gate.ADDRESS)).isCompletedExceptionally();
    }

    @Test
    void hashesOnceForAllWhoConnectAtOnce() {
        List<CompletableFuture<Caller>> checks = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            checks.add(check("ada", Gate.PASSWORD, "192.0.2." + i));
        }

        assertThat(checks).allSatisfy(check -> assertThat(let(check).name()).isEqualTo("ada"));
        assertThat(hashed).hasSize(1);
    }

    @Test
    void remembersNoWrongPassword() {
        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));
        for (int i = 0; i < 2; i++) {
            assertThat(refused(check("ada", "wrong", Gate.ADDRESS))).isEqualTo(401);
            assertThat(refused(check("nobody", Gate.PASSWORD, Gate.ADDRESS))).isEqualTo(401);
            // bob has the same password
            assertThat(hashed).hasSize(1 + 2 * (i + 1));
        }
    }

    @Test
    void takesTheRightPasswordOfOneForNobodyElses() {
        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));

        let(check("bob", Gate.PASSWORD, Gate.ADDRESS));

        assertThat(hashed).hasSize(2);
    }

    @Test
    void forgetsAPasswordThatIsChanged() {
        CompletableFuture<Caller> before = check("ada", Gate.PASSWORD, Gate.ADDRESS);
        let(before);
        gate.write("[{\"user\": \"ada\", \"password\": \"%s\", \"active\": true}]".formatted(Gate.hash("another")));
        gate.users.reload();

        assertThat(refused(check("ada", Gate.PASSWORD, Gate.ADDRESS))).isEqualTo(401);
        assertThatThrownBy(() -> gate.tokens.present(before.join())).isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void refusesAUserWhoIsNotActiveAnyMoreOrGone() {
        let(check("ada", Gate.PASSWORD, Gate.ADDRESS));

        gate.write("[{\"user\": \"ada\", \"password\": \"%s\", \"active\": false}]".formatted(Gate.HASH));
        gate.users.reload();
        assertThat(refused(check("ada", Gate.PASSWORD, Gate.ADDRESS))).isEqualTo(401);

        gate.write("[]");
        gate.users.reload();
        assertThat(refused(check("ada", Gate.PASSWORD, Gate.ADDRESS))).isEqualTo(401);
    }

    @Test
    void letsOneOfANetworkWaitInThePool() {
        var first = check("ada", Gate.PASSWORD, Gate.ADDRESS);
        var second = check("bob", Gate.PASSWORD, Gate.ADDRESS);
        var newcomer = check("bob", Gate.PASSWORD, ELSEWHERE);
        assertThat(pool).hasSize(2);

        pool.remove().run();
        pool.remove().run();
        assertThat(first).isDone();
        assertThat(newcomer).isDone();
        assertThat(second).isNotDone();
        assertThat(pool).hasSize(1);
        assertThat(let(second).name()).isEqualTo("bob");
        assertThat(pool).isEmpty();
    }

    @Test
    void putsOffWhoHasTooManyWaitingAndNobodyElse() {
        for (int i = 0; i <= LONGEST; i++) {
            assertThat(check("ada", "wrong", Gate.ADDRESS)).isNotDone();
        }

        assertThat(refused(check("bob", Gate.PASSWORD, Gate.ADDRESS))).isEqualTo(503);
        assertThat(let(check("bob", Gate.PASSWORD, ELSEWHERE)).name()).isEqualTo("bob");
    }

    @Test
    void putsOffWhoFindsThePoolFull() {
        var full = proofs(task -> {
            throw HashingPool.busy();
        });

        for (int i = 0; i < 3; i++) {
            assertThat(refused(full.check("ada", Gate.PASSWORD, Gate.ADDRESS).toCompletableFuture()))
                    .isEqualTo(503);
        }
    }

    @Test
    void limitsGuesses() {
        for (int i = 0; i < 10; i++) {
            assertThat(refused(check("ada", "wrong" + i, Gate.ADDRESS))).isEqualTo(401);
        }

        assertThat(refused(check("ada", "wrong", Gate.ADDRESS))).isEqualTo(429);
        assertThat(hashed).hasSize(10);
    }

    @Test
    void refusesWhatCannotBeAPasswordWithoutAThread() {
        assertThat(check("ada", "", Gate.ADDRESS)).isCompletedExceptionally();
        assertThat(check("ada", "\ud800", Gate.ADDRESS)).isCompletedExceptionally();
        assertThat(pool).isEmpty();
    }

    @Test
    void takesALongLivedTokenOfTheUserWithoutAThread() {
        User ada = gate.users.directory().find("ada").orElseThrow();
        var panel = gate.permatokens.create(ada, "panel", Permatokens.Rights.ALL, null);

        var check = check("ada", panel.token(), Gate.ADDRESS);

        assertThat(check).isDone();
        assertThat(check.join().may("voice:speak")).isTrue();
        assertThat(gate.tokens.present(check.join()).may("voice:speak")).isTrue();
        assertThat(refused(check("bob", panel.token(), Gate.ADDRESS))).isEqualTo(401);
        gate.permatokens.delete(panel.id(), token -> true);
        assertThatThrownBy(() -> gate.tokens.present(check.join())).isInstanceOf(UnauthorizedException.class);
        assertThat(refused(check("ada", panel.token(), Gate.ADDRESS))).isEqualTo(401);
        assertThat(pool).isEmpty();
    }

    private CompletableFuture<TokenPair> logIn(String user, String password, String address) {
        return proofs.logIn(Map.of("user", user, "password", password), address).toCompletableFuture();
    }

    private CompletableFuture<Caller> check(String user, String password, String address) {
        return proofs.check(user, password, address).toCompletableFuture();
    }

    /** Lets all that waits be done. */
    private Caller let(CompletableFuture<Caller> check) {
        while (!pool.isEmpty()) {
            pool.remove().run();
        }
        return check.join();
    }

    private int refused(CompletableFuture<Caller> check) {
        var failed = catchThrowableOfType(CompletionException.class, () -> let(check));
        assertThat(failed).hasCauseInstanceOf(ProblemException.class);
        return ((ProblemException) failed.getCause()).problem().status();
    }
}
