// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.events;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.demo.AssistantPart;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EventReader;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Why an assistant did what it did. */
class HistoryTest {

    private static final int KEPT = 40;

    @RegisterExtension
    @Order(1)
    static final FakeBus BUS = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway GATEWAY = Gateway.on(BUS::port)
            .with("ovos.history.entries", KEPT)
            .user("alice", "history:read", "voice:ask", "voice:listen", "voice:speak", "voice:volume")
            .user("talker", "conversation:ask", "history:read", "events:read")
            .user("listener", "events:read")
            .user("bob", "history:read", "voice:ask")
            .user("parent", "history:read", "history:all");

    @BeforeEach
    void connect() {
        GATEWAY.awaitBus();
    }

    private static JsonNode entry(String user, String requestId) {
        return GATEWAY.call("GET", "/v1/history/" + requestId)
                .as(user)
                .answers(200)
                .path("entries")
                .path(0);
    }

    private static JsonNode awaitEntry(String user, String requestId, String status) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(entry(user, requestId).path("status").asText())
                                .isEqualTo(status));
        return entry(user, requestId);
    }

    private static String call(String user, String method, String path, String json, int status) {
        Gateway.Call call = GATEWAY.call(method, path).as(user);
        var answer = (json == null ? call : call.json(json)).send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.headers().firstValue("X-Request-Id").orElseThrow();
    }

    @Test
    void namesAnIntentAsAConversationDoes() {
        String id = call("alice", "POST", "/v1/voice/utterance", "{\"utterance\": \"what time is it\"}", 204);

        assertThat(awaitEntry("alice", id, "done").at("/matched/intent").asText())
                .isEqualTo("what.time.is.it");
    }

    @Test
    void tellsWhatWasHeardMatchedAndSaid() {
        String id = call("alice", "POST", "/v1/voice/utterance", "{\"utterance\": \"hello\"}", 204);

        JsonNode entry = awaitEntry("alice", id, "done");
        assertThat(entry.path("user").asText()).isEqualTo("alice");
        assertThat(entry.path("route").asText()).isEqualTo("ask");
        assertThat(entry.at("/sent/type").asText()).isEqualTo("recognizer_loop:utterance");
        assertThat(entry.at("/heard/text").asText()).isEqualTo("hello");
        assertThat(entry.at("/matched/skill").asText()).isEqualTo("ovos-skill-hello-world.openvoiceos");
        assertThat(entry.at("/said/0/text").asText()).contains("Hello");
        assertThat(entry.path("duration_ms").isNumber()).isTrue();
    }

    @Test
    void tellsWhyItFailed() {
        BUS.assistant().switchOff(AssistantPart.LISTENER);
        try {
            String id = call("alice", "PUT", "/v1/voice/listen", null, 504);

            JsonNode entry = awaitEntry("alice", id, "failed");
            assertThat(entry.at("/failure/type").asText()).contains("bus-timeout");
            assertThat(entry.at("/failure/detail").asText()).contains("the listener");
        } finally {
            BUS.assistant().switchOn(AssistantPart.LISTENER);
        }
    }

    @Test
    void tellsThatItWasNotUnderstood() {
        String id = call("alice", "POST", "/v1/voice/utterance", "{\"utterance\": \"xyzzy plugh\"}", 204);

        assertThat(awaitEntry("alice", id, "not_understood").at("/heard/text").asText())
                .isEqualTo("xyzzy plugh");
    }

    @Test
    void showsOnesOwnOnlyButEverythingToOneWhoMaySeeAll() {
        String id = call("alice", "PUT", "/v1/voice/listen?done=sent", null, 204);
        awaitEntry("alice", id, "done");

        GATEWAY.call("GET", "/v1/history/" + id).as("bob").isRefused(404, "unknown-request");
        assertThat(GATEWAY.call("GET", "/v1/history").as("bob").answers(200).findValuesAsText("user"))
                .doesNotContain("alice");
        assertThat(entry("parent", id).path("user").asText()).isEqualTo("alice");
    }

    @Test
    void hasWhatWasSaidAtTheDeviceForThoseWhoMaySeeAll() {
        BUS.assistant().hear("what time is it");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(newest("parent", "what time is it")
                                .path("status")
                                .asText())
                        .isEqualTo("done"));
        JsonNode entry = newest("parent", "what time is it");
        assertThat(entry.path("by").asText()).isEqualTo("device");
        assertThat(entry.path("said").isEmpty()).isFalse();
        assertThat(newest("alice", "what time is it")).isEqualTo(MissingNode.getInstance());
    }

    private static JsonNode newest(String user, String text) {
        for (JsonNode entry : GATEWAY.call("GET", "/v1/history?limit=1000")
                .as(user)
                .answers(200)
                .path("entries")) {
            if (entry.at("/heard/text").asText().equals(text)
                    && entry.path("user").isMissingNode()) {
                return entry;
            }
        }
        return MissingNode.getInstance();
    }

    @Test
    void hasConversationsWhichAreEventsForTheirOwnerAlone() {
        try (EventReader own = new EventReader(GATEWAY, GATEWAY.token("talker"), "/v1/events?types=*");
                EventReader other = new EventReader(GATEWAY, GATEWAY.token("listener"), "/v1/events?types=*")) {
            String id = call("talker", "POST", "/v1/conversation", "{\"text\": \"hello\"}", 200);

            JsonNode entry = awaitEntry("talker", id, "done");
            assertThat(entry.path("conversation_id").asText()).isNotEmpty();
            assertThat(entry.at("/heard/text").asText()).isEqualTo("hello");
            assertThat(entry.at("/said/0/text").asText()).contains("Hello");
            assertThat(own.await("conversation.answer").at("/data/text").asText())
                    .contains("Hello");
            own.await("conversation.turn");

            BUS.assistant().hear("what time is it");
            other.await("spoken");
            assertThat(other.types()).noneMatch(type -> type.startsWith("conversation."));
            assertThat(own.events())
                    .filteredOn(event -> event.path("type").asText().equals("utterance"))
                    .noneMatch(event -> event.at("/data/text").asText().equals("hello"));
        }
    }

    @Test
    void keepsTheLastOnesAlone() {
        String first = call("alice", "PUT", "/v1/voice/listen?done=sent", null, 204);
        for (int i = 0; i < KEPT; i++) {
            call("alice", "PUT", "/v1/voice/listen?done=sent", null, 204);
        }

        assertThat(GATEWAY.call("GET", "/v1/history?limit=1000")
                        .as("parent")
                        .answers(200)
                        .path("entries"))
                .hasSize(KEPT);
        GATEWAY.call("GET", "/v1/history/" + first).as("alice").isRefused(404, "unknown-request");
        assertThat(GATEWAY.call("GET", "/v1/history?limit=3")
                        .as("alice")
                        .answers(200)
                        .path("entries"))
                .hasSize(3);
    }

    @Test
    void takesNoNoteOfConversationsOfOthersOnTheBus() {
        BUS.send(
                "recognizer_loop:utterance",
                Map.of("utterances", List.of("somebody else")),
                Map.of("session", Map.of("session_id", "another")));
        String id = call("alice", "POST", "/v1/voice/utterance", "{\"utterance\": \"hello\"}", 204);
        awaitEntry("alice", id, "done");

        assertThat(newest("parent", "somebody else").isMissingNode()).isTrue();
    }
}
