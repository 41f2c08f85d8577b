// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.ovosgateway.Json;
import org.ovosgateway.assistant.Presence;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.bus.Device;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.bus.Part;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.problem.ProblemException;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What becomes of a conversation and of the skills in it when it ends, or the bus, or there is no more room. */
class ConversationEndsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration EXPIRE_AFTER = Duration.ofMinutes(5);
    private static final String SKILL = "skill-ask-name.ovosgateway";
    private static final String UTTERANCE = "recognizer_loop:utterance";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.assistant.check-interval", "1s")
            // a busy machine is no skill that does not give up
            .with("ovos.conversation.cancel-timeout", "30s");

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    private static Conversations conversations() {
        return gateway.bean(Conversations.class);
    }

    private static Conversation conversation(String id) {
        return conversations().get(id, user(Gateway.USER));
    }

    private static Caller user(String name) {
        return new Caller(Caller.Kind.USER, name, Caller.ALL, null);
    }

    private static Gateway.Call call(String text, String conversation) {
        ObjectNode body = Message.object().put("text", text);
        if (conversation != null) {
            body.put("conversation_id", conversation);
        }
        return gateway.call("POST", "/v1/conversation").json(body.toString());
    }

    private static String asked() {
        JsonNode question = call("ask my name", null).answers(200);
        assertThat(question.path("status").asText()).isEqualTo("waiting_for_answer");
        return question.path("conversation_id").asText();
    }

    private static void answers(String conversation) {
        JsonNode outcome = call("Bob", conversation).answers(200);
        assertThat(outcome.at("/answers/0/text").asText()).isEqualTo("Nice to meet you, Bob");
    }

    /** Sends a text that the assistant takes, and says nothing about. */
    private static CompletableFuture<HttpResponse<String>> unanswered(String conversation) {
        bus.whenAsked(UTTERANCE).staySilent();
        bus.clear();
        CompletableFuture<HttpResponse<String>> answer =
                call("count to 2", conversation).sendAsync();
        bus.awaitFrame(UTTERANCE);
        return answer;
    }

    private static void isCancelledAlone(String conversation) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(bus.frames("skill.converse.get_response.disable"))
                        .extracting(Message::sessionId)
                        .contains(conversation));
        assertThat(bus.frames("mycroft.skills.abort_question")).isEmpty();
    }

    @Test
    void cancelsTheQuestionOfAConversationThatExpiresAndNobodyElses() {
        String abandoned = asked();
        String other = asked();

        conversations().removeExpired(conversation(abandoned).lastUsed() + EXPIRE_AFTER.toNanos() + 1);

        isCancelledAlone(abandoned);
        call("Ada", abandoned).isRefused(404, "unknown-conversation");
        answers(other);
    }

    @Test
    void beginsAnewWhereAConversationEndsBetweenItsSearchAndItsUtterance() {
        String ended = call("what time is it", null)
                .answers(200)
                .path("conversation_id")
                .asText();
        conversation(ended).end("deleted"); // and is still found

        Map<?, ?> begun = said("converse:ask?ended=begin", ended).getMessage().getBody(Map.class);

        assertThat(begun.get("status")).isEqualTo("complete");
        assertThat(begun.get("conversation_id")).isNotEqualTo(ended);
        assertThat(Conversations.isUnknownConversation(
                        said("converse:ask", ended).getException()))
                .isTrue();
    }

    private static Exchange said(String uri, String conversation) {
        return gateway.bean(CamelContext.class).createProducerTemplate().request(uri, exchange -> {
            exchange.setProperty(Caller.PROPERTY, user(Gateway.USER));
            exchange.getMessage().setBody(Map.of("text", "what time is it", "conversation_id", conversation));
        });
    }

    @Test
    void keepsAConversationWhoseAnswerIsStillToCome() {
        String conversation = call("what time is it", null)
                .answers(200)
                .path("conversation_id")
                .asText();
        CompletableFuture<HttpResponse<String>> answer = unanswered(conversation);

        conversations()
                .removeExpired(System.nanoTime() + EXPIRE_AFTER.multipliedBy(2).toNanos());
        Message asked = bus.awaitFrame(UTTERANCE);
        bus.assistant().unsilence(UTTERANCE);
        bus.sendRaw(asked.frame());

        assertThat(json(answer).path("status").asText()).isEqualTo("complete");
    }

    @Test
    void leavesNoSkillWaitingWhenTheGatewayStops() {
        String one = asked();
        String other = asked();

        gateway.restart();

        // the skills have given up already
        assertThat(bus.frames("skill.converse.get_response.disable"))
                .extracting(Message::sessionId)
                .contains(one, other);
        assertThat(bus.frames("mycroft.skills.abort_question")).isEmpty();
    }

    @Test
    void cancelsWhatASkillAsksAfterItsConversationWasDeleted() {
        String conversation = call("what time is it", null)
                .answers(200)
                .path("conversation_id")
                .asText();
        CompletableFuture<HttpResponse<String>> answer = unanswered(conversation);
        Message asked = bus.awaitFrame(UTTERANCE);

        gateway.call("DELETE", "/v1/conversation/" + conversation).answers(204);

        assertThat(json(answer).path("status").asText()).isEqualTo("cancelled");
        bus.sendRaw(asked.reply(
                        "skill.converse.get_response.enable", Message.object().put("skill_id", SKILL))
                .frame());
        Message cancelled = bus.awaitFrame(SKILL + ".converse.get_response");
        assertThat(cancelled.sessionId()).isEqualTo(conversation);
        assertThat(cancelled.data().path("utterances").path(0).asText()).isEqualTo("cancel");
        call("count to 2", conversation).isRefused(404, "unknown-conversation");
    }

    @Test
    void tellsAtOnceThatTheBusIsLostAndGoesOnWhenItIsBack() {
        String conversation = call("what time is it", null)
                .answers(200)
                .path("conversation_id")
                .asText();
        String question = asked();
        int clients = bus.clients();
        CompletableFuture<HttpResponse<String>> answer = unanswered(conversation);
        long asked = conversation(conversation).lastUsed();
        CompletableFuture<HttpResponse<String>> next =
                call("what time is it", conversation).sendAsync();
        await().atMost(PATIENCE).until(() -> conversation(conversation).lastUsed() != asked);

        bus.kill();

        assertThat(answer.join().statusCode()).isEqualTo(503);
        assertThat(answer.join().body()).contains("bus-unavailable");
        assertThat(next.join().statusCode()).isEqualTo(503);
        call("what time is it", conversation).isRefused(503, "bus-unavailable");
        bus.restart();
        gateway.awaitBus();
        bus.awaitClients(clients);
        bus.assistant().unsilence(UTTERANCE);
        assertThat(call("what time is it", conversation)
                        .answers(200)
                        .path("status")
                        .asText())
                .isEqualTo("complete");
        // whether the skill still waits is not known
        assertThat(call("what time is it", question).answers(200).path("status").asText())
                .isEqualTo("complete");
    }

    @Test
    void tellsSoonThatTheCoreIsAwayAndSaysNothingToIt() {
        String conversation = call("what time is it", null)
                .answers(200)
                .path("conversation_id")
                .asText();
        bus.whenAsked("mycroft.skills.is_alive").staySilent();
        // whoever was there before the bus was lost is asked for again
        bus.cut();
        gateway.awaitBus();
        await().atMost(PATIENCE).until(() -> gateway.bean(Presence.class).isMissing("default", Part.CORE));
        bus.clear();

        JsonNode problem = call("what time is it", conversation).isRefused(504, "bus-timeout");

        assertThat(problem.path("detail").asText()).contains("ovos-core");
        assertThat(problem.path("conversation_id").asText()).isEqualTo(conversation);
        assertThat(bus.frames(UTTERANCE)).isEmpty();
        bus.assistant().unsilence("mycroft.skills.is_alive");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                call("what time is it", conversation).send().statusCode())
                        .isEqualTo(200));
    }

    /** Conversations of their own on the device of the gateway, with other limits. */
    private static Conversations limited(int most, int mostPerUser, long mostBytes) {
        return new Conversations(
                gateway.bean(Vertx.class),
                gateway.bean(Devices.class),
                gateway.bean(Presence.class),
                new ConversationProperties(EXPIRE_AFTER, most, mostPerUser, PATIENCE, true),
                mostBytes);
    }

    private static Device device() {
        return gateway.bean(Devices.class).get("default");
    }

    private static Utterance utterance(String text) {
        return new Utterance(text, null, false, PATIENCE, false, null);
    }

    private static boolean has(Conversations conversations, Conversation conversation) {
        try {
            return conversations.get(conversation.id(), conversation.owner()) == conversation;
        } catch (ProblemException gone) {
            return false;
        }
    }

    @Test
    void endsTheOneThatWasIdleForLongestForOneMore() {
        Conversations conversations = limited(3, 2, 1 << 20);
        Conversation first = conversations.begin(user("ada"), device());
        Conversation second = conversations.begin(user("ada"), device());
        Conversation others = conversations.begin(user("bob"), device());
        has(conversations, first); // is a use of it

        Conversation third = conversations.begin(user("ada"), device());
        Conversation fourth = conversations.begin(user("eve"), device());

        assertThat(has(conversations, second)).isFalse();
        assertThat(has(conversations, others)).isFalse();
        assertThat(has(conversations, first) && has(conversations, third) && has(conversations, fourth))
                .isTrue();
        conversations.stop();
    }

    @Test
    void endsNoneThatAnswersOrAsks() {
        Conversations conversations = limited(2, 2, 1 << 20);
        Conversation asks = conversations.begin(user("ada"), device());
        assertThat(asks.say(utterance("ask my name"), user("ada"))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join())
                .containsEntry("status", "waiting_for_answer");
        bus.whenAsked(UTTERANCE).staySilent();
        Conversation answers = conversations.begin(user("ada"), device());
        answers.say(utterance("count to 2"), user("ada"));

        assertThatThrownBy(() -> conversations.begin(user("ada"), device()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        full -> assertThat(full.problem().status()).isEqualTo(429));

        conversations.end(answers, "deleted");
        Conversation next = conversations.begin(user("ada"), device());
        assertThat(has(conversations, asks) && has(conversations, next)).isTrue();
        conversations.stop();
        isCancelledAlone(asks.id());
    }

    @Test
    void keepsAllSessionsTogetherWithinTheirBytes() {
        Conversations conversations = limited(100, 100, 10_000);
        Conversation first = conversations.begin(user("ada"), device());
        Conversation second = conversations.begin(user("bob"), device());
        grow(first, 6_000);
        grow(second, 3_000);
        await().atMost(PATIENCE).until(() -> first.size() > 6_000 && second.size() > 3_000);

        grow(second, 5_000);

        await().atMost(PATIENCE).until(() -> second.size() > 5_000);
        assertThat(has(conversations, first)).isFalse();
        // there is nobody else to end: it goes on with the session that it has
        grow(second, 12_000);
        grow(second, 4_000);
        await().atMost(PATIENCE).until(() -> second.size() < 5_000);
        assertThat(has(conversations, second)).isTrue();
        // what was counted was given back
        conversations.end(second, "deleted");
        Conversation third = conversations.begin(user("ada"), device());
        grow(third, 9_500);
        await().atMost(PATIENCE).until(() -> third.size() > 9_500);
        conversations.stop();
    }

    /** The core tells a session of about this length. */
    private static void grow(Conversation conversation, int bytes) {
        bus.send(
                "ovos.utterance.handled",
                Map.of(),
                Map.of(
                        "session",
                        Map.of("session_id", conversation.id(), "active_skills", Set.of(), "note", "x".repeat(bytes))));
    }

    private static JsonNode json(CompletableFuture<HttpResponse<String>> answer) {
        try {
            assertThat(answer.join().statusCode()).as(answer.join().body()).isEqualTo(200);
            return Json.PLAIN.readTree(answer.join().body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
