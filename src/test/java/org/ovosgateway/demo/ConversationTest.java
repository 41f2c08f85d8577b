// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.FakeBus;

import static org.assertj.core.api.Assertions.assertThat;

/** The life cycle of utterances. */
class ConversationTest {

    private static final String HANDLED = "ovos.utterance.handled";
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final FakeBus bus = new FakeBus(SimulatedAssistant.builder().speechTimeout(Duration.ofMillis(100)));

    private BusClient client;

    @BeforeEach
    void connect() throws Exception {
        client = new BusClient(bus.vertx(), bus.uri());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void goesThroughASkillInOrder() {
        Message handled = say("What time is it?", "1", text("s"));
        assertThat(types("1"))
                .containsExactly(
                        "recognizer_loop:utterance",
                        Conversation.DATE_TIME + ".activate",
                        Conversation.DATE_TIME + ":what.time.is.it.intent",
                        "mycroft.skill.handler.start",
                        "speak",
                        "mycroft.skill.handler.complete",
                        HANDLED);
        Message speak = client.await("speak");
        assertThat(speak.data().get("utterance").asText()).startsWith("It is ");
        assertThat(speak.data().at("/meta/skill").asText()).isEqualTo(Conversation.DATE_TIME);
        assertThat(speak.context().get("skill_id").asText()).isEqualTo(Conversation.DATE_TIME);
        assertThat(handled.context().get("source").asText()).isEqualTo("skills");
        assertThat(handled.context().get("destination").asText()).isEqualTo("gateway");
        assertThat(handled.context().at("/session/active_skills/0/0").asText()).isEqualTo(Conversation.DATE_TIME);
    }

    @Test
    void textConversationIsNotSpokenAloud() {
        say("What time is it?", "1", text("s"));
        assertThat(bus.assistant().spoken()).isEmpty();
    }

    @Test
    void deviceConversationIsSpokenAloudAndWaitsForTheSpeech() {
        client.send(utterance("hello", "1", json("{'session':{'session_id':'default'}}")));
        client.await(HANDLED);
        assertThat(bus.assistant().spoken()).containsExactly("Hello human");
        assertThat(types("1")).containsSubsequence("recognizer_loop:audio_output_end", HANDLED);
    }

    @Test
    void speechThatNobodyPlaysEndsWithItsTime() {
        say("hello", "1", text("s"));
        assertThat(types("1"))
                .doesNotContain("recognizer_loop:audio_output_end")
                .endsWith(HANDLED);
    }

    @Test
    void endOfAnotherSessionsSpeechReleasesNobody() {
        client.send(utterance("hello", "1", text("mine")));
        client.send(new Message("recognizer_loop:audio_output_end", json("{}"), text("other")));
        client.send(utterance("what day is it", "2", text("later")));
        client.await(HANDLED, 2);
        assertThat(client.received(HANDLED))
                .extracting(end -> end.context().get("gw_request_id").asText())
                .containsExactly("2", "1");
    }

    @Test
    void failsWithErrorThenCompleteThenHandled() {
        say("what's the weather", "1", text("s"));
        assertThat(types("1"))
                .containsSubsequence(
                        "mycroft.skill.handler.start",
                        "speak",
                        "mycroft.skill.handler.error",
                        "mycroft.skill.handler.complete",
                        HANDLED);
        assertThat(client.await("mycroft.skill.handler.error")
                        .data()
                        .get("exception")
                        .asText())
                .startsWith("ConnectionError(");
    }

    @Test
    void fallsBackWhenNothingMatches() {
        say("colourless green ideas", "1", text("s"));
        assertThat(types("1"))
                .containsExactly(
                        "recognizer_loop:utterance",
                        "ovos.skills.fallback.ping",
                        "ovos.skills.fallback.pong",
                        "ovos.skills.fallback." + Conversation.FALLBACK + ".request",
                        "ovos.skills.fallback." + Conversation.FALLBACK + ".start",
                        "speak",
                        "ovos.skills.fallback." + Conversation.FALLBACK + ".response",
                        HANDLED);
    }

    @Test
    void failsTheIntentWithoutAFallback() {
        client.send(Message.bare("skillmanager.deactivate", json("{'skill':'" + Conversation.FALLBACK + "'}")));
        say("colourless green ideas", "1", text("s"));
        assertThat(types("1"))
                .containsExactly(
                        "recognizer_loop:utterance", "mycroft.audio.play_sound", "complete_intent_failure", HANDLED);
    }

    @Test
    void skipsSkillsThatAreNotActive() {
        client.send(Message.bare("skillmanager.deactivate", json("{'skill':'" + Conversation.DATE_TIME + "'}")));
        say("what time is it", "1", text("s"));
        assertThat(client.await("speak").data().get("utterance").asText()).isEqualTo("I don't understand");
    }

    @Test
    void asksBackAndAnswersUnderTheFirstId() {
        client.send(utterance("ask my name", "1", text("s")));
        Message question = client.await("speak");
        assertThat(question.data().get("expect_response").asBoolean()).isTrue();
        assertThat(question.context()
                        .at("/session/utterance_states/" + Conversation.NAME)
                        .asText())
                .isEqualTo("response");
        assertThat(types("1")).containsSubsequence("skill.converse.get_response.enable", "speak");

        ObjectNode context = text("s");
        context.set("session", question.context().get("session"));
        client.send(utterance("Ada", "2", context));
        Message handled = client.await(HANDLED);
        assertThat(handled.context().get("gw_request_id").asText()).isEqualTo("1");
        assertThat(client.received("speak").get(1).data().get("utterance").asText())
                .isEqualTo("Nice to meet you, Ada");
        assertThat(types("2"))
                .containsExactly(
                        "recognizer_loop:utterance",
                        Conversation.NAME + ".activate",
                        Conversation.NAME + ".converse.get_response");
        assertThat(types("1"))
                .endsWith("skill.converse.get_response.disable", "speak", "mycroft.skill.handler.complete", HANDLED);
    }

    @Test
    void answerWithoutTheEchoedSessionFallsBack() {
        client.send(utterance("ask my name", "1", text("s")));
        client.await("speak");
        say("Ada", "2", text("s"));
        assertThat(client.received("speak").get(1).data().get("utterance").asText())
                .isEqualTo("I don't understand");
    }

    @Test
    void abortsAQuestion() {
        client.send(utterance("ask my name", "1", text("s")));
        client.await("speak");
        client.send(new Message(
                "mycroft.skills.abort_question", json("{'skill_id':'" + Conversation.NAME + "'}"), text("s")));
        client.await(HANDLED);
        assertThat(client.received(Conversation.NAME + ".get_response.killed")).hasSize(1);
        assertThat(types("1"))
                .endsWith("skill.converse.get_response.disable", "speak", "mycroft.skill.handler.complete", HANDLED);
    }

    @Test
    void stopsASkillWithoutHandled() {
        client.send(utterance("count to 100", "1", text("s")));
        client.await("speak");
        client.send(utterance("stop", "2", text("s")));
        assertThat(client.await(Conversation.COUNT + ".stop.response").data())
                .isEqualTo(json("{'skill_id':'" + Conversation.COUNT + "','result':true}"));
        assertThat(types("2"))
                .containsExactly(
                        "recognizer_loop:utterance",
                        "stop:skill",
                        Conversation.COUNT + ".stop",
                        Conversation.COUNT + ".stop.response");
        assertThat(client.received(HANDLED))
                .as("an aborted handler is handled twice")
                .hasSize(2)
                .allMatch(end -> end.context().get("gw_request_id").asText().equals("1"));
    }

    @Test
    void stopsEverythingWhenNothingInParticularRuns() {
        say("stop", "1", text("s"));
        assertThat(types("1"))
                .startsWith(
                        "recognizer_loop:utterance",
                        Conversation.STOP + ".activate",
                        "stop:global",
                        "mycroft.stop",
                        HANDLED);
    }

    @Test
    void asksEachActiveSkillToStop() {
        client.send(Message.bare("mycroft.stop", json("{}")));
        assertThat(client.await(Conversation.HELLO + ".stop.response").data())
                .isEqualTo(json("{'skill_id':'" + Conversation.HELLO + "','result':false}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'utterances':[]}", "{'utterances':7}", "{'utterances':''}", "{'utterances':null}"})
    void neverEndsWhatIsNoUtterance(String data) {
        client.send(new Message("recognizer_loop:utterance", json(data), text("s")));
        say("what time is it", "1", text("t"));
        assertThat(client.received(HANDLED)).hasSize(1);
    }

    private Message say(String text, String id, ObjectNode context) {
        client.send(utterance(text, id, context));
        return client.await(HANDLED);
    }

    private static Message utterance(String text, String id, ObjectNode context) {
        ObjectNode data = Message.object().put("lang", "en-US");
        data.putArray("utterances").add(text);
        return new Message("recognizer_loop:utterance", data, context.put("gw_request_id", id));
    }

    /** The context of a text conversation: a session of its own, and somebody to answer to. */
    private static ObjectNode text(String session) {
        return json("{'source':'gateway','destination':'skills','session':{'session_id':'" + session + "'}}");
    }

    private List<String> types(String id) {
        return client.received().stream()
                .flatMap(frame -> Message.parse(frame).stream())
                .filter(message ->
                        message.context().path("gw_request_id").asText().equals(id))
                .map(Message::type)
                .toList();
    }

    private static ObjectNode json(String json) {
        try {
            return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
        } catch (Exception e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
