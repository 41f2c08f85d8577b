// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.Json;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EventReader;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Users who may ask some skills only, in many conversations at once, with whatever they say. */
class LimitedConversationsTest {

    private static final int CONVERSATIONS = 600;
    private static final int BATCH = 200;
    private static final int AT_ONCE = 16;
    private static final long SEED = 20261128;

    private static final String COUNT = "ovos-skill-count.openvoiceos";
    private static final String NAME = "skill-ask-name.ovosgateway";
    private static final String DATE_TIME = "ovos-skill-date-time.openvoiceos";
    private static final String FALLBACK = "ovos-skill-fallback-unknown.openvoiceos";

    private static final List<String> TEXTS = List.of(
            "count to 1",
            "say it twice",
            "what time is it",
            "what day is it",
            "hello",
            "thank you",
            "what is the weather",
            "ask my name",
            "make a boom",
            "stay silent",
            "stop",
            "xyzzy");

    private static final List<String> USERS = List.of("eve", "mallory", Gateway.USER);

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.conversation.most", 2 * CONVERSATIONS)
            .with("ovos.conversation.most-per-user", 2 * CONVERSATIONS)
            .with("ovos.events.max-waiting", 10_000)
            .user("eve")
            .skills("eve", "deny", COUNT, NAME + ":twice")
            .user("mallory")
            .skills("mallory", "allow", DATE_TIME);

    private final Random random = new Random(SEED);

    /** A user's conversation, and what was said in it. */
    private record Asked(String user, CompletableFuture<HttpResponse<String>> answer) {

        /** A missing node where the bus was lost, as on a machine that has no time for it. */
        JsonNode outcome() {
            try {
                assertThat(answer.join().statusCode()).as(answer.join().body()).isIn(200, 503, 504);
                return answer.join().statusCode() == 200
                        ? Json.PLAIN.readTree(answer.join().body())
                        : MissingNode.getInstance();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String conversation() {
            return outcome().path("conversation_id").asText();
        }
    }

    @Test
    void noneEscapes() {
        gateway.awaitBus();
        try (EventReader evesEvents = events("eve");
                EventReader mallorysEvents = events("mallory")) {
            int answered = 0;
            Map<String, String> userByConversation = new HashMap<>();
            for (int i = 0; i < CONVERSATIONS; i += BATCH) {
                bus.clear();
                List<Asked> first = sayInMany(new ArrayList<>());
                for (Asked asked : first) {
                    if (!asked.conversation().isEmpty()) {
                        userByConversation.put(asked.conversation(), asked.user());
                    }
                }
                // a conversation goes on with whatever its user says next
                List<Asked> all = new ArrayList<>(first);
                all.addAll(sayInMany(first));
                for (Asked asked : all) {
                    JsonNode outcome = asked.outcome();
                    requireAllowed(asked.user(), outcome);
                    answered += outcome.path("answers").size();
                }
                bus.frames().forEach(message -> requireBounds(message, userByConversation));
            }
            assertThat(answered).isGreaterThan(CONVERSATIONS / 4);

            for (EventReader events : List.of(evesEvents, mallorysEvents)) {
                String user = events == evesEvents ? "eve" : "mallory";
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> gateway.call("POST", "/v1/conversation")
                                        .as(user)
                                        .json("{\"text\": \"the last one\"}")
                                        .send()
                                        .statusCode()
                                == 200);
                events.await(event -> event.toString().contains("the last one"));
                assertThat(events.events()).hasSizeGreaterThan(CONVERSATIONS / 4);
                events.events().forEach(event -> requireAllowed(user, event));
                JsonNode history = gateway.call("GET", "/v1/history").as(user).answers(200);
                assertThat(history.toString()).contains("the last one");
                requireAllowed(user, history);
            }
        }
    }

    private static EventReader events(String user) {
        return new EventReader(gateway, gateway.token(user), "/v1/events?types=conversation.*");
    }

    /** Says one text in each of so many new conversations, or in each of these. */
    private List<Asked> sayInMany(List<Asked> earlier) {
        Semaphore places = new Semaphore(AT_ONCE);
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            ObjectNode body = Json.PLAIN.createObjectNode().put("text", text());
            String user = USERS.get(random.nextInt(USERS.size()));
            if (!earlier.isEmpty()) {
                user = earlier.get(i).user();
                if (!earlier.get(i).conversation().isEmpty()) {
                    body.put("conversation_id", earlier.get(i).conversation());
                }
            }
            places.acquireUninterruptibly();
            Asked asked = new Asked(
                    user,
                    gateway.call("POST", "/v1/conversation")
                            .as(user)
                            .json(body.toString())
                            .sendAsync());
            asked.answer().whenComplete((answer, failure) -> places.release());
            all.add(asked);
        }
        return all;
    }

    /** One that a skill takes, as people write it, or one that nobody takes. */
    private String text() {
        String text = TEXTS.get(random.nextInt(TEXTS.size()));
        return switch (random.nextInt(6)) {
            case 0 -> text.toUpperCase(Locale.ROOT);
            case 1 -> " " + text + "  ";
            case 2 -> text + " " + Integer.toString(random.nextInt(), 36);
            case 3 ->
                random.ints(1 + random.nextInt(40), 0xAE, 0x2000)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .append('x')
                        .toString();
            default -> text;
        };
    }

    /** Whatever a user is told names no skill or intent that the user may not ask. */
    private static void requireAllowed(String user, JsonNode told) {
        if (user.equals("eve")) {
            assertThat(told.findValuesAsText("skill")).doesNotContain(COUNT);
            assertThat(told.findValuesAsText("intent")).doesNotContain("twice");
            assertThat(told.findValuesAsText("text")).doesNotContain("1", "first thing", "second thing", "third thing");
        } else if (user.equals("mallory")) {
            assertThat(told.findValuesAsText("skill"))
                    .allMatch(skill -> skill.equals(DATE_TIME) || skill.equals("null"));
        }
    }

    /** Each message in a session of a limited user says what the user may not ask, whoever sends it. */
    private static void requireBounds(Message message, Map<String, String> userByConversation) {
        String user = userByConversation.getOrDefault(message.sessionId(), "nobody");
        JsonNode session = message.context().path("session");
        if (user.equals("eve")) {
            assertThat(texts(session, "blacklisted_skills")).as(message.frame()).contains(COUNT);
            assertThat(texts(session, "blacklisted_intents"))
                    .as(message.frame())
                    .contains(NAME + ":twice.intent");
        } else if (user.equals("mallory")) {
            assertThat(texts(session, "blacklisted_skills"))
                    .as(message.frame())
                    .contains(COUNT, NAME, FALLBACK)
                    .doesNotContain(DATE_TIME);
        } else if (user.equals(Gateway.USER)) {
            assertThat(session.has("blacklisted_skills")).as(message.frame()).isFalse();
        }
    }

    private static List<String> texts(JsonNode session, String list) {
        List<String> texts = new ArrayList<>();
        session.path(list).forEach(entry -> texts.add(entry.asText()));
        return texts;
    }
}
