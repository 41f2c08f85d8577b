// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.conversation;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.demo.Message;
import org.ovosgateway.testing.Assistant;
import org.ovosgateway.testing.BusClient;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.Line;
import org.ovosgateway.testing.OnEveryAssistant;
import org.ovosgateway.testing.OnEveryAssistant.Except;
import org.ovosgateway.testing.Recording;

import static org.assertj.core.api.Assertions.assertThat;

/** Text in, text out, and nothing to be heard. */
class ConversationsOnEveryAssistantIT {

    private static JsonNode say(String text, String conversation, Gateway gateway) {
        var body = Message.object().put("text", text).put("timeout", 30);
        if (conversation != null) {
            body.put("conversation_id", conversation);
        }
        return gateway.call("POST", "/v1/conversation").json(body.toString()).answers(200);
    }

    private static String status(String text, Gateway gateway) {
        return say(text, null, gateway).path("status").asText();
    }

    @OnEveryAssistant
    void tellsWhatCameOfAQuestion(Assistant assistant, Gateway gateway) {
        JsonNode time = say("what time is it", null, gateway);
        assertThat(time.path("status").asText()).as(time.toString()).isEqualTo("complete");
        assertThat(time.at("/matched/skill").asText()).isEqualTo(assistant.skill());
        assertThat(time.path("answers")).hasSize(1);
        assertThat(say("say it twice", null, gateway).path("answers").size()).isGreaterThan(1);
        assertThat(status("make a boom", gateway)).isEqualTo("failed");
        assertThat(status("stay silent", gateway)).isEqualTo("complete");
        assertThat(status("flibbertigibbet xyzzy", gateway)).isEqualTo("not_understood");
    }

    @OnEveryAssistant
    void tellsWhichIntentWouldTakeIt(Assistant assistant, Gateway gateway) {
        JsonNode time = intent("what time is it", gateway);

        assertThat(time.at("/matched/skill").asText()).as(time.toString()).isEqualTo(assistant.skill());
        assertThat(time.at("/matched/intent").asText())
                .isEqualTo(say("what time is it", null, gateway)
                        .at("/matched/intent")
                        .asText());
        assertThat(intent("hello world", gateway).at("/matched/skill").asText())
                .isEqualTo("ovos-skill-hello-world.openvoiceos");
        assertThat(intent("flibbertigibbet xyzzy", gateway).path("matched").isNull())
                .isTrue();
        assertThat(intent("stop", gateway).path("matched").isNull()).isTrue();
    }

    private static JsonNode intent(String text, Gateway gateway) {
        return gateway.call("POST", "/v1/conversation/intent")
                .json(Message.object().put("text", text).toString())
                .answers(200);
    }

    @OnEveryAssistant
    void answersWhatIsAskedBack(Gateway gateway) {
        JsonNode question = say("ask me a question", null, gateway);
        assertThat(question.path("status").asText()).as(question.toString()).isEqualTo("waiting_for_answer");

        JsonNode answer = say("red", question.path("conversation_id").asText(), gateway);

        assertThat(answer.path("status").asText()).as(answer.toString()).isEqualTo("complete");
        assertThat(answer.at("/answers/0/text").asText()).endsWith("red");
    }

    @OnEveryAssistant
    void stopsAQuestionOfItsOwnAndNobodyElses(Gateway gateway) {
        String one =
                say("ask me a question", null, gateway).path("conversation_id").asText();
        String other =
                say("ask me a question", null, gateway).path("conversation_id").asText();

        assertThat(say("stop", one, gateway).path("status").asText()).isEqualTo("cancelled");

        JsonNode answer = say("red", other, gateway);
        assertThat(answer.at("/answers/0/text").asText()).as(answer.toString()).endsWith("red");
    }

    /** Answers, an error in a skill, what nobody understands, a stop, a question asked back and its end. */
    @OnEveryAssistant
    void isSilent(Assistant assistant, Gateway gateway) {
        Recording loudspeaker = assistant.loudspeaker();
        Duration start = loudspeaker.length();
        try (BusClient bus = assistant.overhear()) {
            for (String text : new String[] {
                "what time is it", "say it twice", "make a boom", "flibbertigibbet xyzzy", "stop", "hello world"
            }) {
                say(text, null, gateway);
            }
            String asked = say("ask me a question", null, gateway)
                    .path("conversation_id")
                    .asText();
            say("red", asked, gateway);
            asked = say("ask me a question", null, gateway)
                    .path("conversation_id")
                    .asText();
            gateway.call("DELETE", "/v1/conversation/" + asked).answers(204);
            loudspeaker.awaitSilence(Duration.ofSeconds(2));
            assertThat(loudspeaker.soundSince(start)).isZero();

            // whatever was still to be heard would be heard before this
            gateway.call("POST", "/v1/voice/speech?done=spoken")
                    .json("{\"utterance\": \"Dinner is ready\"}")
                    .answers(200);

            loudspeaker.awaitSoundSince(start);
            assertThat(told(bus, "recognizer_loop:audio_output_start", "ovos.audio.output.started"))
                    .hasSize(1);
            assertThat(told(bus, "recognizer_loop:record_begin", "ovos.listener.record.started"))
                    .isEmpty();
            assertThat(told(bus, "mycroft.stop", "ovos.stop")).isEmpty();
        }
    }

    /** The skill tells whether its wait of 15 seconds was in vain. */
    @OnEveryAssistant(
            except = @Except(line = Line.SIMULATED, because = "it has no skill that tells how long it waited"))
    void doesNotKeepASkillWaitingForTheEndOfASpeechThatNobodyHears(Gateway gateway) {
        assertThat(say("speak and wait", null, gateway).path("answers"))
                .extracting(answer -> answer.path("text").asText())
                .containsExactly("wait for me", "it was heard");
    }

    /** Under the old name or the new one; what the alpha line says under both counts once. */
    private static List<Message> told(BusClient bus, String oldName, String newName) {
        return Stream.of(oldName, newName)
                .flatMap(name -> bus.received(name).stream())
                .filter(message ->
                        !message.context().path("_namespace_compat_twin").asBoolean())
                .toList();
    }
}
