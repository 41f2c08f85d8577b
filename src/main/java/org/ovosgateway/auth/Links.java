// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Signed links: whoever has one may call this one target by this one method until it expires, without being
 * a user.
 *
 * <p>The signature (HMAC-SHA256) is over method, path, query and expiry, so that nothing of them can be changed. It is made with the
 * secret of the tokens: with a new {@code SECRET}, links die like tokens do.
 */
@Component
public class Links {

    /** The query parameter of a signature, unless a contract names another. */
    public static final String PARAMETER = "signature";

    private static final String HMAC = "HmacSHA256";
    private static final Pattern VALUE = Pattern.compile("(\\d{1,12})\\.([A-Za-z0-9_-]{43})");

    private final SigningKeys keys;
    private final Clock clock;

    @Autowired
    Links(SigningKeys keys) {
        this(keys, Clock.systemUTC());
    }

    Links(SigningKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** For GET, and so for HEAD, with {@link #PARAMETER}. */
    public String sign(String target, Duration lifetime) {
        return sign(target, lifetime, PARAMETER);
    }

    /** For GET, and so for HEAD. */
    public String sign(String target, Duration lifetime, String parameter) {
        return signFor("GET", target, lifetime, parameter);
    }

    /** With {@link #PARAMETER}. */
    public String signFor(String method, String target, Duration lifetime) {
        return signFor(method, target, lifetime, PARAMETER);
    }

    /**
     * Signs a link to the gateway.
     *
     * @param method by which it is to be called, in any case; GET and HEAD imply each other
     * @param target path and query as they are to be called, escaped: {@code /v1/takes/7/audio?format=mp3}
     * @param parameter name of the query parameter, as the scheme in the contract has it
     * @return the target with the signature
     */
    public String signFor(String method, String target, Duration lifetime, String parameter) {
        long expires = clock.instant().plus(lifetime).getEpochSecond();
        byte[] signature = signature(keys.current(), signed(method.toUpperCase(Locale.ROOT)), target, expires);
        return target
                + (target.indexOf('?') < 0 ? '?' : '&')
                + parameter
                + '='
                + expires
                + '.'
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }

    /**
     * Who calls by a link.
     *
     * @param method by which it was called
     * @param target path and query in front of the signature, as they were called
     * @param value of the signature's parameter
     * @throws UnauthorizedException if the gateway has not signed this, or the link has expired
     */
    public Caller follow(String method, String target, String value) {
        Matcher parts = VALUE.matcher(value);
        if (!parts.matches()) {
            throw UnauthorizedException.invalidLink();
        }
        long expires = Long.parseLong(parts.group(1));
        byte[] shown = Base64.getUrlDecoder().decode(parts.group(2));
        boolean good = Stream.concat(Stream.of(keys.current()), keys.previous().stream())
                .anyMatch(key -> MessageDigest.isEqual(signature(key, signed(method), target, expires), shown));
        if (!good || clock.instant().getEpochSecond() >= expires) {
            throw UnauthorizedException.invalidLink();
        }
        return Caller.link(target, Instant.ofEpochSecond(expires));
    }

    /** Whether no link that a caller has followed has expired. */
    public boolean hold(Caller caller) {
        for (Caller.Login login = caller.login(); login != null; login = login.other()) {
            if (login.isLink() && !clock.instant().isBefore(login.expires())) {
                return false;
            }
        }
        return true;
    }

    private static String signed(String method) {
        return method.equals("HEAD") ? "GET" : method;
    }

    private static byte[] signature(SecretKey key, String method, String target, long expires) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            // no token is signed over a text with line breaks
            return mac.doFinal(("link\n" + method + "\n" + target + "\n" + expires).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }
}
