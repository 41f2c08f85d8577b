// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.ovosgateway.LogText;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The life of a login: its start with a password, its tokens, its end. Called from the routes, on the {@code hashing}
 * pool, since all of this takes time.
 *
 * <p>The parameters are bound by annotation: in a method call with {@code ${body[password]}} Camel would strip the quotes
 * of a password that has them, and take the password {@code null} for none.
 */
@Component
public class Logins {

    /** The property of an exchange that holds the address, without port, of the one who calls. */
    public static final String CLIENT_ADDRESS = "clientAddress";

    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);
    private static final Pattern IP =
            Pattern.compile("(?:\\d{1,3}\\.){3}\\d{1,3}|(?=[^:]*:)[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?");
    private static final int IPV6_NETWORK_BYTES = 8;

    private final Passwords passwords;
    private final Tokens tokens;
    private final Families families;
    private final Users users;
    private final AttemptLimit perUser;
    private final AttemptLimit perAddress;
    private final Counter accepted;
    private final Counter refused;
    private final Counter limited;

    @Autowired
    Logins(
            Passwords passwords,
            Tokens tokens,
            Families families,
            Users users,
            AuthProperties properties,
            MeterRegistry meters) {
        this(passwords, tokens, families, users, properties, meters, Ticker.systemTicker());
    }

    Logins(
            Passwords passwords,
            Tokens tokens,
            Families families,
            Users users,
            AuthProperties properties,
            MeterRegistry meters,
            Ticker ticker) {
        this.passwords = passwords;
        this.tokens = tokens;
        this.families = families;
        this.users = users;
        var attempts = properties.attempts();
        this.perUser = new AttemptLimit(attempts.perUser(), attempts.window(), ticker);
        this.perAddress = new AttemptLimit(attempts.perAddress(), attempts.window(), ticker);
        this.accepted = counter(meters, "accepted");
        this.refused = counter(meters, "refused");
        this.limited = counter(meters, "limited");
    }

    /**
     * Logs a user in.
     *
     * @param credentials {@code user} and {@code password}, both strings
     * @throws ProblemException 401 for a wrong user or password, 422 for what cannot be either, 429 after too many,
     *     503 while the users are not known
     */
    public TokenPair logIn(@Body Map<String, ?> credentials, @ExchangeProperty(CLIENT_ADDRESS) String address) {
        Object user = credentials == null ? null : credentials.get("user");
        Object password = credentials == null ? null : credentials.get("password");
        validate(user, password);
        return logIn((String) user, (String) password, address);
    }

    TokenPair logIn(String name, String password, String address) {
        User user = admit(name, password, address);
        String family = tokens.newId();
        return pair(user, family, tokens.newId());
    }

    /**
     * Checks a password where no tokens are wanted; counted and limited as a login is, and takes as long.
     *
     * @param address of the one who calls, without port
     * @return the user; {@link Tokens#present} says whether that holds later
     * @throws ProblemException 401 for a wrong user or password, 422 for what cannot be either, 429 after too many,
     *     503 while the users are not known
     */
    Caller check(String name, String password, String address) {
        User user = admit(name, password, address);
        return Caller.user(user, new Caller.Login(user.stamp()));
    }

    private User admit(String name, String password, String address) {
        validate(name, password);
        // not an attempt that failed, if there is nobody to compare with
        users.directory();
        String network = network(address);
        reserve(name, network);
        User user = passwords.verify(name, password).orElseThrow(() -> {
            refused.increment();
            LOG.info("Login refused from {}", network);
            return new ProblemException(
                    new Problem("invalid-credentials", "Login refused", 401, "The user or the password is wrong.")
                            .header("WWW-Authenticate", "Bearer"));
        });
        perUser.release(name);
        perAddress.release(network);
        accepted.increment();
        LOG.info("{} logged in from {}", LogText.of(user.name()), network);
        return user;
    }

    /**
     * A new access token for the login of this refresh token.
     *
     * @throws UnauthorizedException if the refresh token was replaced before; then the login has ended
     */
    public AccessToken refresh(@ExchangeProperty(Caller.PROPERTY) Caller refresh) {
        User user = refreshing(refresh);
        if (!families.confirm(refresh.login().family(), refresh.login().tokenId())) {
            throw reused(refresh);
        }
        return new AccessToken(
                tokens.issue(Tokens.Use.ACCESS, user, refresh.login().family(), tokens.newId()),
                tokens.lifetime(Tokens.Use.ACCESS));
    }

    /**
     * New tokens for the login of this refresh token, which is dead from then on.
     *
     * @throws UnauthorizedException if the refresh token was replaced before; then the login has ended
     */
    public TokenPair rotate(@ExchangeProperty(Caller.PROPERTY) Caller refresh) {
        User user = refreshing(refresh);
        String next = tokens.newId();
        if (!families.advance(refresh.login().family(), refresh.login().tokenId(), next)) {
            throw reused(refresh);
        }
        return pair(user, refresh.login().family(), next);
    }

    /** Ends the login of this token: all its tokens are dead. */
    public void logOut(@ExchangeProperty(Caller.PROPERTY) Caller caller) {
        families.end(login(caller).family());
    }

    private TokenPair pair(User user, String family, String refreshId) {
        return new TokenPair(
                tokens.issue(Tokens.Use.ACCESS, user, family, tokens.newId()),
                tokens.issue(Tokens.Use.REFRESH, user, family, refreshId));
    }

    // a route that lets an access token pass must not turn it into a refresh token
    private User refreshing(Caller caller) {
        if (!login(caller).refresh()) {
            throw UnauthorizedException.wrongUse(Tokens.Use.REFRESH.claim());
        }
        return users.directory()
                .find(caller.name())
                .filter(User::active)
                .orElseThrow(UnauthorizedException::userNotActive);
    }

    private static Caller.Login login(Caller caller) {
        if (caller == null || caller.login() == null || caller.login().family() == null) {
            throw UnauthorizedException.missingToken();
        }
        return caller.login();
    }

    private static UnauthorizedException reused(Caller refresh) {
        LOG.warn(
                "A refresh token of {} was used after it was replaced: that login has ended",
                LogText.of(refresh.name()));
        return UnauthorizedException.loggedOut();
    }

    private void reserve(String name, String network) {
        Duration wait = perAddress.reserve(network);
        if (wait.isZero()) {
            wait = perUser.reserve(name);
            if (wait.isZero()) {
                return;
            }
            // nothing is tried, so nothing can fail
            perAddress.release(network);
        }
        limited.increment();
        long seconds = wait.plusSeconds(1).minusNanos(1).toSeconds();
        throw new ProblemException(new Problem(
                        "too-many-attempts",
                        "Too many attempts",
                        429,
                        "Too many logins have failed, for this user or from this address. Try again in " + seconds
                                + " s.")
                .header("Retry-After", Long.toString(seconds)));
    }

    static void validate(Object user, Object password) {
        List<FieldError> errors = new ArrayList<>();
        if (!(user instanceof String name) || !UsersFile.isName(name)) {
            errors.add(new FieldError("user", "must be a string of 1 to 256 printable characters"));
        }
        (password instanceof String text ? Passwords.flaw(text) : Optional.of("must be a string"))
                .ifPresent(reason -> errors.add(new FieldError("password", reason)));
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.validation(errors));
        }
    }

    /** Whose attempts count together: one subscriber has 2<sup>64</sup> IPv6 addresses. */
    static String network(String address) {
        if (address == null || !IP.matcher(address).matches()) {
            return "unknown";
        }
        try {
            // a literal: nothing is looked up
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == Integer.BYTES
                    ? InetAddress.getByAddress(bytes).getHostAddress()
                    : InetAddress.getByAddress(Arrays.copyOf(Arrays.copyOf(bytes, IPV6_NETWORK_BYTES), bytes.length))
                                    .getHostAddress()
                            + "/64";
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("ovos.logins")
                .description("Attempts to log in")
                .tag("outcome", outcome)
                .register(meters);
    }
}
