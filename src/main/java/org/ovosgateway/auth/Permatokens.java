// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.ovosgateway.LogText;
import org.ovosgateway.Scopes;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Long-lived tokens, for panels, scripts and buttons that cannot log in: made by a user, listed, deleted. Called from the
 * routes, on the {@code hashing} pool, since the disk takes time.
 *
 * <p>A token is its owner's, with all or some of the owner's rights as they are at each use. It ends when it is deleted or
 * expires, when its owner is removed, and with the owner's password: whoever knew the old one may have made it. It cannot
 * make or delete another one, or it could outlive its own end.
 */
@Component
public class Permatokens {

    static final int PER_USER = 50;
    static final int IN_ALL = 1_000;
    static final int SCOPES = 100;

    /** RFC 3339 has no later one. */
    private static final int LAST_YEAR = 9999;

    private static final Logger LOG = LoggerFactory.getLogger(Permatokens.class);
    private static final Pattern NAME = Pattern.compile("(?=.*\\S)[^\\p{Cntrl}\\p{Cs}]{1,64}");

    private final SecureRandom random = new SecureRandom();
    private final PermatokenRegister register;
    private final Users users;
    private final Scopes scopes;
    private final Clock clock;

    @Autowired
    Permatokens(PermatokenRegister register, Users users, Scopes scopes) {
        this(register, users, scopes, Clock.systemUTC());
    }

    Permatokens(PermatokenRegister register, Users users, Scopes scopes, Clock clock) {
        this.register = register;
        this.users = users;
        this.scopes = scopes;
        this.clock = clock;
    }

    /** A token that was made, with the text that nobody is told again. */
    public record Issued(String id, String name, String token) {

        /** Without the token. */
        @Override
        public String toString() {
            return "Issued[id=" + id + ", name=" + name + "]";
        }
    }

    /** The tokens of a user. */
    public record Listed(List<Shown> permatokens) {}

    /**
     * What is shown of a token; times as in RFC 3339.
     *
     * @param scopes null: all that its owner has
     * @param expires null: never
     * @param lastUsed null: never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Shown(
            String id,
            String name,
            Set<String> scopes,
            String created,
            String expires,
            @JsonProperty("last_used") String lastUsed) {}

    /**
     * Makes a token for the one who calls.
     *
     * @param wanted {@code name}, and if wanted {@code scopes}, a list, and {@code expires}, as in RFC 3339
     * @throws ProblemException 403 if the call was made with a long-lived token, 409 if there are too many, 422 for what it
     *     cannot have, 503 if it cannot be kept
     */
    public Issued create(@Body Map<String, ?> wanted, @ExchangeProperty(Caller.PROPERTY) Caller caller) {
        User owner = loggedIn(caller);
        List<FieldError> errors = new ArrayList<>();
        String name = wanted.get("name") instanceof String text ? text : "";
        Set<String> some = strings(wanted.get("scopes"), "scopes", errors);
        Instant expires = instant(wanted.get("expires"), errors);
        if (errors.isEmpty()) {
            errors.addAll(flaws(owner, name, some, expires));
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.validation(errors));
        }
        return create(owner, name, some, expires);
    }

    /** What is wrong with such a token of this user. May block. */
    List<FieldError> flaws(User owner, String name, Set<String> some, Instant expires) {
        List<FieldError> errors = new ArrayList<>();
        if (!NAME.matcher(name).matches()) {
            errors.add(new FieldError("name", "must be 1 to 64 printable characters"));
        }
        if (some != null) {
            if (some.size() > SCOPES) {
                errors.add(new FieldError("scopes", "must be " + SCOPES + " at most"));
            }
            Caller rights = Caller.user(owner, null);
            String malformed = missing(some, UsersFile::isScope);
            String unknown = malformed.isEmpty() ? scopes.unknown(some) : "";
            String foreign = malformed.isEmpty() && unknown.isEmpty()
                    ? missing(some, scope -> scope.equals("*") || rights.may(scope))
                    : "";
            if (!malformed.isEmpty()) {
                errors.add(new FieldError("scopes", "must look like system:read, other than " + malformed));
            } else if (!unknown.isEmpty()) {
                errors.add(new FieldError("scopes", "must be asked for by something, which is not so for " + unknown));
            } else if (!foreign.isEmpty()) {
                errors.add(new FieldError("scopes", "must be among those of the user, which has not " + foreign));
            }
        }
        if (expires != null && !expires.isAfter(clock.instant())) {
            errors.add(new FieldError("expires", "must be in the future"));
        }
        return errors;
    }

    /** Makes a token without {@link #flaws}. */
    Issued create(User owner, String name, Set<String> some, Instant expires) {
        var text = PermatokenText.random(random);
        long now = clock.instant().getEpochSecond();
        var token = new Permatoken(
                text.id(),
                owner.name(),
                name,
                some == null || some.containsAll(Caller.ALL) ? null : some,
                now,
                expires == null ? null : expires.getEpochSecond(),
                owner.stamp(),
                HexFormat.of().formatHex(text.hash()));
        var directory = users.directory();
        register.change(known -> {
            List<Permatoken> alive =
                    known.stream().filter(old -> !old.isDead(directory, now)).toList();
            long own = alive.stream()
                    .filter(old -> old.user().equals(owner.name()))
                    .count();
            if (own >= PER_USER || alive.size() >= IN_ALL) {
                throw new ProblemException(new Problem(
                        "too-many-permatokens",
                        "Too many long-lived tokens",
                        409,
                        own >= PER_USER
                                ? "This user has %d long-lived tokens, which is the most; delete one that nobody uses"
                                        .formatted(own)
                                : "All users together have %d long-lived tokens, which is the most"
                                        .formatted(alive.size())));
            }
            return Stream.concat(alive.stream(), Stream.of(token)).toList();
        });
        LOG.info("{} made the long-lived token {}", LogText.of(owner.name()), token.id());
        return new Issued(token.id(), name, text.text());
    }

    /** The tokens of the one who calls; those that can never be used again are not among them. */
    public Listed list(@ExchangeProperty(Caller.PROPERTY) Caller caller) {
        loggedIn(caller);
        return new Listed(list(caller.name()));
    }

    List<Shown> list(String user) {
        var directory = users.directory();
        long now = clock.instant().getEpochSecond();
        return register.of(user).stream()
                .filter(token -> !token.isDead(directory, now))
                .map(this::shown)
                .toList();
    }

    private Shown shown(Permatoken token) {
        long used = register.used(token);
        return new Shown(
                token.id(),
                token.name(),
                token.scopes() == null ? null : new TreeSet<>(token.scopes()),
                time(token.created()),
                token.expires() == null ? null : time(token.expires()),
                used == 0 ? null : time(used));
    }

    /**
     * Ends a token of the one who calls.
     *
     * @throws ProblemException 404 if there is none, or it is somebody else's; 503 if its end cannot be kept
     */
    public void delete(@ExchangeProperty(Caller.PROPERTY) Caller caller, @Header("permatoken_id") String id) {
        loggedIn(caller);
        if (!delete(id, token -> token.user().equals(caller.name()))) {
            throw new ProblemException(new Problem(
                    "unknown-permatoken",
                    "There is no such long-lived token",
                    404,
                    "This user has no long-lived token with that id; GET /v1/auth/permatokens lists them"));
        }
    }

    /** Ends the token of this id; false if there is none of those. */
    boolean delete(String id, Predicate<Permatoken> among) {
        Predicate<Permatoken> meant = token -> token.id().equals(id) && among.test(token);
        boolean[] known = {false};
        register.change(tokens -> {
            known[0] = tokens.stream().anyMatch(meant);
            return known[0] ? tokens.stream().filter(meant.negate()).toList() : tokens;
        });
        if (known[0]) {
            LOG.info("The long-lived token {} was deleted", LogText.of(id));
        }
        return known[0];
    }

    /**
     * On whose behalf this token is used, with what it may do now. Never blocks.
     *
     * @throws UnauthorizedException if it is not good, or not any more
     */
    Caller caller(String text, Users.Directory directory) {
        return PermatokenText.parse(text)
                .flatMap(register::find)
                .map(token -> caller(token, directory))
                .orElseThrow(UnauthorizedException::invalidToken);
    }

    /** The same for one who has shown the token of this id before. */
    Caller present(String id, Users.Directory directory) {
        return register.find(id)
                .map(token -> caller(token, directory))
                .orElseThrow(UnauthorizedException::tokenDeleted);
    }

    private Caller caller(Permatoken token, Users.Directory directory) {
        if (token.isExpired(clock.instant().getEpochSecond())) {
            throw UnauthorizedException.tokenExpired();
        }
        User owner =
                directory.find(token.user()).filter(User::active).orElseThrow(UnauthorizedException::userNotActive);
        if (!owner.stamp().equals(token.stamp())) {
            throw UnauthorizedException.passwordChanged();
        }
        register.use(token);
        Instant expires = token.expires() == null ? Instant.MAX : Instant.ofEpochSecond(token.expires());
        Instant created = Instant.ofEpochSecond(token.created());
        Caller all = Caller.user(owner, new Caller.Login(owner.stamp(), token.id(), null, created, expires, false));
        return token.scopes() == null ? all : all.within(token.scopes());
    }

    /** Who logged in with a password. A long-lived token that leaked must not make another one. */
    private User loggedIn(Caller caller) {
        if (caller == null || caller.login() == null) {
            throw UnauthorizedException.missingToken();
        }
        if (caller.login().isLongLived()) {
            throw new ProblemException(new Problem(
                            "login-needed",
                            "Log in for that",
                            403,
                            "A long-lived token cannot list, make or delete long-lived tokens; use the access token of a login")
                    .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
        }
        return users.directory()
                .find(caller.name())
                .filter(User::active)
                .orElseThrow(UnauthorizedException::userNotActive);
    }

    private static String missing(Collection<String> words, Predicate<String> good) {
        return String.join(
                ", ",
                words.stream()
                        .filter(good.negate())
                        .sorted()
                        .map(word -> "'" + LogText.of(word) + "'")
                        .toList());
    }

    private static Set<String> strings(Object list, String field, List<FieldError> errors) {
        if (list == null) {
            return null;
        }
        Set<String> strings = new TreeSet<>();
        if (list instanceof Collection<?> items && items.stream().allMatch(String.class::isInstance)) {
            items.forEach(item -> strings.add((String) item));
        } else {
            errors.add(new FieldError(field, "must be a list of strings"));
        }
        return strings;
    }

    private static Instant instant(Object text, List<FieldError> errors) {
        if (text == null) {
            return null;
        }
        try {
            var time = OffsetDateTime.parse(text.toString());
            if (time.getYear() <= LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeParseException e) {
            LOG.debug("Not a time", e);
        }
        errors.add(new FieldError("expires", "must be a time like 2030-12-31T23:59:59Z"));
        return null;
    }

    private static String time(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }
}
