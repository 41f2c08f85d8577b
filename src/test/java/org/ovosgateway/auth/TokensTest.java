// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class TokensTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HS256 = "{\"alg\":\"HS256\"}";

    private Gate gate;

    @BeforeEach
    void open(@TempDir Path folder) {
        gate = new Gate(folder);
    }

    @Test
    void acceptsItsOwnAccessToken() {
        Caller ada = gate.tokens.access(gate.logIn("ada").accessToken());

        assertThat(ada.name()).isEqualTo("ada");
        assertThat(ada.login().expires()).isEqualTo(gate.clock.instant().plus(Duration.ofMinutes(30)));
        assertThat(ada.login().tokenId()).hasSize(22);
        assertThat(ada.may("system:write")).isTrue();
    }

    @Test
    void acceptsItsOwnRefreshTokenForRefreshingOnly() {
        String refresh = gate.logIn("ada").refreshToken();

        assertThat(gate.tokens.refresh(refresh).login().expires())
                .isEqualTo(gate.clock.instant().plus(Duration.ofHours(6)));
        assertThat(detail(() -> gate.tokens.access(refresh))).startsWith("The token is of the other kind");
    }

    @Test
    void writesTheClaimsOfTheOriginalAndThoseForRevoking() throws IOException {
        String payload = gate.logIn("ada").accessToken().split("\\.")[1];

        Map<?, ?> claims = JSON.readValue(Base64.getUrlDecoder().decode(payload), Map.class);

        assertThat(claims.keySet())
                .map(Object::toString)
                .containsExactlyInAnyOrder("sub", "iat", "exp", "iss", "jti", "scope", "family", "stamp");
        assertThat(claims.get("sub")).isEqualTo("ada");
        assertThat(claims.get("iss")).isEqualTo("ovos-api");
        assertThat(claims.get("scope")).isEqualTo("access");
    }

    @Test
    void letsAUserDoOnlyWhatTheScopesSay() {
        Caller bob = gate.tokens.access(gate.logIn("bob").accessToken());

        assertThat(bob.may("system:read")).isTrue();
        assertThat(bob.may("system:write")).isFalse();
        assertThat(bob.may("*")).isFalse();
    }

    @Test
    void looksTheScopesUpAtEachCall() {
        String token = gate.logIn("bob").accessToken();
        assertThat(gate.tokens.access(token).may("system:read")).isTrue();

        replaceUsers(
                "\"scopes\": []",
                true,
                gate.users.directory().find("bob").orElseThrow().hash());

        assertThat(gate.tokens.access(token).may("system:read")).isFalse();
    }

    @Test
    void refusesTheTokensOfAUserWhoWasMadeInactive() {
        String token = gate.logIn("bob").accessToken();
        gate.tokens.access(token);

        replaceUsers(
                "\"scopes\": []",
                false,
                gate.users.directory().find("bob").orElseThrow().hash());

        assertThat(detail(() -> gate.tokens.access(token))).isEqualTo("The user of the token is not active.");
    }

    @Test
    void refusesTheTokensFromBeforeAChangeOfThePassword() {
        TokenPair pair = gate.logIn("bob");

        replaceUsers("\"scopes\": []", true, Gate.hash("another"));

        assertThat(detail(() -> gate.tokens.access(pair.accessToken()))).startsWith("The token was revoked");
        assertThat(detail(() -> gate.tokens.refresh(pair.refreshToken()))).startsWith("The token was revoked");
    }

    @Test
    void refusesATokenAtTheSecondThatItExpires() {
        String token = gate.logIn("ada").accessToken();
        gate.clock.turn(Duration.ofMinutes(30).minusSeconds(1));
        gate.tokens.access(token);

        gate.clock.turn(Duration.ofSeconds(1));

        assertThat(detail(() -> gate.tokens.access(token))).isEqualTo("The token has expired.");
    }

    @Test
    void refusesATokenThatExpiredLongAgo() {
        String token = gate.logIn("ada").accessToken();

        gate.clock.turn(Duration.ofHours(2));

        assertThat(detail(() -> gate.tokens.access(token))).isEqualTo("The token has expired.");
    }

    @Test
    void acceptsTokensOfThePreviousSecretAndSignsWithTheNewOne(@TempDir Path folder) {
        String old = new Gate(folder).logIn("ada").accessToken();
        String secret = "another secret of more than 32 bytes";

        Gate rotated = new Gate(folder, new Gate.Turnable(), Gate.properties(folder, secret, Gate.SECRET));
        Gate done = new Gate(folder, new Gate.Turnable(), Gate.properties(folder, secret, ""));

        assertThat(rotated.tokens.access(old).name()).isEqualTo("ada");
        assertThat(done.tokens.access(rotated.logIn("ada").accessToken()).name())
                .isEqualTo("ada");
        assertThat(detail(() -> done.tokens.access(old))).isEqualTo("The token is invalid.");
    }

    @Test
    void signsByHs256WhateverTheLengthOfTheSecret(@TempDir Path folder) {
        Gate lengthy = new Gate(folder, new Gate.Turnable(), Gate.properties(folder, "x".repeat(200), ""));

        String token = lengthy.logIn("ada").accessToken();

        assertThat(decoded(token.split("\\.")[0])).isEqualTo(HS256);
        assertThat(lengthy.tokens.access(token).name()).isEqualTo("ada");
        String hs512 = token("{\"alg\":\"HS512\"}", claims(""), "HmacSHA512", "x".repeat(200));
        assertThat(detail(() -> lengthy.tokens.access(hs512))).isEqualTo("The token is invalid.");
    }

    @Test
    void acceptsWhatTheTableOfHostileTokensIsMadeFrom() {
        assertThat(gate.tokens.access(signed(claims(""))).name()).isEqualTo("ada");
        assertThat(gate.tokens
                        .access(token("{\"typ\":\"JWT\",\"alg\":\"HS256\"}", claims("")))
                        .name())
                .isEqualTo("ada");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileTokens")
    void refuses(String what, String token, String reason) {
        var refusal = catchThrowableOfType(UnauthorizedException.class, () -> gate.tokens.access(token));

        assertThat(refusal).as(what).isNotNull();
        assertThat(refusal.problem().status()).isEqualTo(401);
        assertThat(refusal.problem().type()).isEqualTo("unauthorized");
        assertThat(refusal.problem().detail()).startsWith(reason);
        assertThat(refusal.problem().headers().get("WWW-Authenticate"))
                .startsWith("Bearer error=\"invalid_token\", error_description=\"");
        if (token.length() > 20) {
            assertThat(refusal.problem().toString()).doesNotContain(token.substring(0, 20));
        }
        assertThat(gate.meters.counter("ovos.tokens.refused").count()).isEqualTo(1);
    }

    static Stream<Arguments> hostileTokens() throws GeneralSecurityException, IOException {
        String good = signed(claims(""));
        String header = good.split("\\.")[0];
        String payload = good.split("\\.")[1];
        String signature = good.split("\\.")[2];
        String invalid = "The token is invalid.";
        return Stream.of(
                Arguments.of("nothing", "", invalid),
                Arguments.of("a blank", " ", invalid),
                Arguments.of("dots only", "..", invalid),
                Arguments.of("many dots", ".".repeat(100), invalid),
                Arguments.of("a word", "null", invalid),
                Arguments.of("no signature", header + "." + payload + ".", invalid),
                Arguments.of("no signature and no dot", header + "." + payload, invalid),
                Arguments.of("alg none", encoded("{\"alg\":\"none\"}") + "." + payload + ".", invalid),
                Arguments.of("alg none with a signature", token("{\"alg\":\"none\"}", claims("")), invalid),
                Arguments.of("alg None", encoded("{\"alg\":\"None\"}") + "." + payload + "." + signature, invalid),
                Arguments.of("alg in lower case", token("{\"alg\":\"hs256\"}", claims("")), invalid),
                Arguments.of("no alg", token("{}", claims("")), invalid),
                Arguments.of("alg a number", token("{\"alg\":256}", claims("")), invalid),
                Arguments.of("HS384", token("{\"alg\":\"HS384\"}", claims(""), "HmacSHA384", Gate.SECRET), invalid),
                Arguments.of("HS512", token("{\"alg\":\"HS512\"}", claims(""), "HmacSHA512", Gate.SECRET), invalid),
                Arguments.of("RS256 by a key of its own", rs256(), invalid),
                Arguments.of("RS256 with an HMAC", token("{\"alg\":\"RS256\"}", claims("")), invalid),
                Arguments.of("another key", token(HS256, claims(""), "HmacSHA256", "x".repeat(32)), invalid),
                Arguments.of(
                        "another payload",
                        header + "." + encoded(claims("").replace("ada", "bob")) + "." + signature,
                        invalid),
                Arguments.of("a JWE", "a.b.c.d.e", invalid),
                Arguments.of("a JWE header", token("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", claims("")), invalid),
                Arguments.of("crit", token("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", claims("")), invalid),
                Arguments.of("b64", token("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", claims("")), invalid),
                Arguments.of("b64 without crit", token("{\"alg\":\"HS256\",\"b64\":false}", claims("")), invalid),
                Arguments.of("zip", zipped(), invalid),
                Arguments.of("zip that is none", token("{\"alg\":\"HS256\",\"zip\":\"DEF\"}", claims("")), invalid),
                Arguments.of("kid", token("{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", claims("")), invalid),
                Arguments.of("jku", token("{\"alg\":\"HS256\",\"jku\":\"http://192.0.2.1/\"}", claims("")), invalid),
                Arguments.of(
                        "jwk",
                        token("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", claims("")),
                        invalid),
                Arguments.of("a header twice", token("{\"alg\":\"none\",\"alg\":\"HS256\"}", claims("")), invalid),
                Arguments.of("a header that is a list", token("[\"HS256\"]", claims("")), invalid),
                Arguments.of("a header too deep", token("{\"alg\":" + "[".repeat(2000), claims("")), invalid),
                Arguments.of("a list", signed("[1]"), invalid),
                Arguments.of("a number", signed("1"), invalid),
                Arguments.of("a string", signed("\"x\""), invalid),
                Arguments.of("null", signed("null"), invalid),
                Arguments.of("no JSON", signed("hello"), invalid),
                Arguments.of("an empty object", signed("{}"), invalid),
                Arguments.of("a claim twice", signed(claims("").replace("{", "{\"sub\":\"bob\",")), invalid),
                Arguments.of(
                        "invalid UTF-8",
                        token(HS256.getBytes(StandardCharsets.UTF_8), new byte[] {'{', (byte) 0xff}),
                        invalid),
                Arguments.of("no exp", signed(claims("exp")), invalid),
                Arguments.of("exp null", signed(claims("exp", "null")), invalid),
                Arguments.of("exp a word", signed(claims("exp", "\"never\"")), invalid),
                Arguments.of("exp a list", signed(claims("exp", "[]")), invalid),
                Arguments.of("exp without end", signed(claims("exp", "1e400")), "The token has expired."),
                Arguments.of("exp far away", signed(claims("exp", "99999999999")), invalid),
                Arguments.of(
                        "exp past any calendar",
                        signed(claims("exp", "9223372036854775807")),
                        "The token has expired."),
                Arguments.of("expired", signed(claims("exp", "1893455999")), "The token has expired."),
                Arguments.of("exp negative", signed(claims("exp", "-1")), "The token has expired."),
                Arguments.of("no iat", signed(claims("iat")), invalid),
                Arguments.of("a life longer than ours", signed(claims("iat", "1893455000")), invalid),
                Arguments.of("nbf in the future", signed(claims("").replace("{", "{\"nbf\":1893456001,")), invalid),
                Arguments.of("nbf a word", signed(claims("").replace("{", "{\"nbf\":\"x\",")), invalid),
                Arguments.of("no iss", signed(claims("iss")), invalid),
                Arguments.of("another iss", signed(claims("iss", "\"ovos\"")), invalid),
                Arguments.of("iss a list", signed(claims("iss", "[\"ovos-api\"]")), invalid),
                Arguments.of("no jti", signed(claims("jti")), invalid),
                Arguments.of("no family", signed(claims("family")), invalid),
                Arguments.of("no stamp", signed(claims("stamp")), invalid),
                Arguments.of("a foreign stamp", signed(claims("stamp", "\"x\"")), "The token was revoked"),
                Arguments.of("no scope", signed(claims("scope")), invalid),
                Arguments.of("scope a list", signed(claims("scope", "[\"access\"]")), invalid),
                Arguments.of("an unknown scope", signed(claims("scope", "\"admin\"")), invalid),
                Arguments.of("scope in upper case", signed(claims("scope", "\"ACCESS\"")), invalid),
                Arguments.of("scope refresh", signed(claims("scope", "\"refresh\"")), "The token is of the other kind"),
                Arguments.of("no sub", signed(claims("sub")), invalid),
                Arguments.of("sub a number", signed(claims("sub", "1")), invalid),
                Arguments.of("sub an object", signed(claims("sub", "{\"a\":1}")), invalid),
                Arguments.of("sub empty", signed(claims("sub", "\"\"")), ""),
                Arguments.of(
                        "sub unknown", signed(claims("sub", "\"mallory\"")), "The user of the token is not active."),
                Arguments.of("sub inactive", signed(claims("sub", "\"eve\"")), "The user of the token is not active."),
                Arguments.of("huge", signed(claims("jti", "\"" + "x".repeat(Tokens.MAX_LENGTH) + "\"")), invalid),
                Arguments.of("huge nonsense", "a".repeat(5_000_000), invalid),
                Arguments.of("invalid base64", header + ".*." + signature, invalid),
                Arguments.of("standard base64", "+" + good, invalid),
                Arguments.of("padding", good + "=", invalid),
                Arguments.of("a line break", header + ".\n" + payload + "." + signature, invalid),
                Arguments.of("non-ASCII", "é" + good, invalid),
                Arguments.of("digits of another script", good.replaceFirst("[0-9]", "٣"), invalid),
                Arguments.of("NUL", good + "\0", invalid),
                Arguments.of("a lone surrogate", good + "\ud800", invalid),
                // python: jwt.encode({"sub","exp","iat","iss","scope"}, secret, "HS256"), as ovos-api does
                Arguments.of(
                        "a token of ovos-api, which could not be revoked",
                        token(
                                "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                                "{\"sub\":\"ada\",\"exp\":1893457800,\"iat\":1893456000,\"iss\":\"ovos-api\",\"scope\":\"access\"}"),
                        invalid));
    }

    @Test
    void asksForATokenThatIsMissing() {
        assertThatThrownBy(() -> gate.tokens.access(null))
                .isInstanceOfSatisfying(UnauthorizedException.class, refusal -> {
                    assertThat(refusal.problem().headers()).containsEntry("WWW-Authenticate", "Bearer");
                });
    }

    private void replaceUsers(String scopes, boolean active, String hash) {
        gate.write("[{\"user\": \"bob\", \"password\": \"%s\", \"active\": %s, %s}]".formatted(hash, active, scopes));
        gate.users.reload();
    }

    private static String detail(ThrowingCallable call) {
        return catchThrowableOfType(UnauthorizedException.class, call).problem().detail();
    }

    /** The claims of a good token, without this one. */
    private static String claims(String without) {
        return claims(without, null);
    }

    /** The claims of a good token, with this one changed. */
    private static String claims(String changed, String value) {
        var claims = new LinkedHashMap<String, String>();
        claims.put("sub", "\"ada\"");
        claims.put("iat", "1893456000");
        claims.put("exp", "1893457800");
        claims.put("iss", "\"ovos-api\"");
        claims.put("jti", "\"an-id\"");
        claims.put("scope", "\"access\"");
        claims.put("family", "\"a-family\"");
        claims.put("stamp", "\"" + new User("ada", Gate.HASH, true, Caller.ALL).stamp() + "\"");
        if (value == null) {
            claims.remove(changed);
        } else {
            claims.put(changed, value);
        }
        var members = claims.entrySet().stream()
                .map(claim -> "\"" + claim.getKey() + "\":" + claim.getValue())
                .toList();
        return "{" + String.join(",", members) + "}";
    }

    private static String signed(String payload) {
        return token(HS256, payload);
    }

    private static String token(String header, String payload) {
        return token(header, payload, "HmacSHA256", Gate.SECRET);
    }

    private static String token(byte[] header, byte[] payload) {
        return token(encoded(header) + "." + encoded(payload), "HmacSHA256", Gate.SECRET);
    }

    private static String token(String header, String payload, String algorithm, String key) {
        return token(encoded(header) + "." + encoded(payload), algorithm, key);
    }

    private static String token(String signed, String algorithm, String key) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
            return signed + "." + encoded(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String rs256() throws GeneralSecurityException {
        var pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        String signed = encoded("{\"alg\":\"RS256\"}") + "." + encoded(claims(""));
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + encoded(signature.sign());
    }

    private static String zipped() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var deflated = new DeflaterOutputStream(bytes)) {
            deflated.write(claims("").getBytes(StandardCharsets.UTF_8));
        }
        return token("{\"alg\":\"HS256\",\"zip\":\"DEF\"}".getBytes(StandardCharsets.UTF_8), bytes.toByteArray());
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }
}
