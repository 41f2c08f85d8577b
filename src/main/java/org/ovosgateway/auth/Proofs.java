// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Checks a user and a password that come with each connection or call, as clients of the broker and HTTP Basic send them; a
 * long-lived token does for a password. Logs in who wants tokens.
 *
 * <p>A password takes a core for a few hundred milliseconds, and a broken client connects again and again. So a right
 * password is remembered while it is used, as a hash under a key that is nowhere else, and is forgotten when the user gets
 * another one, or after half a day. And of each network one password is checked at a time: its others wait behind that one, and a newcomer waits
 * behind no more than one of each network.
 */
@Component
public class Proofs {

    private static final Duration REMEMBERED_UNUSED = Duration.ofMinutes(10);
    private static final Duration REMEMBERED = Duration.ofHours(12);
    private static final int MOST_REMEMBERED = 1_000;
    private static final String MAC = "HmacSHA256";

    private final Logins logins;
    private final Tokens tokens;
    private final Users users;
    private final Executor hashing;
    private final int longest;
    private final SecretKeySpec key = key();
    private final Cache<ByteBuffer, Caller> proven;

    /** Of each network of which a password is being checked, the checks that wait for that. */
    private final Map<String, Deque<Check<?>>> lines = new HashMap<>();

    /** A check, and who waits for its result. */
    private record Check<T>(Supplier<T> check, CompletableFuture<T> result) {

        void run() {
            try {
                result.complete(check.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        }
    }

    @Autowired
    Proofs(
            Logins logins,
            Tokens tokens,
            Users users,
            @Qualifier("hashing") Executor hashing,
            AuthProperties properties) {
        this(logins, tokens, users, hashing, properties.hashing().queue(), Ticker.systemTicker());
    }

    /** @param longest how many checks of one network may wait */
    Proofs(Logins logins, Tokens tokens, Users users, Executor hashing, int longest, Ticker ticker) {
        this.logins = logins;
        this.tokens = tokens;
        this.users = users;
        this.hashing = hashing;
        this.longest = longest;
        this.proven = Caffeine.newBuilder()
                .maximumSize(MOST_REMEMBERED)
                .expireAfterAccess(REMEMBERED_UNUSED)
                .expireAfterWrite(REMEMBERED)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Whose password this is. Never blocks.
     *
     * @param password or a long-lived token of this user
     * @param address of the one who calls, without port
     * @return the user; {@link Tokens#present} says whether that holds later. Fails with a {@link ProblemException}: 401 for
     *     a wrong user or password, 422 for what can not be either, 429 after too many, 503 for later
     */
    public CompletionStage<Caller> check(String name, String password, String address) {
        try {
            if (PermatokenText.isLike(password)) {
                return CompletableFuture.completedFuture(token(name, password));
            }
            Logins.validate(name, password);
            ByteBuffer digest = digest(name, password);
            Caller known = proven.getIfPresent(digest);
            return known == null
                    ? inTurn(address, () -> checked(name, password, address))
                    : CompletableFuture.completedFuture(tokens.present(known));
        } catch (ProblemException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Logs a user in, after all of the same network who came before. Never blocks.
     *
     * @param credentials {@code user} and {@code password}, both strings
     * @return fails with a {@link ProblemException}, as {@link Logins#logIn} does, or 503 for later
     */
    public CompletionStage<TokenPair> logIn(
            @Body Map<String, ?> credentials, @ExchangeProperty(Logins.CLIENT_ADDRESS) String address) {
        return inTurn(address, () -> logins.logIn(credentials, address));
    }

    private Caller token(String name, String token) {
        Caller caller = tokens.access(token);
        if (!caller.name().equals(name)) {
            throw UnauthorizedException.invalidToken();
        }
        return caller;
    }

    private <T> CompletionStage<T> inTurn(String address, Supplier<T> work) {
        var check = new Check<>(work, new CompletableFuture<T>());
        String network = Logins.network(address);
        synchronized (lines) {
            Deque<Check<?>> line = lines.get(network);
            if (line != null) {
                if (line.size() >= longest) {
                    return CompletableFuture.failedFuture(HashingPool.busy());
                }
                line.add(check);
                return check.result();
            }
            lines.put(network, new ArrayDeque<>());
        }
        run(check, network);
        return check.result();
    }

    private Caller checked(String name, String password, String address) {
        // another client of the same user may have been checked meanwhile
        Caller known = proven.getIfPresent(digest(name, password));
        if (known != null) {
            return tokens.present(known);
        }
        Caller caller = logins.check(name, password, address);
        // the stamp that was checked: the user may have another one by now
        proven.put(digest(name, caller.login().stamp(), password), caller);
        return caller;
    }

    private void run(Check<?> check, String network) {
        try {
            hashing.execute(() -> {
                check.run();
                next(network);
            });
        } catch (RuntimeException full) {
            check.result().completeExceptionally(full);
            next(network);
        }
    }

    private void next(String network) {
        Check<?> next;
        synchronized (lines) {
            next = lines.get(network).poll();
            if (next == null) {
                lines.remove(network);
                return;
            }
        }
        run(next, network);
    }

    private ByteBuffer digest(String name, String password) {
        // whoever is not active was never remembered
        String stamp = users.directory()
                .find(name)
                .filter(User::active)
                .map(User::stamp)
                .orElse("");
        return digest(name, stamp, password);
    }

    /** Of everything that a proof is good for; a name has no NUL. */
    private ByteBuffer digest(String name, String stamp, String password) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return ByteBuffer.wrap(
                    mac.doFinal((name + '\0' + stamp + '\0' + password).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + MAC, e);
        }
    }

    private static SecretKeySpec key() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return new SecretKeySpec(random, MAC);
    }
}
