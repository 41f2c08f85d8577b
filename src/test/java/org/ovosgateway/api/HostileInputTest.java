// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.GatewayTraffic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Tokens, bodies and paths that nobody with good intentions sends: refused in the form of a problem, before the bus. */
class HostileInputTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HS256 = "{\"alg\":\"HS256\"}";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus =
            new FakeBus(SimulatedAssistant.builder().apiKey(Gateway.API_KEY).oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port).user("gone").active("gone", false);

    private GatewayTraffic traffic;

    @BeforeEach
    void listen() throws Exception {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
        traffic = new GatewayTraffic(bus.vertx(), bus.uri());
    }

    @AfterEach
    void stopListening() {
        traffic.close();
    }

    @Test
    void theTablesAreMadeFromWhatIsAccepted() throws Exception {
        gateway.call("GET", "/v1/network/internet")
                .token(signed(HS256, claims(same -> {}).toString()))
                .answers(200);
        gateway.call("POST", "/v1/voice/speech")
                .json("{\"utterance\": \"hello\"}")
                .answers(200);
        assertThat(gateway.raw(get("/v1/network/internet"))).startsWith("HTTP/1.1 200 ");
    }

    static Stream<Arguments> tokens() throws Exception {
        String good = gateway.token(Gateway.USER);
        String payload = claims(same -> {}).toString();
        String[] parts = good.split("\\.");
        long now = System.currentTimeMillis() / 1000;
        return Stream.of(
                arguments("empty", ""),
                arguments("no JWT", "hello"),
                arguments("dots", ".."),
                arguments("two parts", parts[0] + "." + parts[1]),
                arguments("four parts", good + ".AAAA"),
                arguments("five parts, encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA"),
                arguments("quoted", "\"" + good + "\""),
                arguments("two", good + "," + good),
                arguments("space inside", good.substring(0, 20) + " " + good.substring(20)),
                arguments("padding", good + "="),
                arguments("standard base64", parts[0] + "." + parts[1] + ".++//" + parts[2].substring(4)),
                arguments("long", good + "A".repeat(6_000)),
                arguments("no signature", parts[0] + "." + parts[1] + "."),
                arguments("half a signature", good.substring(0, good.length() - 20)),
                arguments("another signature", parts[0] + "." + parts[1] + "." + "A".repeat(43)),
                arguments(
                        "another payload",
                        parts[0] + "."
                                + encoded(claims(c -> c.put("sub", "admin")).toString()) + "." + parts[2]),
                arguments("algorithm none", encoded("{\"alg\":\"none\"}") + "." + encoded(payload) + "."),
                arguments("algorithm none, signed", signed("{\"alg\":\"none\"}", payload)),
                arguments("algorithm None", encoded("{\"alg\":\"None\"}") + "." + encoded(payload) + "."),
                arguments(
                        "algorithm nOnE", encoded("{\"alg\":\"nOnE\",\"typ\":\"JWT\"}") + "." + encoded(payload) + "."),
                arguments("no algorithm", signed("{\"typ\":\"JWT\"}", payload)),
                arguments("algorithm null", signed("{\"alg\":null}", payload)),
                arguments("algorithm a list", signed("{\"alg\":[\"HS256\"]}", payload)),
                arguments("algorithm HS512", signed("HmacSHA512", Gateway.SECRET, "{\"alg\":\"HS512\"}", payload)),
                arguments("algorithm HS384", signed("HmacSHA384", Gateway.SECRET, "{\"alg\":\"HS384\"}", payload)),
                arguments("algorithm RS256", rs256(payload)),
                arguments("algorithm unknown", signed("{\"alg\":\"XS256\"}", payload)),
                arguments("algorithm lower case", signed("{\"alg\":\"hs256\"}", payload)),
                arguments("other key", signed("HmacSHA256", "0".repeat(32), HS256, payload)),
                arguments("empty key", signed("HmacSHA256", "\0", HS256, payload)),
                arguments("key id", signed("{\"alg\":\"HS256\",\"kid\":\"../../../../dev/null\"}", payload)),
                arguments("key url", signed("{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1:9/keys\"}", payload)),
                arguments("own key", signed("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}", payload)),
                arguments("critical header", signed("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}", payload)),
                arguments(
                        "payload not encoded", signed("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", payload)),
                arguments("compressed", signed("{\"alg\":\"HS256\",\"zip\":\"DEF\"}", payload)),
                arguments("header no JSON", signed("hello", payload)),
                arguments("header a list", signed("[]", payload)),
                arguments("payload no JSON", signed(HS256, "hello")),
                arguments("payload empty", signed(HS256, "")),
                arguments("payload a list", signed(HS256, "[]")),
                arguments("payload a list of claims", signed(HS256, "[" + payload + "]")),
                arguments("payload a string", signed(HS256, "\"jarvis\"")),
                arguments("payload null", signed(HS256, "null")),
                arguments("payload deep", signed(HS256, "{\"sub\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}")),
                arguments("no claims", signed(HS256, "{}")),
                arguments("no exp", without("exp")),
                arguments("exp null", with(c -> c.putNull("exp"))),
                arguments("exp no number", with(c -> c.put("exp", "never"))),
                arguments("exp a list", with(c -> c.putArray("exp").add(now + 60))),
                arguments("exp past", with(c -> c.put("iat", now - 120).put("exp", now - 60))),
                arguments("exp negative", with(c -> c.put("exp", -1))),
                arguments("exp beyond the lifetime", with(c -> c.put("exp", now + 100_000))),
                arguments("exp huge", with(c -> c.put("exp", Long.MAX_VALUE))),
                arguments("exp infinite", signed(HS256, payload.replaceFirst("\"exp\":\\d+", "\"exp\":1e999"))),
                arguments("nbf future", with(c -> c.put("nbf", now + 3_600))),
                arguments("no iat", without("iat")),
                arguments("iat no number", with(c -> c.put("iat", "now"))),
                arguments("no iss", without("iss")),
                arguments("other iss", with(c -> c.put("iss", "other"))),
                arguments("iss a list", with(c -> c.putArray("iss").add("ovos-api"))),
                arguments("no jti", without("jti")),
                arguments("no family", without("family")),
                arguments("no stamp", without("stamp")),
                arguments("other stamp", with(c -> c.put("stamp", "other"))),
                arguments("no use", without("scope")),
                arguments("other use", with(c -> c.put("scope", "refresh"))),
                arguments("unknown use", with(c -> c.put("scope", "admin"))),
                arguments("use a list", with(c -> c.putArray("scope").add("access"))),
                arguments("refresh token", gateway.logIn(Gateway.USER).refresh()),
                arguments("no sub", without("sub")),
                arguments("sub empty", with(c -> c.put("sub", ""))),
                arguments("sub a number", with(c -> c.put("sub", 1))),
                arguments("sub an object", with(c -> c.putObject("sub").put("$ne", 1))),
                arguments("unknown user", with(c -> c.put("sub", "nobody"))),
                arguments("inactive user", with(c -> c.put("sub", "gone"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokens")
    void refusesTheToken(String what, String token) {
        gateway.call("GET", "/v1/system/info").token(token).isRefused(401, "unauthorized");
        gateway.call("POST", "/v1/voice/speech")
                .token(token)
                .json("{\"utterance\": \"hello\"}")
                .isRefused(401, "unauthorized");

        assertThat(traffic.sent()).isEmpty();
    }

    static Stream<Arguments> credentials() {
        String token = gateway.token(Gateway.USER);
        return Stream.of(
                arguments("none", ""),
                arguments("empty", "Authorization:\r\n"),
                arguments("no token", "Authorization: Bearer\r\n"),
                arguments("blank token", "Authorization: Bearer  \r\n"),
                arguments("no scheme", "Authorization: " + token + "\r\n"),
                arguments("another scheme", "Authorization: Basic amFydmlzOmphcnZpcw==\r\n"),
                arguments("token as name", "Authorization: Token " + token + "\r\n"),
                arguments("tab", "Authorization: Bearer\t" + token + "\r\n"),
                arguments("other header", "X-Authorization: Bearer " + token + "\r\n"),
                arguments("cookie", "Cookie: access_token=" + token + "\r\n"),
                arguments("high characters", "Authorization: Bearer \u00e4\u00f6.\u00ff.\u00fc\r\n"),
                arguments("camel header", "CamelHttpAuthorization: Bearer " + token + "\r\nprincipal: jarvis\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("credentials")
    void refusesTheHeader(String what, String header) throws Exception {
        String answer =
                gateway.raw("GET /v1/system/info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + header + "\r\n");

        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(answer.toLowerCase()).contains("\r\nwww-authenticate: bearer");
        assertThat(answer).contains("urn:ovos-gateway:unauthorized").doesNotContain(token());
        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void takesNoTokenFromTheQuery() {
        for (String name : List.of("access_token", "token", "Authorization", "authorization")) {
            gateway.call("GET", "/v1/network/internet?" + name + "=" + token())
                    .anonymous()
                    .isRefused(401, "unauthorized");
        }
        assertThat(traffic.sent()).isEmpty();
    }

    static Stream<Arguments> bodies() {
        String deep = "{\"utterance\":" + "[".repeat(40_000) + "]".repeat(40_000) + "}";
        return Stream.of(
                // of no operation at all
                body("no JSON", "hello", 400),
                body("half", "{\"utterance\": \"hello\"", 400),
                body("two", "{\"utterance\": \"a\"}{\"utterance\": \"b\"}", 400),
                body("comment", "{\"utterance\": \"a\" /* b */}", 400),
                body("single quotes", "{'utterance': 'a'}", 400),
                body("not a number", "{\"utterance\": NaN}", 400),
                body("same twice", "{\"utterance\": \"a\", \"utterance\": \"b\"}", 400),
                body("same twice, escaped", "{\"utterance\": \"a\", \"\\u0075tterance\": \"b\"}", 400),
                body("deep", deep, 400),
                body("deep objects", "{\"a\":".repeat(5_000), 400),
                body("NUL", "\0", 400),
                body("raw NUL inside", "{\"utterance\": \"a\0b\"}", 400),
                body("raw line break inside", "{\"utterance\": \"a\nb\"}", 400),
                body("two byte order marks", "\uFEFF\uFEFF{\"utterance\": \"a\"}", 400),
                body("lone high surrogate", "{\"utterance\": \"\\ud83d\"}", 400),
                body("lone low surrogate", "{\"utterance\": \"\\ude00 a\"}", 400),
                body("swapped surrogates", "{\"utterance\": \"\\ude00\\ud83d\"}", 400),
                body("surrogate in a name", "{\"utterance\": \"a\", \"\\ud83d\": 1}", 400),
                body("number without an end", "{\"utterance\": " + "9".repeat(100_000) + "}", 400),
                body("infinite number", "{\"utterance\": 1e999999999}", 400),
                body("infinite language", "{\"utterance\": \"a\", \"lang\": -1e400}", 400),
                // not what the operation takes
                body("list", "[{\"utterance\": \"a\"}]", 422),
                body("string", "\"a\"", 422),
                body("null", "null", 422),
                body("number", "1", 422),
                body("empty object", "{}", 422),
                body("utterance null", "{\"utterance\": null}", 422),
                body("utterance a number", "{\"utterance\": 1}", 422),
                body("utterance a huge number", "{\"utterance\": 99999999999999999999999999999}", 422),
                body("utterance true", "{\"utterance\": true}", 422),
                body("utterance a list", "{\"utterance\": [\"a\"]}", 422),
                body("utterance an object", "{\"utterance\": {\"a\": \"b\"}}", 422),
                body("utterance empty", "{\"utterance\": \"\"}", 422),
                body("utterance white space", "{\"utterance\": \" \\t\\n\\u00a0\\u2003\\u3000\"}", 422),
                body("utterance with NUL", "{\"utterance\": \"a\\u0000b\"}", 422),
                body("utterance with escape", "{\"utterance\": \"\\u001b[31ma\"}", 422),
                body("utterance with C1 control", "{\"utterance\": \"a\\u0085b\"}", 422),
                body("utterance too long", "{\"utterance\": \"" + "a".repeat(4_001) + "\"}", 422),
                body("other case", "{\"Utterance\": \"a\"}", 422),
                body("more members", "{\"utterance\": \"a\", \"app_key\": \"x\"}", 422),
                body("members of the bus", "{\"utterance\": \"a\", \"type\": \"system.reboot\", \"context\": {}}", 422),
                body("expect_response", "{\"utterance\": \"a\", \"expect_response\": true}", 422),
                body("prototype", "{\"utterance\": \"a\", \"__proto__\": {\"x\": 1}}", 422),
                body("type information", "{\"utterance\": \"a\", \"@class\": \"java.lang.Runtime\"}", 422),
                body("lang empty", "{\"utterance\": \"a\", \"lang\": \"\"}", 422),
                body("lang a number", "{\"utterance\": \"a\", \"lang\": 1}", 422),
                body("lang no language", "{\"utterance\": \"a\", \"lang\": \"../../en\"}", 422),
                body("lang with line break", "{\"utterance\": \"a\", \"lang\": \"en-us\\n\"}", 422),
                body("lang too long", "{\"utterance\": \"a\", \"lang\": \"en" + "-abcdefgh".repeat(10) + "\"}", 422));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void refusesTheBody(String what, byte[] body, int status) {
        for (Gateway.Call call : List.of(
                gateway.call("POST", "/v1/voice/speech"),
                gateway.call("POST", "/v1/system/sleep?confirm=true"),
                gateway.call("POST", "/v1/system/wakeup"))) {
            assertThat(call.body("application/json", body).send().statusCode())
                    .as(call.toString())
                    .isEqualTo(status);
        }
        // whatever it is, it is no cache and no login either
        for (Gateway.Call call :
                List.of(gateway.call("DELETE", "/v1/system/cache"), gateway.call("POST", "/v1/auth/tokens"))) {
            assertThat(call.body("application/json", body).send().statusCode())
                    .as(call.toString())
                    .isIn(400, 413, 422);
        }
        assertThat(traffic.sent()).isEmpty();
    }

    static Stream<Arguments> encodings() {
        return Stream.of(
                arguments("Latin 1", "{\"utterance\": \"gr\u00fc\u00dfe\"}".getBytes(StandardCharsets.ISO_8859_1)),
                arguments("UTF-16", "{\"utterance\": \"a\"}".getBytes(StandardCharsets.UTF_16)),
                arguments("UTF-16LE", "{\"utterance\": \"a\"}".getBytes(StandardCharsets.UTF_16LE)),
                arguments("UTF-32", "{\"utterance\": \"a\"}".getBytes(Charset.forName("UTF-32BE"))),
                arguments("overlong", bytes("{\"utterance\": \"", 0xC0, 0xAF)),
                arguments("surrogate in UTF-8", bytes("{\"utterance\": \"", 0xED, 0xA0, 0x80)),
                arguments("beyond Unicode", bytes("{\"utterance\": \"", 0xF5, 0x80, 0x80, 0x80)),
                arguments("continuation alone", bytes("{\"utterance\": \"", 0x80)),
                arguments("gzip", bytes("", 0x1F, 0x8B, 8, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encodings")
    void refusesWhatIsNotUtf8(String what, byte[] body) {
        gateway.call("POST", "/v1/voice/speech")
                .body("application/json; charset=utf-8", body)
                .isRefused(400, "malformed");

        assertThat(traffic.sent()).isEmpty();
    }

    static Stream<Arguments> mediaTypes() {
        return Stream.of(
                        "text/plain",
                        "text/html",
                        "application/xml",
                        "application/jsonp",
                        "application/octet-stream",
                        "application/x-www-form-urlencoded",
                        "multipart/form-data",
                        "multipart/form-data; boundary=x",
                        "multipart/form-data; boundary=",
                        "nonsense",
                        ";",
                        "application/json/",
                        "application/json; charset=\"",
                        "application/json,text/plain")
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("mediaTypes")
    void refusesWhatIsNotSaidToBeJson(String mediaType) {
        byte[] speech = "{\"utterance\": \"a\"}".getBytes(UTF_8);

        gateway.call("POST", "/v1/voice/speech").body(mediaType, speech).isRefused(415, "unsupported-media-type");

        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-7", "utf-16", "latin1", "x-unknown", "..", "\"utf-8\"", "", "utf-8; charset=utf-16"})
    void readsJsonAsUtf8WhateverElseItIsSaidToBe(String charset) {
        gateway.call("POST", "/v1/voice/speech?done=sent")
                .body("application/json; charset=" + charset, "{\"utterance\": \"grüße\"}".getBytes(UTF_8))
                .answers(200, "{\"utterance\": \"grüße\", \"lang\": null}");

        traffic.assertSent("speak", Map.of("utterance", "grüße"));
    }

    @Test
    void refusesABodyWithoutAType() {
        gateway.call("POST", "/v1/voice/speech")
                .body(null, "{\"utterance\": \"a\"}".getBytes(UTF_8))
                .isRefused(415, "unsupported-media-type");

        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void refusesNoBodyWhereOneIsNeeded() {
        gateway.call("POST", "/v1/voice/speech").isRefused(422, "validation");
        gateway.call("POST", "/v1/voice/speech")
                .body("application/json", new byte[0])
                .isRefused(422, "validation");
        gateway.call("DELETE", "/v1/system/cache").isRefused(422, "validation");
        gateway.call("POST", "/v1/auth/tokens").anonymous().isRefused(422, "validation");

        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        byte[] large = new byte[2 << 20];
        Arrays.fill(large, (byte) ' ');

        for (String path : List.of("/v1/voice/speech", "/v1/system/sleep", "/v1/auth/tokens")) {
            gateway.call("POST", path).body("application/json", large).isRefused(413, "content-too-large");
        }
        gateway.call("DELETE", "/v1/system/cache")
                .body("application/json", large)
                .isRefused(413, "content-too-large");
        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void refusesACompressedBody() {
        gateway.call("POST", "/v1/voice/speech")
                .header("Content-Encoding", "gzip")
                .json("{\"utterance\": \"a\"}")
                .isRefused(415, "unsupported-media-type");

        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cache_type\": \"stt\"}",
                "{\"cache_type\": \"TTS\"}",
                "{\"cache_type\": \"tts\\n\"}",
                "{\"cache_type\": \"../../etc\"}",
                "{\"cache_type\": \"\"}",
                "{\"cache_type\": null}",
                "{\"cache_type\": [\"tts\"]}",
                "{\"cache_type\": \"tts\", \"path\": \"/\"}"
            })
    void refusesAnUnknownCache(String body) {
        gateway.call("DELETE", "/v1/system/cache").json(body).isRefused(422, "validation");

        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user\": \"jarvis\"}",
                "{\"user\": \"jarvis\", \"password\": \"\"}",
                "{\"user\": \"jarvis\", \"password\": null}",
                "{\"user\": \"jarvis\", \"password\": [\"a\"]}",
                "{\"user\": \"jarvis\", \"password\": \"a\\u0000b\"}",
                "{\"user\": \"jarvis\", \"password\": \"<73 bytes>\"}",
                "{\"user\": [\"jarvis\"], \"password\": \"a\"}",
                "{\"user\": {\"$ne\": 1}, \"password\": \"a\"}",
                "{\"user\": \"\", \"password\": \"a\"}",
                "{\"user\": \"jarvis\\n\", \"password\": \"a\"}",
                "{\"user\": \"jarvis\", \"password\": \"a\", \"scopes\": [\"*\"]}"
            })
    void refusesWhatIsNoLogin(String body) {
        byte[] bytes = body.replace("<73 bytes>", "ä".repeat(36) + "a").getBytes(UTF_8);
        gateway.call("POST", "/v1/auth/tokens")
                .anonymous()
                .body("application/json", bytes)
                .isRefused(422, "validation");
    }

    static Stream<Arguments> queries() {
        return Stream.of(
                        "/v1/system/info?sort",
                        "/v1/system/info?sort=1",
                        "/v1/system/info?sort=true&sort=true",
                        "/v1/system/info?Sort=true",
                        "/v1/system/info?sort=%",
                        "/v1/system/info?sort=true%00",
                        "/v1/system/info?sort=${bean:masks}",
                        "/v1/system/info?skill_id=x",
                        "/v1/system/info?CamelOvosType=system.reboot",
                        "/v1/system/config?sort=%c0%af",
                        "/v1/skills?sort[]=true",
                        "/v1/network/internet?a",
                        "/v1/skills/skill-rest-api.smartgic/settings?skill=other")
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("queries")
    void refusesTheQuery(String target) throws Exception {
        String answer = gateway.raw(get(target));

        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|422) .*").contains("application/problem+json");
        assertThat(traffic.sent()).isEmpty();
    }

    static Stream<Arguments> paths() {
        return Stream.of(
                path("encoded slashes", "/v1/skills/..%2f..%2f..%2fetc%2fpasswd/settings", 404, 422),
                path("encoded slash in the path", "/v1/system%2finfo", 404),
                path("encoded slash upper case", "/v1%2Fsystem%2Finfo", 404),
                path("encoded backslash", "/v1/skills/..%5c..%5cwindows/settings", 404, 422),
                path("backslashes", "/v1\\system\\info", 400, 404),
                path("encoded dots", "/v1/skills/%2e%2e/settings", 404, 422),
                path("encoded dot", "/v1/skills/%2e/settings", 404, 422),
                path("dots", "/v1/skills/../settings", 404),
                path("above the root", "/../../../../etc/passwd", 400, 404),
                path("dots to another operation", "/v1/skills/../voice/microphone", 200, 404),
                path("encoded dots to another operation", "/v1/skills/%2e%2e/voice/microphone", 200, 404),
                path("double encoding", "/v1/skills/%252e%252e%252f/settings", 404, 422),
                path("double encoded letter", "/v1/voice/%256dicrophone", 404),
                path("encoded letter", "/v1/voice/%6dicrophone", 200, 404),
                path("encoded CRLF", "/v1/skills/a%0d%0aSet-Cookie:%20x=y/settings", 404, 422),
                path("encoded CRLF at the end", "/v1/voice/microphone%0d%0a", 400, 404),
                path("encoded line feed in an id", "/v1/skills/skill-rest-api.smartgic%0a/settings", 404, 422),
                path("encoded NUL", "/v1/skills/a%00/settings", 400, 404, 422),
                path("encoded NUL at the end", "/v1/voice/microphone%00", 400, 404),
                path("bad escape", "/v1/skills/%zz/settings", 400, 404, 422),
                path("half an escape", "/v1/voice/microphone%", 400, 404),
                path("overlong dot", "/v1/skills/%c0%ae%c0%ae/settings", 400, 404, 422),
                path("invalid UTF-8", "/v1/skills/%ff%fe/settings", 400, 404, 422),
                path("raw high bytes", "/v1/skills/\u00ff\u00e4/settings", 400, 404, 422),
                path("unicode", "/v1/skills/%e2%80%ae%f0%9f%98%80/settings", 404, 422),
                path("full width letters", "/v1/voice/%ef%bd%8dicrophone", 404),
                path("very long id", "/v1/skills/" + "a".repeat(7_000) + "/settings", 404, 422),
                path("too long", "/v1/skills/" + "a".repeat(9_000) + "/settings", 414),
                path("many segments", "/v1" + "/a".repeat(3_000), 404),
                path("double slash", "//v1//voice//microphone", 200, 404),
                path("double slash inside", "/v1/voice//microphone", 200, 404),
                path("empty id", "/v1/skills//settings", 404, 422),
                path("trailing slash", "/v1/voice/microphone/", 200, 404),
                path("other case", "/V1/Voice/Microphone", 404),
                path("other case of a part", "/v1/voice/Microphone", 404),
                path("parameters", "/v1/voice/microphone;a=b", 404),
                path("parameters in the middle", "/v1;a=b/voice/microphone", 404),
                path("parameters of an id", "/v1/skills/skill-rest-api.smartgic;a=b/settings", 404, 422),
                path("suffix", "/v1/voice/microphone.json", 404),
                path("too few segments", "/v1/voice", 404),
                path("too many segments", "/v1/voice/microphone/state", 404),
                path("base path alone", "/v1", 404),
                path("template", "/v1/skills/{skill_id}/settings", 400, 404, 422),
                path("expression", "/v1/skills/$%7Bbody%7D/settings", 404, 422),
                path("wild card", "/v1/skills/*/settings", 404, 422),
                path("route", "/v1/direct:isSkillActive", 404),
                path("route by its name", "/isSkillActive", 404),
                path("file of the routes", "/routes/openapi.yaml", 404),
                path("fragment", "/v1/voice/microphone#/x", 200, 400, 404),
                path("absolute", "http://elsewhere.test/v1/voice/microphone", 200, 400, 404),
                path("absolute, other scheme", "ftp://elsewhere.test/v1/voice/microphone", 200, 400, 404),
                path("no slash", "v1/voice/microphone", 400, 404),
                path("question marks", "/v1/voice/microphone??", 200, 422));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("paths")
    void isNotLedAstrayByThePath(String what, String target, Set<Integer> statuses) throws Exception {
        String answer = gateway.raw(get(target));

        assertThat(answer).as(target).matches("(?s)HTTP/1\\.[01] \\d{3} .*");
        int status = Integer.parseInt(answer.substring(9, 12));
        assertThat(status).as("%s: %s", target, answer).isIn(statuses);
        String head = answer.substring(0, answer.indexOf("\r\n\r\n")).toLowerCase();
        assertThat(head).contains("\r\nx-request-id: ").doesNotContain("set-cookie");
        if (status != 200) {
            assertThat(head).contains("application/problem+json");
            assertThat(traffic.sentTypes()).isSubsetOf(status == 404 ? List.of("skillmanager.list") : List.of());
        } else {
            // read as the one operation that it may mean
            assertThat(traffic.sentTypes()).containsExactly("mycroft.mic.get_status");
        }
        assertThat(answer).doesNotContain("Exception").doesNotContain(token());
    }

    @Test
    void isNotLedAstrayByTheMethod() throws Exception {
        for (String method : List.of("PUT", "DELETE", "PATCH", "BREW", "get", "G", "ET", "TRACE", "PROPFIND")) {
            String answer = gateway.raw(get("/v1/voice/microphone").replaceFirst("GET", method));
            assertThat(answer).as(method).matches("(?s)HTTP/1\\.1 (400|404|405) .*");
        }
        // Camel takes an OPTIONS for whatever operation the path has
        for (String path : List.of("/v1/voice/microphone/mute", "/v1/voice/speech", "/v1/system/sleep")) {
            assertThat(gateway.raw(get(path).replaceFirst("GET", "OPTIONS")))
                    .startsWith("HTTP/1.1 204 ")
                    .containsPattern("(?i)\r\nallow: [A-Z, ]+, OPTIONS\r\n");
        }
        String overridden =
                get("/v1/voice/microphone/mute").replaceFirst("\r\n", "\r\nX-HTTP-Method-Override: PUT\r\n");
        assertThat(gateway.raw(overridden)).matches("(?s)HTTP/1\\.1 40[45] .*");
        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void takesNoParameterAndNoInstructionFromAHeader() throws Exception {
        String headers = """
                \r\nskill_id: skill-rest-api.smartgic\r
                sort: true\r
                scope: speech\r
                confirm: true\r
                CamelOvosType: system.reboot\r
                CamelHttpResponseCode: 418\r
                CamelHttpPath: /v1/system/info\r
                CamelHttpMethod: DELETE\r
                CamelHttpUri: http://127.0.0.1:9/\r
                CamelBeanMethodName: toString\r
                CamelToEndpoint: ovos:system.reboot\r
                """;
        String answer = gateway.raw(get("/v1/network/internet").replaceFirst("\r\n", headers.replace("$", "\\$")));

        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("{\"connected\":true}");
        assertThat(answer).doesNotContain("system.reboot");
        traffic.assertSent("ovos.PHAL.internet_check", Map.of());
    }

    private static String token() {
        return gateway.token(Gateway.USER);
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " + token()
                + "\r\n\r\n";
    }

    private static Arguments body(String what, String body, int status) {
        return arguments(what, body.getBytes(UTF_8), status);
    }

    private static Arguments path(String what, String target, Integer... statuses) {
        return arguments(what, target, new HashSet<>(List.of(statuses)));
    }

    private static byte[] bytes(String before, int... raw) {
        byte[] start = before.getBytes(StandardCharsets.US_ASCII);
        byte[] end = "\"}".getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(start, start.length + raw.length + end.length);
        for (int i = 0; i < raw.length; i++) {
            all[start.length + i] = (byte) raw[i];
        }
        System.arraycopy(end, 0, all, start.length + raw.length, end.length);
        return all;
    }

    /** The claims of a good token, changed. */
    private static ObjectNode claims(Consumer<ObjectNode> change) {
        try {
            byte[] payload = Base64.getUrlDecoder().decode(token().split("\\.")[1]);
            ObjectNode claims = (ObjectNode) JSON.readTree(payload);
            change.accept(claims);
            return claims;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String with(Consumer<ObjectNode> change) throws Exception {
        return signed(HS256, claims(change).toString());
    }

    private static String without(String claim) throws Exception {
        return with(claims -> claims.remove(claim));
    }

    /** Signed with the key of the gateway, so that nothing but what is tested is wrong. */
    private static String signed(String header, String payload) throws Exception {
        return signed("HmacSHA256", Gateway.SECRET, header, payload);
    }

    private static String signed(String algorithm, String key, String header, String payload) throws Exception {
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(key.getBytes(UTF_8), algorithm));
        String signed = encoded(header) + "." + encoded(payload);
        return signed + "." + encoded(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String rs256(String payload) throws Exception {
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate());
        String signed = encoded("{\"alg\":\"RS256\"}") + "." + encoded(payload);
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + encoded(signature.sign());
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
