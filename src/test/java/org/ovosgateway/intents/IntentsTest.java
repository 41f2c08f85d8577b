// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.intents;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.Json;
import org.ovosgateway.demo.Message;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** The intents of an assistant by the API: of the simulated one, and as the other lines tell theirs. */
class IntentsTest {

    private static final String HELLO = "ovos-skill-hello-world.openvoiceos";
    private static final String TIME = "ovos-skill-date-time.openvoiceos";

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .user("reader", "skills:read")
            .user("eve")
            .skills("eve", "deny", "ovos-skill-weather.openvoiceos", HELLO + ":ThankYouIntent");

    @BeforeEach
    void awaitBus() {
        gateway.awaitBus();
    }

    private static JsonNode list(String user, String path) {
        return gateway.call("GET", path).as(user).answers(200);
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.path("results")
                .forEach(intent -> names.add(intent.path("skill").asText() + ":"
                        + intent.path("intent").asText()));
        return names;
    }

    private static String of(String skill) {
        return "/v1/skills/" + skill + "/intents";
    }

    private static Gateway.Call set(String skill, String intent, String how) {
        return gateway.call("PUT", of(skill) + "/" + intent + "/" + how);
    }

    private static String matched(String text) {
        return gateway.call("POST", "/v1/conversation/intent")
                .json(Message.object().put("text", text).toString())
                .answers(200)
                .at("/matched/intent")
                .asText("none");
    }

    @Test
    void listsThoseOfAdaptAndSaysThatOthersAreNotListed() {
        JsonNode list = list("reader", "/v1/intents");

        assertThat(names(list))
                .containsExactly(
                        HELLO + ":HelloWorldIntent",
                        HELLO + ":ThankYouIntent",
                        "ovos-skill-weather.openvoiceos:CurrentWeatherIntent");
        assertThat(list.path("count").asInt()).isEqualTo(3);
        assertThat(list.path("complete").asBoolean()).isFalse();
    }

    @Test
    void listsThoseOfPadatiousToo() {
        bus.whenAsked("intent.service.padatious.manifest.get")
                .reply(
                        "intent.service.padatious.manifest",
                        Map.of("intents", List.of(TIME + ":what.time.is.it.intent")));

        JsonNode list = list("reader", "/v1/intents");

        assertThat(names(list)).hasSize(4).contains(TIME + ":what.time.is.it");
        assertThat(list.path("complete").asBoolean()).isTrue();
        assertThat(list("reader", of(TIME)).at("/results/0/kind").asText()).isEqualTo("template");
    }

    @Test
    void tellsTheKeywordsOfASkill() {
        JsonNode intent = list("reader", of(HELLO)).at("/results/0");

        assertThat(intent.path("kind").asText()).isEqualTo("keyword");
        assertThat(intent.at("/keywords/required").toString())
                .isEqualTo("[{\"name\":\"HelloWorldKeyword\",\"samples\":[\"hello world\",\"hello\",\"hi\"]}]");
    }

    @Test
    void listsAllOfTheNewLineWithTheirSamples() {
        bus.whenAsked("ovos.intent.list")
                .reply(
                        "ovos.intent.list.response",
                        Map.of(
                                "ok",
                                true,
                                "intents",
                                List.of(
                                        registered(HELLO, "hello", "keyword", "en-US"),
                                        registered(TIME, "what.time", "template", "en-US"),
                                        registered(TIME, "what.time", "template", "de-DE"))));
        bus.whenAsked("ovos.intent.describe")
                .answer(asked -> asked.reply("ovos.intent.describe.response", definitions()));

        JsonNode list = list("reader", "/v1/intents");
        JsonNode ofSkill = list("reader", of(TIME));

        assertThat(names(list)).containsExactly(TIME + ":what.time", TIME + ":what.time", HELLO + ":hello");
        assertThat(list.at("/results/0/lang").asText()).isEqualTo("de-DE");
        assertThat(list.path("complete").asBoolean()).isTrue();
        assertThat(names(ofSkill)).containsExactly(TIME + ":alone", TIME + ":what.time");
        assertThat(ofSkill.at("/results/0/keywords/required/0/samples/1").asText())
                .isEqualTo("lonely");
        assertThat(ofSkill.at("/results/0/keywords/one_of/0/0/name").asText()).isEqualTo("A");
        assertThat(ofSkill.at("/results/1/samples/0").asText()).isEqualTo("what time is it");
    }

    private static ObjectNode definitions() {
        try {
            return (ObjectNode) Json.PLAIN.readTree("""
                    {"ok": true, "definitions": [
                      {"skill_id": "%1$s", "intent_name": "what.time", "lang": "en-US", "method": "template",
                       "session_id": "default", "definition": {"samples": ["what time is it"]}},
                      {"skill_id": "%1$s", "intent_name": "alone", "lang": "en-US", "method": "keyword",
                       "session_id": "default", "definition": {
                         "required": [{"name": "Alone", "samples": ["alone", "lonely"]}],
                         "one_of": [[{"name": "A", "samples": ["a"]}]]}}]}
                    """.formatted(TIME));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> registered(String skill, String name, String method, String lang) {
        return Map.of("skill_id", skill, "intent_name", name, "method", method, "lang", lang, "enabled", true);
    }

    @Test
    void leavesOutWhatTheUserMayNotAsk() {
        assertThat(names(list("eve", "/v1/intents"))).containsExactly(HELLO + ":HelloWorldIntent");
        assertThat(names(list("eve", of("ovos-skill-weather.openvoiceos")))).isEmpty();
        set(HELLO, "ThankYouIntent", "disable").as("eve").isRefused(404, "unknown-intent");
        assertThat(bus.frames("mycroft.skill.disable_intent")).isEmpty();
    }

    @Test
    void tellsThatThereIsNoSuchSkillOrNobodyWhoKnowsIt() {
        gateway.call("GET", of("nobody.example")).isRefused(404, "unknown-skill");
        assertThat(list("reader", of(TIME)).path("count").asInt()).isZero();

        bus.whenAsked("intent.service.adapt.manifest.get");

        gateway.call("GET", "/v1/intents").isRefused(504, "bus-timeout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HelloWorldIntent hello", "what.time.is.it what_time_is_it"})
    void disablesAnIntentAndEnablesItAgain(String intentAndText) {
        String intent = intentAndText.split(" ")[0];
        String text = intentAndText.split(" ")[1].replace('_', ' ');
        String skill = intent.equals("HelloWorldIntent") ? HELLO : TIME;

        set(skill, intent, "disable").answers(204);
        assertThat(matched(text)).isEqualTo("none");
        set(skill, intent, "disable").answers(204);
        assertThat(matched(text)).isEqualTo("none");

        set(skill, intent, "enable").answers(204);
        assertThat(matched(text)).isEqualTo(intent);
        set(skill, intent, "enable").answers(204);
        assertThat(matched(text)).isEqualTo(intent);
    }

    @Test
    void enablesWhatWasDisabledWhenTheSkillIsLoadedAgain() {
        set(HELLO, "HelloWorldIntent", "disable").answers(204);

        gateway.call("PUT", "/v1/skills/" + HELLO + "/deactivate").answers(204);
        gateway.call("PUT", "/v1/skills/" + HELLO + "/activate").answers(204);

        assertThat(matched("hello")).isEqualTo("HelloWorldIntent");
    }

    @Test
    void takesTheNamesOfTheNewLineForAnAnswer() {
        bus.whenAsked("mycroft.skill.disable_intent")
                .answer(asked -> asked.forward(
                        "ovos.intent.deregister",
                        Message.object().put("skill_id", TIME).put("intent_name", TIME + ":ask")));
        bus.whenAsked("mycroft.skill.enable_intent")
                .answer(asked -> asked.forward(
                        "ovos.intent.register.template",
                        Message.object().put("skill_id", TIME).put("intent_name", "ask")));

        set(TIME, "ask", "disable").answers(204);
        set(TIME, "ask", "enable").answers(204);
    }

    @Test
    void tellsThatThereIsNoSuchIntent() {
        assertThat(set(HELLO, "Nothing", "disable")
                        .isRefused(404, "unknown-intent")
                        .path("detail")
                        .asText())
                .contains("/v1/skills/" + HELLO + "/intents");
    }

    @Test
    void leavesTheIntentsOfOtherSkillsAsTheyWere() {
        set(TIME, "HelloWorldIntent", "enable").isRefused(404, "unknown-intent");
        assertThat(matched("hello")).isEqualTo("HelloWorldIntent");

        set(HELLO, "HelloWorldIntent", "disable").answers(204);
        set(TIME, "HelloWorldIntent", "enable").isRefused(404, "unknown-intent");
        assertThat(matched("hello")).isEqualTo("none");

        set(HELLO, "HelloWorldIntent", "enable").answers(204);
    }

    @Test
    void needsItsScopes() {
        set(HELLO, "HelloWorldIntent", "disable").as("reader").isRefused(403, "forbidden");
    }
}
