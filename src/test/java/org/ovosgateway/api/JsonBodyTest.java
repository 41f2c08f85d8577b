// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What is taken for the JSON body of an operation, and what is not. */
class JsonBodyTest {

    private final JsonBody anything = body(true, new Schema<>());

    @Test
    void givesPlainMapsListsAndValues() throws Exception {
        Object read = anything.read(Buffer.buffer("""
                {"text": "Grüße \\ud83d\\ude00", "list": [1, 2.5, true, null], "object": {"deep": {}}}"""));

        assertThat(read).isEqualTo(Json.mapper().readValue("""
                {"text": "Grüße 😀", "list": [1, 2.5, true, null], "object": {"deep": {}}}""", Map.class));
    }

    @Test
    void takesAWholeNumberForAnIntegerHoweverItIsWritten() {
        Schema<?> volume = new Schema<>().type("object").addProperty("volume", new Schema<>().type("integer"));
        for (String number : List.of("55", "55.0", "5.5e1", "55.000")) {
            assertThat(body(true, volume).read(Buffer.buffer("{\"volume\": " + number + "}")))
                    .isEqualTo(Map.of("volume", 55));
        }
        for (String number : List.of("55.5", "1e300", "\"55\"")) {
            assertThat(problem(body(true, volume), Buffer.buffer("{\"volume\": " + number + "}"))
                            .status())
                    .isEqualTo(422);
        }
        assertThat(anything.read(Buffer.buffer("[-2.0, 9007199254740992.0, 0.5]")))
                .isEqualTo(List.of(-2, 9007199254740992L, 0.5));
    }

    @Test
    void takesAByteOrderMarkAtTheBeginning() {
        assertThat(anything.read(Buffer.buffer("\uFEFF{\"a\": \"\uFEFF\"}"))).isEqualTo(Map.of("a", "\uFEFF"));
    }

    @Test
    void refusesMoreValuesThanTheMemoryCanBear() {
        assertThat(problem(anything, Buffer.buffer("[" + "[],".repeat(300_000) + "[]]"))
                        .status())
                .isEqualTo(400);
        assertThat(anything.read(Buffer.buffer("[" + "1,".repeat(10_000) + "1]")))
                .isInstanceOf(List.class);
    }

    @Test
    void refusesNothingWhereSomethingIsRequired() {
        assertThat(problem(anything, null).status()).isEqualTo(422);
        assertThat(problem(anything, Buffer.buffer()).members())
                .containsEntry("errors", List.of(new FieldError("body", "is required")));
    }

    @Test
    void takesNothingWhereNothingIsRequired() {
        JsonBody optional = body(false, new Schema<>());

        assertThat(optional.read((Buffer) null)).isNull();
        assertThat(optional.read(Buffer.buffer())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "\u0000",
                "\uFEFF",
                "\uFEFF\uFEFF{}",
                "{\uFEFF}",
                "{",
                "}",
                "{'single': 1}",
                "{unquoted: 1}",
                "{\"a\": 1,}",
                "{\"a\": NaN}",
                "{\"a\": 01}",
                "{\"a\": +1}",
                "{\"a\": .5}",
                "/* comment */ {}",
                "{\"a\": 1, \"a\": 2}",
                "{\"list\": [{\"a\": 1, \"\\u0061\": 2}]}",
                "{} {}",
                "{} trailing",
                "{}\u0000",
                "{\"a\": \"line\nbreak\"}",
                "{\"a\": \"\\x41\"}",
                "{\"a\": \"\\ud83d\"}",
                "{\"a\": \"\\ude00\\ud83d\"}",
                "{\"\\ud83d\": 1}",
                "\"\\udfff\"",
                "utterance=hello"
            })
    void refusesWhatIsNoJson(String text) {
        assertMalformed(Buffer.buffer(text));
    }

    @Test
    void refusesOtherEncodings() {
        String json = "{\"utterance\": \"grüße\"}";

        assertMalformed(Buffer.buffer(json.getBytes(StandardCharsets.ISO_8859_1)));
        assertMalformed(Buffer.buffer(json.getBytes(StandardCharsets.UTF_16)));
        assertMalformed(Buffer.buffer(json.getBytes(StandardCharsets.UTF_16LE)));
        // a slash in two bytes, half of an emoji in three, and a character beyond the last
        assertMalformed(bytes('"', 0xC0, 0xAF, '"'));
        assertMalformed(bytes('"', 0xED, 0xA0, 0xBD, '"'));
        assertMalformed(bytes('"', 0xF4, 0x90, 0x80, 0x80, '"'));
        assertMalformed(bytes('"', 0xE2, 0x82));
    }

    @Test
    void refusesWhatIsNestedTooDeep() {
        assertMalformed(Buffer.buffer("[".repeat(100_000)));
        assertMalformed(Buffer.buffer("{\"a\":".repeat(51) + "1" + "}".repeat(51)));
        assertThat(anything.read(Buffer.buffer("[".repeat(50) + "]".repeat(50))))
                .isInstanceOf(List.class);
    }

    @Test
    void refusesNumbersThatNobodyMeans() {
        assertMalformed(Buffer.buffer("1".repeat(101)));
        assertMalformed(Buffer.buffer("0." + "1".repeat(1_000_000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "-1e400", "1e999999999", "99999999999999999999999999"})
    void refusesHugeNumbersWhereverANumberIsWanted(String number) {
        Buffer json = Buffer.buffer("{\"volume\": [" + number + "]}");

        for (String type : List.of("number", "integer")) {
            JsonBody volume = body(true, schema("""
                    {"type": "object", "properties": {"volume": {"type": "array",
                      "items": {"type": "%s", "minimum": 0, "maximum": 8, "multipleOf": 2}}}}""".formatted(type)));
            assertThat(problem(volume, json).status()).isIn(400, 422);
        }
    }

    @Test
    void neverRepeatsTheBody() {
        Problem problem = problem(anything, Buffer.buffer("{\"password\": \"correct horse\", hunter2}"));

        assertThat(problem.detail()).contains("line 1").doesNotContain("horse").doesNotContain("hunter2");
    }

    @Test
    void tellsTheFieldsThatDoNotFit() {
        JsonBody speech = body(true, schema("""
                {"type": "object", "required": ["utterance"], "additionalProperties": false,
                 "properties": {"utterance": {"type": "string"}}}"""));

        assertThat(problem(speech, Buffer.buffer("{\"secret\": 1}")).members())
                .containsEntry(
                        "errors",
                        List.of(new FieldError("secret", "is not known"), new FieldError("utterance", "is required")));
    }

    private void assertMalformed(Buffer body) {
        Problem problem = problem(anything, body);

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.type()).isEqualTo("malformed");
    }

    private static Problem problem(JsonBody body, Buffer content) {
        var refused = catchThrowableOfType(ProblemException.class, () -> body.read(content));
        assertThat(refused).as("%s", content).isNotNull();
        return refused.problem();
    }

    private static JsonBody body(boolean required, Schema<?> schema) {
        return new JsonBody(required, new Schemas(new OpenAPI()).compile(schema));
    }

    private static Schema<?> schema(String json) {
        try {
            return Json.mapper().readValue(json, Schema.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static Buffer bytes(int... bytes) {
        Buffer buffer = Buffer.buffer();
        for (int one : bytes) {
            buffer.appendByte((byte) one);
        }
        return buffer;
    }
}
