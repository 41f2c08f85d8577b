// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.SignatureException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Issues and verifies the tokens: JWT signed by HS256, and nothing else that a JWT may be (RFC 8725).
 *
 * <p>Beside the claims of ovos-api ({@code sub}, {@code iat}, {@code exp}, {@code iss} and {@code scope}, which tells an
 * access from a refresh token) they have {@code jti}, {@code family} (the log in they come from) and {@code stamp} (which
 * changes with the password). Tokens without these, such as those of ovos-api itself, are refused: they could not be
 * revoked. What the user may do is not in the token but looked up at each call.
 *
 * <p>Verifying never waits for the disk or the network. The signature of a token is checked once; whether it is still good,
 * and for what, each time.
 */
@Component
public class Tokens {

    /** What a token is for, the claim {@code scope}. */
    enum Use {
        ACCESS("access"),
        REFRESH("refresh");

        private final String claim;

        Use(String claim) {
            this.claim = claim;
        }

        String claim() {
            return claim;
        }
    }

    static final String ISSUER = "ovos-api";
    static final int MAX_LENGTH = 8 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final String SCOPE = "scope";
    private static final String FAMILY = "family";
    private static final String STAMP = "stamp";
    private static final Set<String> HEADER = Set.of("alg", "typ");
    private static final Pattern JWS = Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");
    private static final int ID_BYTES = 16;
    private static final int MAX_SIGNED = 1_000;

    private final SecureRandom random = new SecureRandom();

    /** Tokens whose signature and form were good; each caller has one or two. */
    private final Cache<String, Claims> signed = Caffeine.newBuilder()
            .maximumSize(MAX_SIGNED)
            .executor(Runnable::run)
            .build();

    private final SecretKey key;
    private final JwtParser parser;
    private final Optional<JwtParser> previousParser;
    private final Users users;
    private final Families families;
    private final Permatokens permatokens;
    private final AuthProperties properties;
    private final Clock clock;
    private final Counter refused;

    @Autowired
    Tokens(
            SigningKeys keys,
            Users users,
            Families families,
            Permatokens permatokens,
            AuthProperties properties,
            MeterRegistry meters) {
        this(keys, users, families, permatokens, properties, meters, Clock.systemUTC());
    }

    Tokens(
            SigningKeys keys,
            Users users,
            Families families,
            Permatokens permatokens,
            AuthProperties properties,
            MeterRegistry meters,
            Clock clock) {
        this.key = keys.current();
        this.parser = parser(keys.current(), clock);
        this.previousParser = keys.previous().map(previous -> parser(previous, clock));
        this.users = users;
        this.families = families;
        this.permatokens = permatokens;
        this.properties = properties;
        this.clock = clock;
        this.refused = Counter.builder("ovos.tokens.refused")
                .description("Calls whose token was refused")
                .register(meters);
    }

    /**
     * On whose behalf a call with this token is made: an access token, or a long-lived one.
     *
     * @throws UnauthorizedException if the token is anything but one of these, and good
     * @throws ProblemException 503 while the users are not known
     */
    public Caller access(String token) {
        return caller(token, Use.ACCESS);
    }

    /**
     * On whose behalf this refresh token is used. Whether it was replaced already is seen when it is: see {@link Logins}.
     *
     * @throws UnauthorizedException if the token is anything but a good refresh token
     */
    public Caller refresh(String token) {
        return caller(token, Use.REFRESH);
    }

    /**
     * The same caller with the rights of now, by all the credentials that it has shown but links: for one who stays, or comes
     * back by another way. Never blocks.
     *
     * @throws UnauthorizedException from when the token has expired or was deleted, the login has ended, or the user is not
     *     active any more or has another password
     */
    public Caller present(Caller caller) {
        Caller.Login login = caller.login();
        if (login == null || login.isLink()) {
            return caller;
        }
        Users.Directory directory = users.directory();
        Caller present = present(caller.name(), login, directory);
        for (Caller.Login other = login.other(); other != null; other = other.other()) {
            if (!other.isLink()) {
                present = present.and(present(caller.name(), other, directory));
            }
        }
        return present;
    }

    private Caller present(String name, Caller.Login login, Users.Directory directory) {
        if (login.expires() != null && !clock.instant().isBefore(login.expires())) {
            throw UnauthorizedException.tokenExpired();
        }
        return login.isLongLived() ? permatokens.present(login.tokenId(), directory) : loggedIn(name, login, directory);
    }

    /** A random identifier of 128 bits. */
    String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    String issue(Use use, User user, String family, String id) {
        Instant now = clock.instant();
        return Jwts.builder()
                .subject(user.name())
                .issuedAt(Date.from(now))
                .expiration(Date.from(now.plus(lifetime(use))))
                .issuer(ISSUER)
                .id(id)
                .claim(SCOPE, use.claim())
                .claim(FAMILY, family)
                .claim(STAMP, user.stamp())
                .signWith(key, Jwts.SIG.HS256)
                .compact();
    }

    private Caller caller(String token, Use use) {
        // without a list of users no token can be judged, and a client would take it for the end of its login
        Users.Directory directory = users.directory();
        try {
            return verify(token, use, directory);
        } catch (RuntimeException e) {
            ProblemException refusal = refusal(e);
            if (refusal instanceof UnauthorizedException) {
                refused.increment();
            }
            throw refusal;
        }
    }

    private static ProblemException refusal(RuntimeException reason) {
        if (reason instanceof ProblemException told) {
            return told;
        }
        if (reason instanceof ExpiredJwtException) {
            return UnauthorizedException.tokenExpired();
        }
        // whatever the parser stumbles over, it is no token of ours
        LOG.debug("Token refused: {}", reason.getClass().getSimpleName());
        return UnauthorizedException.invalidToken();
    }

    private Caller verify(String token, Use use, Users.Directory directory) {
        if (token == null) {
            throw UnauthorizedException.missingToken();
        }
        if (PermatokenText.isLike(token)) {
            if (use != Use.ACCESS) {
                throw UnauthorizedException.wrongUse(use.claim());
            }
            return permatokens.caller(token, directory);
        }
        Claims claims = signed.getIfPresent(token);
        if (claims == null) {
            if (token.length() > MAX_LENGTH || !JWS.matcher(token).matches()) {
                throw UnauthorizedException.invalidToken();
            }
            claims = claims(token);
            signed.put(token, claims);
        }
        String id = required(claims.getId());
        String family = required(claims.get(FAMILY, String.class));
        String stamp = required(claims.get(STAMP, String.class));
        Instant issued = required(claims.getIssuedAt()).toInstant();
        Instant expires = required(claims.getExpiration()).toInstant();
        if (!clock.instant().isBefore(expires)) {
            throw UnauthorizedException.tokenExpired();
        }
        // what Families keeps, it keeps for the lifetime: a token that outlives it could come back to life
        if (Duration.between(issued, expires).compareTo(lifetime(use(claims))) > 0) {
            throw UnauthorizedException.invalidToken();
        }
        if (use(claims) != use) {
            throw UnauthorizedException.wrongUse(use.claim());
        }
        Caller.Login login = new Caller.Login(stamp, id, family, issued, expires, use == Use.REFRESH);
        return loggedIn(required(claims.getSubject()), login, directory);
    }

    private Caller loggedIn(String name, Caller.Login login, Users.Directory directory) {
        User user = directory.find(name).filter(User::active).orElseThrow(UnauthorizedException::userNotActive);
        if (!user.stamp().equals(login.stamp())
                || login.family() != null && families.ended(login.family(), login.issued())) {
            throw UnauthorizedException.loggedOut();
        }
        return Caller.user(user, login);
    }

    private static Use use(Claims claims) {
        String scope = claims.get(SCOPE, String.class);
        return Arrays.stream(Use.values())
                .filter(use -> use.claim().equals(scope))
                .findFirst()
                .orElseThrow(UnauthorizedException::invalidToken);
    }

    private Claims claims(String token) {
        try {
            return claims(parser, token);
        } catch (SignatureException e) {
            return claims(previousParser.orElseThrow(() -> e), token);
        }
    }

    private static Claims claims(JwtParser parser, String token) {
        var jws = parser.parseSignedClaims(token);
        if (!HEADER.containsAll(jws.getHeader().keySet())) {
            throw UnauthorizedException.invalidToken();
        }
        return jws.getPayload();
    }

    private static <T> T required(T claim) {
        if (claim == null) {
            throw UnauthorizedException.invalidToken();
        }
        return claim;
    }

    Duration lifetime(Use use) {
        return use == Use.ACCESS ? properties.accessTokenLifetime() : properties.refreshTokenLifetime();
    }

    private static JwtParser parser(SecretKey key, Clock clock) {
        return Jwts.parser()
                .verifyWith(key)
                .requireIssuer(ISSUER)
                .clock(() -> Date.from(clock.instant()))
                .sig()
                .clear()
                .add(Jwts.SIG.HS256)
                .and()
                .zip()
                .clear()
                .and()
                .build();
    }
}
