// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.avs;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.avs.AvsClient.Style;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.demo.Sounds;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.ovosgateway.avs.AvsClient.METADATA;
import static org.ovosgateway.avs.AvsClient.RECOGNIZE;
import static org.ovosgateway.avs.AvsClient.TYPE;

/** The Alexa Voice Service as far as it goes without ffmpeg: tokens, requests, refusals; and what nobody should send. */
class AvsTest {

    private static final String TOKEN = "/auth/o2/token";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String INVALID_TOKEN = "com.amazon.alexahttpproxy.exceptions.InvalidAccessTokenException";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.apis.avs.enabled", true)
            .with("ovos.apis.avs.client-id", "client")
            .with("ovos.apis.avs.client-secret", "client-secret")
            .with("ovos.audio.ffmpeg", "/no/such/ffmpeg")
            .with("ovos.routes.check-interval", "20ms")
            .withRoutesToEdit()
            .user("mute", "voice:speak");

    @BeforeEach
    void connect() {
        gateway.awaitBus();
        gateway.token(Gateway.USER);
    }

    @Test
    void givesAnAccessTokenForALongLivedOneAndKeepsIt() {
        String kept = gateway.permatoken("{\"name\": \"alexa\"}").path("token").asText();

        for (int i = 0; i < 2; i++) {
            JsonNode answer = token(
                    "grant_type=refresh_token&client_id=client&client_secret=client-secret&refresh_token=" + kept, 200);
            assertThat(answer.path("token_type").asText()).isEqualTo("bearer");
            assertThat(answer.path("expires_in").asInt()).isPositive();
            assertThat(answer.path("refresh_token").asText()).isEqualTo(kept);
            next(answer.path("access_token").asText()).answers(204);
        }
    }

    @Test
    void givesAnAccessTokenForTheRefreshTokenOfALogin() {
        String refresh = gateway.logIn(Gateway.USER).refresh();

        for (int i = 0; i < 2; i++) {
            JsonNode answer = gateway.call("POST", TOKEN)
                    .anonymous()
                    .json("""
                            {"grant_type": "refresh_token", "refresh_token": "%s", "client_id": "client", "client_secret": "client-secret"}""".formatted(refresh))
                    .answers(200);
            assertThat(answer.path("expires_in").asInt()).isEqualTo(1_800);
            assertThat(answer.path("refresh_token").asText()).isEqualTo(refresh);
            next(answer.path("access_token").asText()).answers(204);
        }
    }

    @ParameterizedTest
    @MethodSource
    void refusesATokenAsLoginWithAmazonDoes(String form, int status, String error) {
        JsonNode answer = token(form.replace("ACCESS", gateway.token(Gateway.USER)), status);

        assertThat(answer.path("error").asText()).isEqualTo(error);
        assertThat(answer.path("error_description").asText()).isNotEmpty();
        assertThat(answer.path("request_id").asText()).isNotEmpty();
    }

    static Stream<Arguments> refusesATokenAsLoginWithAmazonDoes() {
        String client = "client_id=client&client_secret=client-secret&";
        return Stream.of(
                arguments(client + "grant_type=refresh_token&refresh_token=unknown", 400, "invalid_grant"),
                arguments(client + "grant_type=refresh_token", 400, "invalid_grant"),
                // an access token must not become one that is good for longer
                arguments(client + "grant_type=refresh_token&refresh_token=ACCESS", 400, "invalid_grant"),
                arguments(client + "grant_type=authorization_code&code=1", 400, "unsupported_grant_type"),
                arguments("a=b", 400, "unsupported_grant_type"),
                arguments("grant_type=refresh_token&client_id=client&client_secret=other", 401, "invalid_client"),
                arguments("grant_type=refresh_token&client_secret=client-secret", 401, "invalid_client"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "null",
                "\"a\"",
                "{\"grant_type\": {\"a\": 1}}",
                "grant_type",
                "{\"grant_type\": 1, \"grant_type\": 2}",
                "{} {}"
            })
    void refusesWhatIsNoRequestForAToken(String json) {
        assertThat(gateway.call("POST", TOKEN)
                        .anonymous()
                        .json(json)
                        .answers(400)
                        .path("error")
                        .asText())
                .isIn("invalid_request", "unsupported_grant_type");
    }

    @Test
    void goesOnWithTheSameConversationAfterARequestThatHasFailed() {
        Avs avs = new Avs();
        Exchange exchange = new DefaultExchange(new DefaultCamelContext(false));
        exchange.setProperty(
                Caller.PROPERTY,
                new Caller(Caller.Kind.USER, "ada", Caller.ALL, new Caller.Login("1", "2", "3", null, null, false)));
        exchange.getMessage().setBody(Map.of("conversation_id", "one", "status", "waiting_for_answer"));
        avs.keep(exchange);

        for (int i = 0; i < 2; i++) {
            exchange.getMessage().setBody(Map.of("transcriptions", List.of(Map.of("text", "Ada"))));
            Map<String, Object> asked = avs.utterance(exchange);
            assertThat(asked).containsEntry("conversation_id", "one");
            // what is in the body when it fails
            exchange.getMessage().setBody(asked);
            avs.keep(exchange);
        }
    }

    @Test
    void readsNoLargeRequestForAToken() {
        assertThat(gateway.call("POST", TOKEN)
                        .anonymous()
                        .json("\"" + "a".repeat(20_000) + "\"")
                        .send()
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void answersABadTokenWithTheCodeThatClientsLookFor() {
        for (String bad : new String[] {"bad", "Atza|IQEBLjAsAhRmHjNgHpi0U", "gwt_000000000000_0"}) {
            JsonNode answer = gateway.call("POST", RECOGNIZE)
                    .token(bad)
                    .body(TYPE, AvsClient.form(Sounds.wav("hello")))
                    .answers(403);
            assertThat(answer.at("/error/code").asText()).isEqualTo(INVALID_TOKEN);
            assertThat(answer.at("/error/message").asText()).isNotEmpty();
        }
    }

    @Test
    void needsTheScopeOfAConversation() {
        JsonNode answer = AvsClient.asks(gateway, "hello").as("mute").answers(403);

        // a new token would not help
        assertThat(answer.at("/error/code").asText()).isEqualTo("com.amazon.alexahttpproxy.exceptions.forbidden");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "getNextItem",
                "playbackStarted",
                "playbackFinished",
                "playbackError",
                "playbackIdle",
                "playbackInterrupted",
                "playbackProgressReport"
            })
    void takesReports(String report) {
        // as requests of Python sends a text: without a type
        gateway.call("POST", "/v1/avs/audioplayer/" + report)
                .body(null, "{\"messageHeader\": {}, \"messageBody\": {}}".getBytes(StandardCharsets.UTF_8))
                .answers(204);
    }

    @ParameterizedTest
    @MethodSource("styles")
    void answersSilenceWithNothing(Style style) {
        recognize(AvsClient.form(style, METADATA, Sounds.wav(""))).answers(204);
        // the second try of a client that has read its file already
        recognize(AvsClient.form(style, METADATA, new byte[0])).answers(204);
        recognize(AvsClient.form(style, METADATA, new byte[32_000])).answers(204);
    }

    @ParameterizedTest
    @MethodSource("styles")
    void handsTheSoundToTheListenerInTheLanguageOfTheClient(Style style) {
        recognize(AvsClient.form(style, METADATA.replace("en-us", "de-de"), new byte[32_000]))
                .answers(204);

        JsonNode data = bus.frames("recognizer_loop:b64_transcribe").stream()
                .reduce((first, last) -> last)
                .orElseThrow()
                .data();
        assertThat(data.path("lang").asText()).isEqualTo("de-de");
        assertThat(data.path("sample_rate").asInt()).isEqualTo(16_000);
        byte[] wav = Base64.getDecoder().decode(data.path("audio").asText());
        assertThat(new String(wav, 0, 4, StandardCharsets.ISO_8859_1)).isEqualTo("RIFF");
        assertThat(wav).hasSize(32_044);
    }

    static Stream<Style> styles() {
        return Arrays.stream(Style.values());
    }

    @Test
    void takesASoundWhileItIsRecorded() throws IOException {
        byte[] form = AvsClient.form(Style.RESPEAKER, METADATA, new byte[64_000]);
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(30_000);
            var out = socket.getOutputStream();
            out.write(
                    ("POST " + RECOGNIZE + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                                    + gateway.token(Gateway.USER) + "\r\nContent-Type: " + TYPE
                                    + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            for (int at = 0; at < form.length; at += 1_000) {
                int length = Math.min(1_000, form.length - at);
                out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.write(form, at, length);
                out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 204 ");
        }
    }

    @Test
    void saysWhatToInstallWhereItCannotMakeMp3() {
        JsonNode answer = AvsClient.asks(gateway, "hello").answers(501);

        assertThat(answer.at("/error/code").asText()).endsWith("transcoder-missing");
        assertThat(answer.at("/error/message").asText()).contains("apt install ffmpeg");
    }

    /** None of these is answered with 5xx, or with success. */
    @ParameterizedTest
    @MethodSource
    void refusesWhatIsNoSuchForm(String type, String body) {
        HttpResponse<String> answer = gateway.call("POST", RECOGNIZE)
                .body(type, body.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1))
                .send();

        assertThat(answer.statusCode()).as(answer.body()).isIn(400, 413, 415, 422);
        assertThat(answer.body()).contains("com.amazon.alexahttpproxy.exceptions.");
    }

    static Stream<Arguments> refusesWhatIsNoSuchForm() {
        String json = "--b\nContent-Disposition: form-data; name=\"request\"\nContent-Type: application/json\n\n{}\n";
        String audio = "--b\nContent-Disposition: form-data; name=\"audio\"\n\n";
        String form = "multipart/form-data; boundary=b";
        return Stream.of(
                arguments(form, ""),
                arguments(form, "--b"),
                arguments(form, "--b--"),
                arguments(form, "--b\n--b--"),
                arguments(form, "nothing"),
                arguments(form, json + "--b--\n"),
                arguments(form, json + audio + "RIFF"),
                arguments(form, json + audio),
                arguments(form, json + "--b\n\n\n--b--\n"),
                arguments(form, json + "--b\nno colon\n\nRIFFxxxxWAVEfmt \n--b--\n"),
                arguments(form, json + audio + "RIFFxxxxWAVEfmt \n--b--\n"),
                arguments(form, json + audio + "RIFFxxxxWAVEdata\0\0\0\0\n--b--\n"),
                arguments(form, json.replace("{}", "{") + audio + "RIFF\n--b--\n"),
                arguments(form, json.replace("{}", "[".repeat(5_000)) + audio + "RIFF\n--b--\n"),
                arguments(form, json.replace("{}", "\"" + "a".repeat(70_000) + "\"") + audio + "RIFF\n--b--\n"),
                arguments(
                        form,
                        json.replace("{}", "{\"messageBody\": {\"locale\": \"no language\"}}") + audio
                                + "RIFF\n--b--\n"),
                arguments(form, json.replace("{}", "{\"messageBody\": {\"locale\": []}}") + audio + "RIFF\n--b--\n"),
                arguments(
                        form, json + audio.replace("\n\n", "\nContent-Type: audio/L16; rate=1\n\n") + "abcd\n--b--\n"),
                arguments(
                        form,
                        json + audio.replace("\n\n", "\nContent-Type: audio/L16; channels=9\n\n") + "abcd\n--b--\n"),
                arguments(form, (json + audio + "RIFF\n").repeat(9) + "--b--\n"),
                arguments(form, json + "--b\n" + "A: b\n".repeat(2_000) + "\nRIFF\n--b--\n"),
                arguments("multipart/form-data", json),
                arguments("multipart/form-data; boundary=", json),
                arguments("multipart/form-data; boundary=" + "b".repeat(100), json),
                arguments("multipart/mixed; boundary=b", json),
                arguments("application/json", "{}"),
                arguments("audio/wav", "RIFF"),
                arguments(null, "RIFF"));
    }

    @Test
    void saysThatASoundIsShorterThanASample() {
        JsonNode answer = recognize(AvsClient.form(new byte[1])).answers(422);

        assertThat(answer.at("/error/message").asText()).contains("shorter than one");
    }

    @Test
    void readsNoSoundThatIsTooLong() {
        JsonNode answer = recognize(AvsClient.form(new byte[3 << 20])).answers(413);

        assertThat(answer.at("/error/code").asText()).isNotEmpty();
    }

    /** Bodies that do not end, or have no end of the form, leave nothing behind. */
    @Test
    void holdsNothingOfWhatDoesNotEnd() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
                var out = socket.getOutputStream();
                out.write(("POST " + RECOGNIZE + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                + gateway.token(Gateway.USER) + "\r\nContent-Type: " + TYPE
                                + "\r\nContent-Length: 2000000\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
                out.write(Arrays.copyOf(AvsClient.form(new byte[100_000]), 100_000));
                out.flush();
            }
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> gateway.gauge("ovos.http.uploads") == 0);
        recognize(AvsClient.form(Sounds.wav(""))).answers(204);
    }

    @Test
    void isGoneWithItsFolder() throws IOException {
        var folder = gateway.routes().resolve("avs");
        var kept = gateway.folder().resolve("avs");
        FileSystemUtils.copyRecursively(folder, kept);
        try {
            FileSystemUtils.deleteRecursively(folder);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> status("/v1/avs/audioplayer/getNextItem") == 404 && status(TOKEN) == 404);
            gateway.call("GET", "/v1/network/ping").anonymous().answers(200);
        } finally {
            FileSystemUtils.copyRecursively(kept, folder);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> status("/v1/avs/audioplayer/getNextItem") == 204 && status(TOKEN) == 400);
        }
    }

    private static int status(String path) {
        return gateway.call("POST", path).send().statusCode();
    }

    private static JsonNode token(String form, int status) {
        return gateway.call("POST", TOKEN)
                .anonymous()
                .body(FORM, form.getBytes(StandardCharsets.UTF_8))
                .answers(status);
    }

    private static Gateway.Call next(String token) {
        return gateway.call("POST", "/v1/avs/audioplayer/getNextItem").token(token);
    }

    private static Gateway.Call recognize(byte[] form) {
        return gateway.call("POST", RECOGNIZE).body(TYPE, form);
    }
}
