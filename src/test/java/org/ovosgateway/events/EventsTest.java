// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EventReader;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What readers of {@code GET /v1/events} hear of two simulated assistants. */
class EventsTest {

    private static final String EVENTS = "/v1/events";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int KEPT = 50;

    @RegisterExtension
    @Order(1)
    static final FakeBus BUS = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final FakeBus KITCHEN = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(3)
    static final Gateway GATEWAY = Gateway.on(BUS::port)
            .with("ovos.devices.kitchen.port", KITCHEN::port)
            .with("ovos.events.replay", KEPT)
            .with("ovos.assistant.check-interval", "1h")
            .with("ovos.http.max-streams", "400")
            .with("ovos.http.max-streams-per-caller", "300")
            .user("reader", "events:read")
            .user("cook", "events:read")
            .devices("cook", "kitchen")
            .user("guest", "events:read")
            .user("leaver", "events:read")
            .user("parent", "events:read", "history:all")
            .user("engineer", "events:read", "bus:read")
            .user("limited", "events:read", "bus:read")
            .skills("limited", "deny", "ovos-skill-weather.openvoiceos")
            .user("speaker", "voice:speak")
            .routes("own.camel.yaml", """
                    - route:
                        id: tell
                        from:
                          uri: platform-http:/tell?access=voice:speak
                          steps:
                            - setHeader: { name: CamelOvosDevice, simple: "${header.of}" }
                            - to: event:told?data.number=${header.number}
                            - setBody: { simple: "${null}" }
                    """);

    private final List<EventReader> readers = new ArrayList<>();

    @BeforeEach
    void bothAreThere() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(GATEWAY.call("GET", EVENTS + "?follow=false&snapshot=true")
                                .send()
                                .body()
                                .split("\"availability\":\"online\"", -1))
                        .hasSize(3));
    }

    @AfterEach
    void leave() {
        readers.forEach(EventReader::close);
        await().atMost(PATIENCE).until(() -> GATEWAY.gauge("ovos.events.readers") == 0);
    }

    private EventReader read(String user, String query, String... headers) {
        EventReader reader = new EventReader(GATEWAY, GATEWAY.token(user), EVENTS + query, headers);
        readers.add(reader);
        return reader;
    }

    private static void tell(String device, int number) {
        GATEWAY.call("POST", "/tell?of=" + device + "&number=" + number).answers(204);
    }

    private static Predicate<JsonNode> told(int number) {
        return event -> event.path("type").asText().equals("told")
                && event.at("/data/number").asText().equals(Integer.toString(number));
    }

    private static List<String> numbers(EventReader reader) {
        return reader.events().stream()
                .filter(event -> event.path("type").asText().equals("told"))
                .map(event -> event.at("/data/number").asText())
                .toList();
    }

    @Test
    void tellWhatIsHeardUnderstoodAndSaid() {
        EventReader reader = read("reader", "?devices=default");
        BUS.assistant().hear("hello");

        JsonNode intent = reader.await("intent");
        assertThat(intent.path("device").asText()).isEqualTo("default");
        assertThat(intent.at("/data/skill").asText()).isEqualTo("ovos-skill-hello-world.openvoiceos");
        assertThat(intent.path("time").asText()).matches("\\d{4}-.*Z");
        assertThat(reader.await("utterance").at("/data/text").asText()).isEqualTo("hello");
        reader.await(event -> event.path("type").asText().equals("property.last_answer")
                && event.at("/data/value/text").asText().contains("Hello"));
        reader.await("spoken");
        assertThat(reader.types()).containsSubsequence("utterance", "intent", "spoken");
        assertThat(reader.events())
                .allSatisfy(event -> assertThat(event.path("id").asText()).isIn(reader.ids()));
    }

    @Test
    void haveTheMessagesOfTheBusForThoseAloneWhoAskForThem() {
        EventReader engineer = read("engineer", "?types=bus:test.*,told&devices=default");
        EventReader all = read("engineer", "?types=*");
        BUS.send(
                "test.message",
                Map.of("text", "hi", "api_key", "hush", "url", "http://me:hush@host"),
                Map.of(
                        "session",
                        Map.of("session_id", "own", "location", Map.of("city", "hush")),
                        "app_key",
                        "hush",
                        "skill_id",
                        "test.skill"));
        BUS.send("other.message", Map.of());

        JsonNode event = engineer.await("bus:test.message");
        tell("default", 1);
        engineer.await(told(1));
        all.await(told(1));

        assertThat(event.path("device").asText()).isEqualTo("default");
        assertThat(event.has("id")).isFalse();
        assertThat(event.at("/data/data/text").asText()).isEqualTo("hi");
        assertThat(event.at("/data/context/skill_id").asText()).isEqualTo("test.skill");
        assertThat(event.at("/data/context/session").toString()).isEqualTo("{\"session_id\":\"own\"}");
        assertThat(event.toString()).doesNotContain("hush");
        assertThat(engineer.types()).containsExactly("bus:test.message", "told");
        assertThat(all.types()).noneMatch(type -> type.startsWith("bus:"));
        assertThat(read("engineer", "?follow=false&types=bus:*,told&last_event_id=0-0")
                        .types())
                .noneMatch(type -> type.startsWith("bus:"));
    }

    @Test
    void haveNoLargeDataOfAMessageOfTheBus() {
        EventReader engineer = read("engineer", "?types=bus:test.large");
        BUS.send("test.large", Map.of("audio", "x".repeat(20_000)), Map.of("session", Map.of("session_id", "own")));

        assertThat(engineer.await("bus:test.large").path("data").toString())
                .isEqualTo("{\"omitted\":true,\"context\":{\"session\":{\"session_id\":\"own\"}}}");
    }

    @Test
    void haveNoMessagesOfTheBusWithoutTheScopeOrForWhoMayAskSomeSkillsOnly() {
        String path = EVENTS + "?types=intent,bus:speak";

        assertThat(GATEWAY.call("GET", path)
                        .as("reader")
                        .isRefused(403, "forbidden")
                        .path("detail")
                        .asText())
                .contains("bus:read");
        GATEWAY.call("GET", path).as("limited").isRefused(403, "forbidden");
    }

    @Test
    void comeInOrderToAllReaders() {
        List<EventReader> all = List.of(read("reader", "?types=told"), read("guest", "?types=t*d"));
        IntStream.range(0, 20).forEach(number -> tell("default", number));

        for (EventReader reader : all) {
            reader.await(told(19));
            assertThat(numbers(reader))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 20).mapToObj(Integer::toString).toList());
            assertThat(reader.types()).containsOnly("told");
        }
    }

    @Test
    void areThoseOfTheTypesAndDevicesThatAreWanted() {
        EventReader reader = read("reader", "?types=told,nothing&devices=kitchen");
        EventReader other = read("reader", "?types=property.*");
        tell("default", 1);
        tell("kitchen", 2);
        reader.await(told(2));

        assertThat(numbers(reader)).containsExactly("2");
        assertThat(numbers(other)).isEmpty();
    }

    @Test
    void areThoseOfTheDevicesThatAUserMayUse() {
        EventReader cook = read("cook", "?types=told");
        tell("default", 1);
        tell("kitchen", 2);
        cook.await(told(2));

        assertThat(numbers(cook)).containsExactly("2");
        GATEWAY.call("GET", EVENTS + "?devices=default").as("cook").isRefused(403, "forbidden");
        GATEWAY.call("GET", EVENTS + "?devices=attic").as("cook").isRefused(403, "forbidden");
        GATEWAY.call("GET", EVENTS + "?devices=attic").as("reader").isRefused(404, "unknown-device");
        assertThat(GATEWAY.call("GET", EVENTS + "?follow=false&snapshot=true")
                        .as("cook")
                        .send()
                        .body())
                .contains("kitchen")
                .doesNotContain("default");
    }

    @Test
    void areForThoseWhoHaveTheScope() {
        GATEWAY.call("GET", EVENTS).as("speaker").isRefused(403, "forbidden");
        GATEWAY.call("GET", EVENTS).anonymous().isRefused(401, "unauthorized");
        GATEWAY.call("GET", EVENTS + "?types=a%20b").as("reader").isRefused(422, "validation");
        GATEWAY.call("GET", EVENTS + "?token=x").as("reader").isRefused(422, "validation");
    }

    @Test
    void endWithTheRightsOfTheirReader() {
        EventReader leaver = read("leaver", "?types=told");
        tell("default", 1);
        leaver.await(told(1));
        GATEWAY.active("leaver", false);

        leaver.awaitEnd();
    }

    @Test
    void endWhenTheirReaderMayNoLongerHearThoseOfOthers() {
        EventReader parent = read("parent", "?types=told");
        tell("default", 2);
        parent.await(told(2));
        GATEWAY.user("parent", "events:read");

        parent.awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/auth/tickets", "/v1/events/tickets"})
    void openToAWebPageByATicketForOnce(String tickets) {
        String ticket = GATEWAY.call("POST", tickets)
                .as("reader")
                .answers(201)
                .path("ticket")
                .asText();
        EventReader reader = new EventReader(GATEWAY, null, EVENTS + "?types=told&ticket=" + ticket);
        readers.add(reader);
        tell("default", 3);
        reader.await(told(3));

        GATEWAY.call("GET", EVENTS + "?ticket=" + ticket).anonymous().isRefused(401, "unauthorized");
    }

    @Test
    void comeAgainToOneWhoComesBack() {
        EventReader before = read("reader", "?types=told");
        tell("default", 1);
        before.await(told(1));
        String last = before.lastId();
        before.close();
        tell("default", 2);
        tell("kitchen", 3);

        EventReader after = read("reader", "?types=told", "Last-Event-ID", last);
        tell("default", 4);
        after.await(told(4));
        assertThat(numbers(after)).containsExactly("2", "3", "4");

        EventReader polling = read("reader", "?types=told&devices=default&follow=false&last_event_id=" + last);
        polling.awaitEnd();
        assertThat(numbers(polling)).containsExactly("2", "4");
    }

    @Test
    void sayToOneWhoComesBackLateThatSomeAreLost() {
        EventReader before = read("reader", "?types=told");
        tell("default", 1);
        before.await(told(1));
        String last = before.lastId();
        IntStream.range(0, KEPT + 5).forEach(number -> tell("default", 100 + number));

        EventReader late = read("reader", "?types=told&follow=false", "Last-Event-ID", last);
        late.awaitEnd();
        JsonNode lost = late.events().get(0);
        assertThat(lost.path("type").asText()).isEqualTo("lost");
        assertThat(lost.at("/data/reason").asText()).isEqualTo("too-old");
        // the assistants tell something of their own meanwhile, which takes a place too
        assertThat(lost.at("/data/events").asInt()).isGreaterThanOrEqualTo(5);
        assertThat(numbers(late)).endsWith(Integer.toString(100 + KEPT + 4)).hasSizeBetween(1, KEPT);

        EventReader stranger = read("reader", "?types=told&follow=false", "Last-Event-ID", "0-7");
        stranger.awaitEnd();
        assertThat(stranger.events().get(0).at("/data/reason").asText()).isEqualTo("unknown-id");
        assertThat(numbers(stranger)).endsWith(Integer.toString(100 + KEPT + 4));
    }

    @Test
    void beginWithWhatIsWhereThatIsWanted() {
        EventReader reader = read("reader", "?snapshot=true&follow=false");
        reader.awaitEnd();

        JsonNode devices = reader.events().get(0).at("/data/devices");
        assertThat(devices.at("/default/availability").asText()).isEqualTo("online");
        assertThat(devices.at("/kitchen/properties/parts/core").asBoolean()).isTrue();
        assertThat(reader.events()).hasSize(1);
    }

    @Test
    void reachSomeHundredReaders() {
        double before = GATEWAY.count("ovos.events");
        List<EventReader> many = IntStream.range(0, 250)
                .mapToObj(i -> read("reader", "?types=told"))
                .toList();
        assertThat(GATEWAY.gauge("ovos.events.readers")).isEqualTo(250);
        IntStream.range(0, 10).forEach(number -> tell("default", number));

        many.forEach(reader -> {
            reader.await(told(9));
            assertThat(numbers(reader)).hasSize(10);
        });
        assertThat(GATEWAY.count("ovos.events") - before).isGreaterThanOrEqualTo(10);
        GATEWAY.call("GET", "/v1/network/ping").anonymous().answers(200);
    }

    @Test
    void doNotWaitForAReaderWhoDoesNotRead() throws Exception {
        double before = GATEWAY.count("ovos.events.readers.cut.off");
        String token = GATEWAY.token("reader");
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", GATEWAY.port()));
            socket.getOutputStream()
                    .write(("GET /v1/events?types=told HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE).until(() -> GATEWAY.gauge("ovos.events.readers") == 1);
            String large = "x".repeat(4_000);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                for (int i = 0; i < 20; i++) {
                    GATEWAY.call("POST", "/tell?of=default&number=" + large).answers(204);
                }
                return GATEWAY.count("ovos.events.readers.cut.off") > before;
            });
        }
        EventReader other = read("reader", "?types=told");
        tell("default", 7);
        other.await(told(7));
    }

    @Test
    void comeWithASignOfLifeAndAreNotCached() throws Exception {
        HttpResponse<InputStream> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + GATEWAY.port() + EVENTS))
                                .header("Authorization", "Bearer " + GATEWAY.token("reader"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        answer.body().close();

        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    }
}
