// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever a part of the assistant answers: it is told as the contract says, or refused with 502 and what is wrong. */
class InvalidAnswersTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of each kind that JSON has, and what only Python has. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "\"\"",
            "\"text\"",
            "\"half \\ud83d\"",
            "\"\\u0000\"",
            "0",
            "-1",
            "1e308",
            "1e999",
            "9".repeat(400),
            "NaN",
            "-Infinity",
            "[]",
            "[1, null, \"a\"]",
            "[[[]]]",
            "{}",
            "{\"a\": NaN}",
            "{\"active\": 1, \"id\": {}}",
            "[".repeat(150) + "]".repeat(150));

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus();

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = Gateway.on(bus::port)
            .with("ovos.devices.default.answer-timeout", "3s")
            .with("ovos.devices.default.companion-timeout", "3s");

    /** An operation, the question that it asks, and a good answer; one without id where the core sends none. */
    private record Asking(String method, String path, String question, String reply, boolean withId, String data) {

        @Override
        public String toString() {
            return method + " " + path + " " + question;
        }
    }

    static Stream<Asking> asking() {
        String skill = "ovos-skill-count.openvoiceos";
        String skills = "{\"%s\": {\"active\": true, \"id\": \"%s\"}}".formatted(skill, skill);
        String state = "{\"state\": \"sleeping\", \"mode\": \"wakeword\"}";
        String info = "{\"core_version\": \"2.1\", \"name\": \"a\", \"tts_engine\": \"t\", \"stt_engine\": \"s\","
                + " \"log_level\": \"INFO\", \"system\": {\"os\": \"l\", \"kernel\": \"k\", \"architecture\": \"a\"},"
                + " \"locales\": {\"city\": \"c\", \"country\": \"c\", \"lang\": \"l\", \"secondary_langs\": [\"a\"],"
                + " \"timezone\": \"t\"}}";
        return Stream.of(
                id("GET", "/network/internet", "ovos.PHAL.internet_check", "{\"internet_connected\": true}"),
                id("GET", "/network/websocket", "mycroft.skills.is_alive", "{\"status\": true}"),
                id("GET", "/voice/microphone", "mycroft.mic.get_status", "{\"muted\": false}"),
                id("GET", "/voice/volume", "mycroft.volume.get", "{\"percent\": 0.5, \"muted\": false}"),
                new Asking("GET", "/system/sleep", "recognizer_loop:state.get", "recognizer_loop:state", true, state),
                new Asking("POST", "/system/sleep", "recognizer_loop:state.get", "recognizer_loop:state", true, state),
                type("POST", "/system/wakeup", "recognizer_loop:wake_up", "mycroft.awoken", "{}"),
                type("GET", "/skills", "skillmanager.list", "mycroft.skills.list", skills),
                id("PUT", "/skills/" + skill + "/deactivate", "skillmanager.deactivate", "{\"error\": \"a\"}"),
                companion("GET", "/system/info", "ovos.api.info", info),
                companion("GET", "/system/config", "ovos.api.config", "{\"lang\": \"en\", \"a\": {\"b\": [1]}}"),
                companion("DELETE", "/system/cache", "ovos.api.cache", "{\"error\": \"a\"}"),
                companion("GET", "/skills/" + skill + "/settings", "ovos.api.skill_settings", "{\"a\": {\"b\": 1}}"));
    }

    private static Asking id(String method, String path, String question, String data) {
        return new Asking(method, path, question, question + ".response", true, data);
    }

    private static Asking type(String method, String path, String question, String reply, String data) {
        return new Asking(method, path, question, reply, false, data);
    }

    private static Asking companion(String method, String path, String question, String data) {
        return type(method, path, question, question + ".answer", data);
    }

    @BeforeEach
    void listTheSkill() {
        gateway.awaitBus();
        // skill-rest-api, asked without the key
        bus.whenAsked("ovos.api.is_awake")
                .answerRaw(asked -> "{\"type\": \"ovos.api.is_awake.answer\", \"data\": {\"error\": \"a\"},"
                        + " \"context\": {\"authenticated\": false}}");
        answer(
                "skillmanager.list",
                "mycroft.skills.list",
                false,
                "{\"ovos-skill-count.openvoiceos\":"
                        + " {\"active\": true, \"id\": \"ovos-skill-count.openvoiceos\"}}");
    }

    @ParameterizedTest
    @MethodSource("asking")
    void areNeverAnErrorOfTheGateway(Asking asking) throws Exception {
        List<String> invalid = new ArrayList<>();
        for (String data : variants(asking.data)) {
            answer(asking.question, asking.reply, asking.withId, data);
            String path = "/v1" + asking.path;
            var call = gateway.call(asking.method, path);
            var answer = (asking.method.equals("DELETE") ? call.json("{\"cache_type\": \"tts\"}") : call).send();

            assertThat(answer.statusCode())
                    .as("%s, answered with %s: %s", asking, data, answer.body())
                    .isIn(200, 201, 204, 404, 502);
            if (answer.statusCode() == 200) {
                // no NaN, no half character
                JSON.readTree(answer.body());
                assertThat(answer.body()).doesNotContain("NaN").doesNotContain("Infinity");
            } else if (answer.statusCode() == 502 && answer.body().contains("invalid-answer")) {
                assertThat(answer.body()).contains(asking.reply).contains("should be");
                invalid.add(data);
            }
        }
        assertThat(invalid).as("answers whose data are no object").contains("[]", "true", "\"text\"");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        answer("recognizer_loop:state.get", "recognizer_loop:state", true, "{\"mode\": \"wakeword\"}");

        assertThat(gateway.call("GET", "/v1/system/sleep")
                        .isRefused(502, "invalid-answer")
                        .path("detail")
                        .asText())
                .contains("'state' of the answer 'recognizer_loop:state' is missing, and should be a text");
    }

    /** The data with each of its members replaced by every value, or taken away; and every value as the data. */
    private static List<String> variants(String data) throws Exception {
        List<String> variants = new ArrayList<>(VALUES);
        variants.add(data);
        ObjectNode whole = (ObjectNode) JSON.readTree(data);
        for (String pointer : pointers("", whole)) {
            String parent = pointer.substring(0, pointer.lastIndexOf('/'));
            String name = pointer.substring(pointer.lastIndexOf('/') + 1);
            for (String value : VALUES) {
                ObjectNode copy = whole.deepCopy();
                ((ObjectNode) copy.at(parent)).put(name, "@@");
                variants.add(copy.toString().replace("\"@@\"", value));
            }
            ObjectNode without = whole.deepCopy();
            ((ObjectNode) without.at(parent)).remove(name);
            variants.add(without.toString());
        }
        return variants;
    }

    private static List<String> pointers(String at, JsonNode node) {
        List<String> pointers = new ArrayList<>();
        node.properties().forEach(member -> {
            String pointer = at + "/" + member.getKey();
            pointers.add(pointer);
            if (member.getValue().isObject()) {
                pointers.addAll(pointers(pointer, member.getValue()));
            }
        });
        return pointers;
    }

    private static void answer(String question, String reply, boolean withId, String data) {
        bus.whenAsked(question).answerRaw(asked -> {
            String context = withId ? asked.context().toString() : "{\"authenticated\": true}";
            return "{\"type\": \"%s\", \"data\": %s, \"context\": %s}".formatted(reply, data, context);
        });
    }
}
