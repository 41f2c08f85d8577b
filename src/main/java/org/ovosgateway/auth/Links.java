// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Signed links: whoever has one may call this one target until it expires, without being a user.
 *
 * <p>The signature (HMAC-SHA256) is over path, query and expiry, so that nothing of them can be changed. It is made with the
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

    /** The same with {@link #PARAMETER}. */
    public String sign(String target, Duration lifetime) {
        return sign(target, lifetime, PARAMETER);
    }

    /**
     * Signs a link to the gateway.
     *
     * @param target path and query as they are to be called, escaped: {@code /v1/takes/7/audio?format=mp3}
     * @param parameter name of the query parameter, as the scheme in the contract has it
     * @return the target with the signature
     */
    public String sign(String target, Duration lifetime, String parameter) {
        long expires = clock.instant().plus(lifetime).getEpochSecond();
        String value = expires + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature(keys.current(), target, expires));
        return target + (target.indexOf('?') < 0 ? '?' : '&') + parameter + '=' + value;
    }

    /**
     * Who calls by a link.
     *
     * @param target path and query in front of the signature, as they were called
     * @param value of the signature's parameter
     * @throws UnauthorizedException if the gateway has not signed this, or the link has expired
     */
    public Caller follow(String target, String value) {
        Matcher parts = VALUE.matcher(value);
        if (!parts.matches()) {
            throw UnauthorizedException.invalidLink();
        }
        long expires = Long.parseLong(parts.group(1));
        byte[] shown = Base64.getUrlDecoder().decode(parts.group(2));
        boolean good = Stream.concat(Stream.of(keys.current()), keys.previous().stream())
                .anyMatch(key -> MessageDigest.isEqual(signature(key, target, expires), shown));
        if (!good || clock.instant().getEpochSecond() >= expires) {
            throw UnauthorizedException.invalidLink();
        }
        return Caller.link(target);
    }

    private static byte[] signature(SecretKey key, String target, long expires) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            // no token is signed over a text with line breaks
            return mac.doFinal(("link\n" + target + "\n" + expires).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }
}
