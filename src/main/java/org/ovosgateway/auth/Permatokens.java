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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.ovosgateway.DeviceNames;
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
    static final int MOST_RIGHTS = 100;

    /** RFC 3339 has no later one. */
    private static final int LAST_YEAR = 9999;

    private static final Logger LOG = LoggerFactory.getLogger(Permatokens.class);
    private static final Pattern NAME = Pattern.compile("(?=.*\\S)[^\\p{Cntrl}\\p{Cs}]{1,64}");

    private final SecureRandom random = new SecureRandom();
    private final PermatokenRegister register;
    private final Users users;
    private final Scopes scopes;
    private final DeviceNames devices;
    private final Clock clock;

    @Autowired
    Permatokens(PermatokenRegister register, Users users, Scopes scopes, DeviceNames devices) {
        this(register, users, scopes, devices, Clock.systemUTC());
    }

    Permatokens(PermatokenRegister register, Users users, Scopes scopes, DeviceNames devices, Clock clock) {
        this.register = register;
        this.users = users;
        this.scopes = scopes;
        this.devices = devices;
        this.clock = clock;
    }

    /**
     * What a token may do of what its owner may.
     *
     * @param scopes null: all
     * @param devices null: all
     */
    record Rights(Set<String> scopes, Set<String> devices) {

        static final Rights ALL = new Rights(null, null);
    }

    /** A new token, with its text, which is shown only once. */
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
     * @param devices null: all that its owner has
     * @param expires null: never
     * @param lastUsed null: never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Shown(
            String id,
            String name,
            Set<String> scopes,
            Set<String> devices,
            String created,
            String expires,
            @JsonProperty("last_used") String lastUsed) {}

    /**
     * Makes a token for the one who calls.
     *
     * @param wanted {@code name}, and if wanted {@code scopes} and {@code devices}, lists, and {@code expires}, as in RFC
     *     3339
     * @throws ProblemException 403 if the call was made with a long-lived token, 409 if there are too many, 422 for what it
     *     cannot have, 503 if it cannot be kept
     */
    public Issued create(@Body Map<String, ?> wanted, @ExchangeProperty(Caller.PROPERTY) Caller caller) {
        User owner = loggedIn(caller);
        List<FieldError> errors = new ArrayList<>();
        String name = wanted.get("name") instanceof String text ? text : "";
        var rights = new Rights(
                strings(wanted.get("scopes"), "scopes", errors), strings(wanted.get("devices"), "devices", errors));
        Instant expires = instant(wanted.get("expires"), errors);
        if (errors.isEmpty()) {
            errors.addAll(flaws(owner, name, rights, expires));
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.validation(errors));
        }
        return create(owner, name, rights, expires);
    }

    /** What is wrong with such a token of this user. May block. */
    List<FieldError> flaws(User owner, String name, Rights rights, Instant expires) {
        List<FieldError> errors = new ArrayList<>();
        if (!NAME.matcher(name).matches()) {
            errors.add(new FieldError("name", "must be 1 to 64 printable characters"));
        }
        Caller all = Caller.user(owner, null);
        flaw(rights.scopes(), UsersFile::isScope, "look like system:read", scopes::unknown, all::may)
                .ifPresent(reason -> errors.add(new FieldError("scopes", reason)));
        flaw(rights.devices(), UsersFile::isDevice, "look like kitchen", devices::unknown, all::mayUse)
                .ifPresent(reason -> errors.add(new FieldError("devices", reason)));
        if (expires != null && !expires.isAfter(clock.instant())) {
            errors.add(new FieldError("expires", "must be in the future"));
        }
        return errors;
    }

    private static Optional<String> flaw(
            Set<String> words,
            Predicate<String> form,
            String example,
            Function<Collection<String>, String> unknown,
            Predicate<String> owned) {
        if (words == null || words.equals(Caller.ALL)) {
            return Optional.empty();
        }
        if (words.size() > MOST_RIGHTS) {
            return Optional.of("must be " + MOST_RIGHTS + " at most");
        }
        String malformed = missing(words, form);
        if (!malformed.isEmpty()) {
            return Optional.of("must " + example + ", other than " + malformed);
        }
        String strange = unknown.apply(words);
        if (!strange.isEmpty()) {
            return Optional.of("must exist, other than " + strange);
        }
        String foreign = missing(words, word -> word.equals("*") || owned.test(word));
        return foreign.isEmpty()
                ? Optional.empty()
                : Optional.of("must be among those of the user, which has not " + foreign);
    }

    /** Makes a token without {@link #flaws}. */
    Issued create(User owner, String name, Rights rights, Instant expires) {
        var text = PermatokenText.random(random);
        long now = clock.instant().getEpochSecond();
        var token = new Permatoken(
                text.id(),
                owner.name(),
                name,
                some(rights.scopes()),
                some(rights.devices()),
                now,
                expires == null ? null : expires.getEpochSecond(),
                owner.stamp(),
                HexFormat.of().formatHex(text.hash()));
        var directory = users.directory();
        register.change(known -> {
            List<Permatoken> kept = known;
            if (excess(known, owner).isPresent()) {
                // not sooner: with another users file they would be lost for good
                kept = known.stream().filter(old -> !old.isDead(directory, now)).toList();
                excess(kept, owner).ifPresent(reason -> {
                    throw new ProblemException(
                            new Problem("too-many-permatokens", "Too many long-lived tokens", 409, reason));
                });
            }
            return Stream.concat(kept.stream(), Stream.of(token)).toList();
        });
        LOG.info("{} made the long-lived token {}", LogText.of(owner.name()), token.id());
        return new Issued(token.id(), name, text.text());
    }

    private static Optional<String> excess(List<Permatoken> known, User owner) {
        long own = known.stream()
                .filter(token -> token.user().equals(owner.name()))
                .count();
        if (own >= PER_USER) {
            return Optional.of("This user has %d long-lived tokens, which is the most. Delete one that nobody uses."
                    .formatted(own));
        }
        return known.size() < IN_ALL
                ? Optional.empty()
                : Optional.of(
                        "All users together have %d long-lived tokens, which is the most.".formatted(known.size()));
    }

    private static Set<String> some(Set<String> words) {
        return words == null || words.containsAll(Caller.ALL) ? null : words;
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
                token.devices() == null ? null : new TreeSet<>(token.devices()),
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
                    "This user has no long-lived token with that id; GET /v1/auth/permatokens lists them."));
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
        Caller some = token.scopes() == null ? all : all.within(token.scopes());
        return token.devices() == null ? some : some.withinDevices(token.devices());
    }

    /** Who logged in with a password. A long-lived token that leaked must not make another one. */
    private User loggedIn(Caller caller) {
        if (caller == null || caller.kind() != Caller.Kind.USER || caller.login() == null) {
            throw UnauthorizedException.missingToken();
        }
        if (caller.login().isLongLived()) {
            throw new ProblemException(new Problem(
                            "login-needed",
                            "Log in for that",
                            403,
                            "A long-lived token cannot list, make or delete long-lived tokens. Use the access token of a login.")
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
