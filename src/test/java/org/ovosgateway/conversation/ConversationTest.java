// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Json;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.EventReader;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Conversations by the API, with the simulated assistant. */
class ConversationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(
            SimulatedAssistant.builder().speech(Duration.ofMillis(100)).foreignTraffic(Duration.ofMillis(50)));

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("ada", "conversation:ask")
            .user("bob", "voice:ask")
            .user("eve")
            .skills("eve", "deny", "ovos-skill-count.openvoiceos", "skill-ask-name.ovosgateway:twice")
            .user("mallory")
            .skills("mallory", "allow", "ovos-skill-date-time.openvoiceos");

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    /** Whatever a test did: nothing of it may be heard from the device. */
    @AfterEach
    void nothingIsAloud() {
        for (Message sent : bus.frames()) {
            String session = sent.context().path("session").path("session_id").asText("default");
            boolean aboutTurns = sent.context().has("gw_request_id")
                    && sent.context().path("source").asText().startsWith("ovos-gateway");
            if (aboutTurns && (sent.type().equals("recognizer_loop:utterance") || session.length() == 36)) {
                assertThat(session).as(sent.frame()).hasSize(36);
                assertThat(sent.context().path("destination").asText())
                        .as(sent.frame())
                        .isEqualTo("skills");
            }
        }
        assertThat(bus.frames("mycroft.stop")).isEmpty();
    }

    private static JsonNode say(String text) {
        return say(text, null);
    }

    private static JsonNode say(String text, String conversation) {
        return call(text, conversation).answers(200);
    }

    private static Gateway.Call call(String text, String conversation) {
        ObjectNode body = Message.object().put("text", text);
        if (conversation != null) {
            body.put("conversation_id", conversation);
        }
        return gateway.call("POST", "/v1/conversation").json(body.toString());
    }

    private static boolean isOfDevice(Message message) {
        return message.context().at("/session/session_id").asText().equals("default");
    }

    private static List<String> texts(JsonNode outcome) {
        List<String> texts = new ArrayList<>();
        outcome.path("answers").forEach(answer -> texts.add(answer.path("text").asText()));
        return texts;
    }

    @Test
    void tellsWhatASkillAnswersAndWhichItWas() {
        JsonNode outcome = say("say it twice");

        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(texts(outcome)).containsExactly("first thing", "second thing", "third thing");
        assertThat(outcome.at("/matched/skill").asText()).isEqualTo("skill-ask-name.ovosgateway");
        assertThat(outcome.at("/matched/intent").asText()).isEqualTo("twice");
    }

    @Test
    void tellsThatASkillIsSilent() {
        JsonNode outcome = say("stay silent");

        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(texts(outcome)).isEmpty();
    }

    @Test
    void tellsThatASkillHasFailedWithWhatItSaidAboutIt() {
        JsonNode outcome = say("make a boom");

        assertThat(outcome.path("status").asText()).isEqualTo("failed");
        assertThat(texts(outcome)).hasSize(1);
    }

    @Test
    void tellsThatNobodyHasUnderstood() {
        JsonNode outcome = say("xyzzy");

        assertThat(outcome.path("status").asText()).isEqualTo("not_understood");
        assertThat(outcome.path("matched").isNull()).isTrue();
    }

    private static JsonNode preview(String user, String text) {
        return gateway.call("POST", "/v1/conversation/intent")
                .as(user)
                .json(Message.object().put("text", text).toString())
                .answers(200);
    }

    @Test
    void tellsWhichIntentWouldTakeATextAndDoesNothing() {
        JsonNode padacioso = preview("ada", "what time is it");
        JsonNode adapt = preview("ada", "hello");

        assertThat(padacioso.at("/matched/skill").asText()).isEqualTo("ovos-skill-date-time.openvoiceos");
        assertThat(padacioso.at("/matched/intent").asText()).isEqualTo("what.time.is.it");
        assertThat(padacioso.path("stage").asText()).isEqualTo("ovos-padacioso-pipeline-plugin-high");
        assertThat(adapt.at("/matched/intent").asText()).isEqualTo("HelloWorldIntent");
        assertThat(adapt.path("confidence").asDouble()).isEqualTo(1.0);
        assertThat(adapt.path("slots").toString()).isEqualTo("{\"HelloWorldKeyword\":\"hello\"}");
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
        assertThat(bus.frames("speak")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xyzzy", "stop"})
    void tellsThatNoIntentWouldTakeATextThatOnlyAFallbackOrTheStopTakes(String text) {
        JsonNode preview = preview("ada", text);

        assertThat(preview.path("matched").isNull()).as(preview.toString()).isTrue();
        assertThat(preview.path("stage").isNull()).isTrue();
        for (JsonNode stage :
                bus.awaitFrame("intent.service.intent.get").context().at("/session/pipeline")) {
            assertThat(stage.asText()).doesNotContain("stop", "converse", "common", "fallback");
        }
    }

    @Test
    void tellsALimitedUserNothingOfIntentsThatAreDenied() {
        assertThat(preview("eve", "count to 3").path("matched").isNull()).isTrue();
        assertThat(preview("eve", "say it twice").path("matched").isNull()).isTrue();
        assertThat(preview("eve", "ask my name").at("/matched/intent").asText()).isEqualTo("ask.name");
        assertThat(preview("mallory", "hello").path("matched").isNull()).isTrue();
        assertThat(preview("mallory", "what time is it").path("matched").isObject())
                .isTrue();
    }

    @Test
    void tellsNothingOfADeniedIntentWhereTheCoreIgnoresTheSession() {
        bus.whenAsked("intent.service.intent.get")
                .answer(asked -> asked.reply(
                        "intent.service.intent.reply",
                        Message.object()
                                .set(
                                        "intent",
                                        Message.object()
                                                .put("intent_name", "ovos-skill-count.openvoiceos:count_to_N.intent")
                                                .put("intent_service", "padatious_high")
                                                .put("skill_id", "ovos-skill-count.openvoiceos")
                                                .put("number", "3"))));

        assertThat(preview("eve", "count to 3"))
                .isEqualTo(Message.object()
                        .putNull("matched")
                        .putNull("stage")
                        .putNull("confidence")
                        .set("slots", Message.object()));
        assertThat(preview("ada", "count to 3").at("/slots/number").asText()).isEqualTo("3");
    }

    @Test
    void tellsThatNobodyKnowsTheIntents() {
        bus.whenAsked("intent.service.intent.get");

        assertThat(gateway.call("POST", "/v1/conversation/intent")
                        .json("{\"text\": \"hello\"}")
                        .isRefused(504, "bus-timeout")
                        .path("detail")
                        .asText())
                .contains("the intent service of ovos-core");
    }

    @Test
    void goesOnAtOnceWhereASkillWaitsForTheEndOfItsSpeech() {
        // the skill would wait for 15 s, and the call for less
        JsonNode outcome = gateway.call("POST", "/v1/conversation")
                .json("{\"text\": \"hello\", \"timeout\": 12}")
                .answers(200);

        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(texts(outcome)).containsExactly("Hello human");
    }

    @Test
    void takesTheNextTextForTheAnswerToAQuestion() {
        JsonNode question = say("ask my name");
        assertThat(question.path("status").asText()).isEqualTo("waiting_for_answer");
        assertThat(texts(question)).containsExactly("What is your name?");

        JsonNode outcome = say("Ada", question.path("conversation_id").asText());

        assertThat(outcome.path("status").asText()).isEqualTo("complete");
        assertThat(texts(outcome)).containsExactly("Nice to meet you, Ada");
        assertThat(outcome.path("conversation_id")).isEqualTo(question.path("conversation_id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "Stop!", "please stop"})
    void keepsAStopFromTheDevice(String text) {
        assertThat(say(text).path("status").asText()).isEqualTo("cancelled");
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @Test
    void keepsWhatOnlyTheAssistantTakesForAStopFromTheDevice() {
        // the simulated one matches 'shut up', too, if the stage is there
        say("xyzzy");

        JsonNode pipeline =
                bus.awaitFrame("recognizer_loop:utterance").context().at("/session/pipeline");

        assertThat(pipeline)
                .isNotEmpty()
                .allSatisfy(stage -> assertThat(stage.asText()).doesNotContain("stop"));
    }

    @Test
    void stopsAQuestionOfItsOwnAndNobodyElses() {
        String one = say("ask my name").path("conversation_id").asText();
        String other = say("ask my name").path("conversation_id").asText();

        assertThat(say("stop", one).path("status").asText()).isEqualTo("cancelled");

        assertThat(texts(say("Bob", other))).containsExactly("Nice to meet you, Bob");
        assertThat(say("Ada", one).path("status").asText()).isEqualTo("not_understood");
    }

    @Test
    void endsAConversationAndItsQuestionAlone() {
        String one = say("ask my name").path("conversation_id").asText();
        String other = say("ask my name").path("conversation_id").asText();

        gateway.call("DELETE", "/v1/conversation/" + one).answers(204);

        bus.awaitFrame("skill-ask-name.ovosgateway.converse.get_response");
        gateway.call("DELETE", "/v1/conversation/" + one).isRefused(404, "unknown-conversation");
        call("Ada", one).isRefused(404, "unknown-conversation");
        assertThat(texts(say("Bob", other))).containsExactly("Nice to meet you, Bob");
    }

    @Test
    void belongsToWhoBeganIt() {
        String conversation = say("what time is it").path("conversation_id").asText();

        call("what time is it", conversation).as("ada").isRefused(404, "unknown-conversation");
        gateway.call("DELETE", "/v1/conversation/" + conversation).as("ada").isRefused(404, "unknown-conversation");
        call("what time is it", null).as("bob").isRefused(403, "forbidden");
    }

    @Test
    void letsASecondTextWaitOrRefusesItByChoice() {
        String conversation = say("what time is it").path("conversation_id").asText();
        bus.whenAsked("recognizer_loop:utterance").staySilent();
        CompletableFuture<HttpResponse<String>> first =
                call("count to 2", conversation).sendAsync();
        Message asked = bus.awaitFrames("recognizer_loop:utterance", 2).get(1);

        gateway.call("POST", "/v1/conversation?busy=refuse")
                .json(Message.object()
                        .put("text", "say it twice")
                        .put("conversation_id", conversation)
                        .toString())
                .isRefused(409, "conversation-busy");
        bus.assistant().unsilence("recognizer_loop:utterance");
        bus.sendRaw(asked.frame());
        JsonNode second = say("say it twice", conversation);

        assertThat(first.join().body()).contains("\"1\"").contains("\"2\"").doesNotContain("thing");
        assertThat(texts(second)).containsExactly("first thing", "second thing", "third thing");
    }

    @Test
    void tellsWhatHadBeenSaidWhenTheTimeIsUp() {
        JsonNode problem = gateway.call("POST", "/v1/conversation")
                .json("{\"text\": \"count to 99\", \"timeout\": 8}")
                .isRefused(504, "bus-timeout");

        assertThat(texts(problem)).isNotEmpty().first().isEqualTo("1");
        gateway.call(
                        "DELETE",
                        "/v1/conversation/" + problem.path("conversation_id").asText())
                .answers(204);
    }

    @Test
    void isSilentForAUserWhoMayNotLetTheDeviceSpeak() {
        JsonNode problem = gateway.call("POST", "/v1/conversation")
                .as("ada")
                .json("{\"text\": \"say it twice\", \"speak\": true}")
                .isRefused(403, "forbidden");

        assertThat(problem.path("detail").asText()).contains("voice:speak");
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @Test
    void saysTheAnswersAloudInTheSessionOfTheDeviceIfAsked() {
        JsonNode outcome = gateway.call("POST", "/v1/conversation")
                .json("{\"text\": \"say it twice\", \"lang\": \"de-DE\", \"speak\": true}")
                .answers(200);

        List<Message> aloud = await().atMost(PATIENCE)
                .until(
                        () -> bus.frames("speak").stream()
                                .filter(speak -> isOfDevice(speak))
                                .toList(),
                        heard -> heard.size() == 3);
        assertThat(aloud)
                .extracting(speak -> speak.data().path("utterance").asText())
                .containsExactlyElementsOf(texts(outcome));
        assertThat(aloud)
                .allSatisfy(
                        speak -> assertThat(speak.context().has("destination")).isFalse());
    }

    @Test
    void putsWhatAUserMayNotAskIntoTheSession() {
        gateway.call("POST", "/v1/conversation")
                .as("eve")
                .json("{\"text\": \"xyzzy\"}")
                .answers(200);

        JsonNode session = bus.awaitFrame("recognizer_loop:utterance").context().path("session");

        assertThat(session.path("blacklisted_skills").toString()).isEqualTo("[\"ovos-skill-count.openvoiceos\"]");
        assertThat(session.path("blacklisted_intents").toString())
                .isEqualTo("[\"skill-ask-name.ovosgateway:twice\",\"skill-ask-name.ovosgateway:twice.intent\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"count to 3", "say it twice"})
    void asksNoSkillThatIsDenied(String text) {
        JsonNode outcome = gateway.call("POST", "/v1/conversation")
                .as("eve")
                .json(Message.object().put("text", text).toString())
                .answers(200);

        assertThat(outcome.path("status").asText()).isEqualTo("not_understood");
    }

    @Test
    void asksNoSkillButThoseThatAreAllowed() {
        for (String text : List.of("count to 3", "say it twice", "hello", "what is the weather")) {
            JsonNode outcome = gateway.call("POST", "/v1/conversation")
                    .as("mallory")
                    .json(Message.object().put("text", text).toString())
                    .answers(200);

            assertThat(outcome.path("status").asText()).as(text).isEqualTo("not_understood");
            assertThat(outcome.path("answers")).as(text).isEmpty();
        }
        assertThat(gateway.call("POST", "/v1/conversation")
                        .as("mallory")
                        .json("{\"text\": \"what time is it\"}")
                        .answers(200)
                        .path("status")
                        .asText())
                .isEqualTo("complete");
    }

    @Test
    void keepsWhatASkillSaysThatIsNotKnownAndNotAllowed() {
        Function<Message, Message> secret = asked -> {
            Message said = asked.reply("speak", Message.object().put("utterance", "a secret"));
            said.context().put("skill_id", "skill-new.example");
            return said;
        };
        bus.whenAsked("recognizer_loop:utterance").answer(secret).answer(secret);

        try (EventReader events =
                new EventReader(gateway, gateway.token("mallory"), "/v1/events?types=conversation.*")) {
            gateway.call("POST", "/v1/conversation")
                    .as("mallory")
                    .json("{\"text\": \"tell me\"}")
                    .isRefused(403, "forbidden");
            gateway.call("POST", "/v1/conversation")
                    .as("mallory")
                    .json("{\"text\": \"stop\"}")
                    .answers(200);

            events.await("conversation.turn");
            assertThat(events.events()).noneMatch(event -> event.toString().contains("a secret"));
        }
        assertThat(gateway.call("GET", "/v1/history").as("mallory").answers(200).toString())
                .contains("tell me")
                .doesNotContain("a secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eve", "mallory"})
    void sendsALimitedUserWhoTalksToTheDeviceItselfAway(String user) {
        JsonNode problem = gateway.call("POST", "/v1/voice/utterance")
                .as(user)
                .json("{\"utterance\": \"what time is it\"}")
                .isRefused(403, "forbidden");

        assertThat(problem.path("detail").asText()).contains("POST /v1/conversation");
        assertThat(bus.frames("recognizer_loop:utterance")).isEmpty();
    }

    @Test
    void manyAtOnceDoNotMix() {
        int many = 200;
        List<CompletableFuture<HttpResponse<String>>> questions = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            questions.add(call("ask my name", null).sendAsync());
        }
        List<String> conversations = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> question : questions) {
            conversations.add(json(question.join()).path("conversation_id").asText());
        }
        assertThat(conversations).doesNotHaveDuplicates();

        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            answers.add(call("number " + i, conversations.get(i)).sendAsync());
        }

        for (int i = 0; i < many; i++) {
            assertThat(texts(json(answers.get(i).join()))).containsExactly("Nice to meet you, number " + i);
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return Json.PLAIN.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
