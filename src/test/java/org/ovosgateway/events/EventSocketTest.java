// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What those hear who open the WebSocket {@code /v1/events/ws}. */
class EventSocketTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus BUS = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway GATEWAY = Gateway.on(BUS::port)
            .with("ovos.assistant.check-interval", "1h")
            .user("reader", "events:read")
            .user("leaver", "events:read")
            .user("cook", "events:read")
            .devices("cook", "kitchen")
            .user("speaker", "voice:speak");

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final List<Peer> peers = new CopyOnWriteArrayList<>();

    /** The client's half of a WebSocket. */
    private static final class Peer implements WebSocket.Listener {

        private final List<JsonNode> events = new CopyOnWriteArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private volatile String closed;
        private WebSocket socket;

        @Override
        public CompletionStage<?> onText(WebSocket peer, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                try {
                    events.add(new ObjectMapper().readTree(text.toString()));
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException(text.toString(), e);
                }
                text.setLength(0);
            }
            peer.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket peer, int code, String reason) {
            closed = code + " " + reason;
            return null;
        }

        private JsonNode await(Predicate<JsonNode> wanted) {
            soon().untilAsserted(() -> assertThat(events).anyMatch(wanted));
            return events.stream().filter(wanted).findFirst().orElseThrow();
        }

        private JsonNode await(String type) {
            return await(event -> event.path("type").asText().equals(type));
        }

        private String awaitClose() {
            soon().until(() -> closed != null);
            return closed;
        }
    }

    private static ConditionFactory soon() {
        return org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    private Peer open(String query, String token) throws Exception {
        Peer peer = new Peer();
        WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        peer.socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + GATEWAY.port() + "/v1/events/ws" + query), peer)
                .get(30, TimeUnit.SECONDS);
        peers.add(peer);
        return peer;
    }

    private static void auth(Peer peer, String token) {
        peer.socket.sendText("{\"type\":\"auth\",\"token\":\"%s\"}".formatted(token), true);
    }

    @BeforeEach
    void isThere() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> GATEWAY.call("GET", "/v1/events?follow=false&snapshot=true")
                        .send()
                        .body()
                        .contains("\"availability\":\"online\""));
    }

    @AfterEach
    void leave() {
        peers.forEach(peer -> peer.socket.abort());
        soon().until(() -> GATEWAY.gauge("ovos.http.streams") == 0);
        assertThat(GATEWAY.gauge("ovos.events.readers")).isZero();
    }

    @Test
    void beginsWithWhatIsAndGoesOnWithWhatHappens() throws Exception {
        Peer peer = open("", GATEWAY.token("reader"));
        JsonNode snapshot = peer.await("snapshot");
        assertThat(snapshot.at("/data/devices/default/availability").asText()).isEqualTo("online");
        assertThat(snapshot.at("/data/devices/default/properties/parts/core").asBoolean())
                .isTrue();

        BUS.assistant().hear("hello");
        assertThat(peer.await("intent").at("/data/skill").asText()).isEqualTo("ovos-skill-hello-world.openvoiceos");
        assertThat(peer.events.get(0)).isEqualTo(snapshot);
        assertThat(peer.await("spoken").path("id").asText()).isNotEmpty();
    }

    @Test
    void tellsWhatIsWantedOnly() throws Exception {
        Peer peer = open("?types=spoken,inten*&snapshot=false", GATEWAY.token("reader"));
        BUS.assistant().hear("hello");

        // the end of a speech before this test may be told in it
        peer.await("intent");
        peer.await("spoken");
        assertThat(peer.events).extracting(event -> event.path("type").asText()).containsOnly("intent", "spoken");
    }

    @Test
    void takesTheTokenAsTheFirstMessage() throws Exception {
        String token = GATEWAY.token("reader");
        Peer peer = open("?types=intent", null);
        auth(peer, token);
        peer.await("snapshot");

        BUS.assistant().hear("hello");
        peer.await("intent");
    }

    @Test
    void takesATicket() throws Exception {
        String ticket = GATEWAY.call("POST", "/v1/auth/tickets")
                .as("reader")
                .json("{\"path\": \"/v1/events/ws\"}")
                .answers(201)
                .path("ticket")
                .asText();

        open("?ticket=" + ticket, null).await("snapshot");
    }

    @Test
    void takesATicketOfTheEvents() throws Exception {
        String ticket = GATEWAY.call("POST", "/v1/events/tickets")
                .as("reader")
                .answers(201)
                .path("ticket")
                .asText();

        open("?ticket=" + ticket, null).await("snapshot");
        GATEWAY.call("POST", "/v1/events/tickets").as("speaker").isRefused(403, "forbidden");
    }

    @Test
    void tellsNothingToOneWhoSaysNotWhoItIs() throws Exception {
        Peer silent = open("", null);
        BUS.assistant().hear("hello");

        assertThat(silent.awaitClose()).isEqualTo("1008 No token came within 5 seconds.");
        assertThat(silent.events).isEmpty();
    }

    @Test
    void closesForAFirstMessageThatIsNoGoodToken() throws Exception {
        for (String message : List.of("hello", "{\"type\":\"auth\"}", "[1]", "{\"type\":\"auth\",\"token\":\"x\"}")) {
            Peer peer = open("", null);
            peer.socket.sendText(message, true);
            assertThat(peer.awaitClose()).as(message).startsWith("1008 ");
            assertThat(peer.events).isEmpty();
        }
        String foreign = GATEWAY.token("speaker");
        Peer speaker = open("", null);
        auth(speaker, foreign);
        assertThat(speaker.awaitClose()).startsWith("1008 The scope 'events:read' is needed");
        Peer refreshing = open("", null);
        auth(refreshing, GATEWAY.logIn("reader").refresh());
        assertThat(refreshing.awaitClose()).startsWith("1008 ");
    }

    @Test
    void closesForADeviceThatIsNotForTheUser() throws Exception {
        Peer cook = open("?devices=default", GATEWAY.token("cook"));

        assertThat(cook.awaitClose()).startsWith("1008 User 'cook' may not use the device 'default'");
    }

    @ParameterizedTest
    @CsvSource({"?snapshot=maybe, snapshot must be true or false", "?follow=1, follow must be true or false"})
    void closesForAQueryThatIsNotUnderstood(String query, String reason) throws Exception {
        assertThat(open(query, GATEWAY.token("reader")).awaitClose())
                .startsWith("1008")
                .contains(reason);
    }

    @Test
    void closesForMoreTypesThanAnyoneNeeds() throws Exception {
        assertThat(open("?types=" + "a,".repeat(60), GATEWAY.token("reader")).awaitClose())
                .startsWith("1008")
                .contains("types must be a list");
    }

    @Test
    void endsWithTheRightsOfItsReader() throws Exception {
        String token = GATEWAY.token("leaver");
        Peer peer = open("", null);
        auth(peer, token);
        peer.await("snapshot");
        GATEWAY.active("leaver", false);

        assertThat(peer.awaitClose()).startsWith("1008 ");
    }
}
