// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.networknt.schema.JsonSchema;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** How input is held against the schemas of a contract, and what the caller is told. */
class SchemasTest {

    private final JsonSchema schema = schema("""
            {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
              "name": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
              "kind": {"type": "string", "enum": ["tts"]},
              "lang": {"type": "string", "nullable": true},
              "volume": {"type": "number", "minimum": 0, "maximum": 1},
              "steps": {"type": "array", "items": {"type": "object", "required": ["at"],
                "properties": {"at": {"type": "integer"}}}}}}""");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"ada\"}",
                "{\"name\": \"ada\", \"lang\": null, \"kind\": \"tts\", \"volume\": 0.5}",
                "{\"name\": \"ada\", \"steps\": [{\"at\": 1}, {\"at\": 2, \"more\": true}]}"
            })
    void letsPassWhatFits(String json) throws Exception {
        Schemas.validate(schema, Json.mapper().readTree(json), "body");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                                           | body        | object
            "text"                                       | body        | object
            null                                         | body        | object
            {}                                           | name        | is required
            {"name": "ada", "more": 1}                   | more        | is not known
            {"name": "ada", "a.b": 1}                    | a.b         | is not known
            {"name": 1}                                  | name        | string expected
            {"name": "Ada"}                              | name        | does not match the regex pattern ^[a-z]+$
            {"name": "a"}                                | name        | 2
            {"name": "abcde"}                            | name        | 4
            {"name": "ada", "kind": "stt"}               | kind        | tts
            {"name": "ada", "kind": null}                | kind        | string expected
            {"name": "ada", "volume": 1.1}               | volume      | 1
            {"name": "ada", "volume": "1"}               | volume      | number expected
            {"name": "ada", "steps": [{"at": 1}, {}]}    | steps[1].at | is required
            {"name": "ada", "steps": [{"at": "x"}]}      | steps[0].at | integer expected
            """)
    void tellsTheFieldAndTheReason(String json, String field, String reason) throws Exception {
        Problem problem = problem(schema, json);

        assertThat(problem.status()).isEqualTo(422);
        assertThat(problem.type()).isEqualTo("validation");
        assertThat(errors(problem)).anySatisfy(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.reason()).contains(reason);
        });
        assertThat(problem.detail()).contains(field);
    }

    @Test
    void tellsInTheWordsOfTheContractWhatIsWanted() throws Exception {
        JsonSchema worded = schema("""
                {"type": "object", "properties": {"name": {
                  "type": "string", "minLength": 2, "pattern": "^[a-z]+$",
                  "x-message": {"pattern": "must be in lower case, a to z"}}}}""");

        assertThat(errors(problem(worded, "{\"name\": \"Ada\"}")))
                .containsExactly(new FieldError("name", "must be in lower case, a to z"));
        assertThat(errors(problem(worded, "{\"name\": \"a\"}")))
                .containsExactly(new FieldError("name", "must be at least 2 characters long"));
    }

    @Test
    void tellsAllFieldsInOrder() throws Exception {
        assertThat(errors(problem(schema, "{\"volume\": -1, \"kind\": 1, \"z\": 1}")))
                .extracting(error -> error.field())
                .containsSubsequence("kind", "name", "volume", "z");
    }

    @Test
    void tellsAtMostTwentyFieldsOfAtMostAHundredCharacters() throws Exception {
        StringBuilder json = new StringBuilder("{\"name\": \"ada\"");
        for (int i = 0; i < 1_000; i++) {
            json.append(", \"").append("x".repeat(1_000)).append(i).append("\": 1");
        }

        Problem problem = problem(schema, json.append("}").toString());

        assertThat(errors(problem))
                .hasSizeLessThanOrEqualTo(20)
                .allSatisfy(error -> assertThat(error.field()).hasSizeLessThanOrEqualTo(100));
        assertThat(problem.detail()).hasSizeLessThan(4_000);
    }

    @Test
    void neverRepeatsAValue() throws Exception {
        JsonSchema strict = schema("""
                {"type": "object", "properties": {
                  "password": {"type": "string", "maxLength": 3, "pattern": "^x+$", "enum": ["xxx"]},
                  "list": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
                  "number": {"type": "number", "maximum": 1}}}""");

        for (String json : List.of(
                "{\"password\": \"hunter2\"}",
                "{\"list\": [\"hunter2\", \"hunter2\"]}",
                "{\"number\": \"hunter2\"}",
                "{\"number\": 31337}")) {
            Problem problem = problem(strict, json);
            assertThat(problem.detail() + problem.members())
                    .doesNotContain("hunter2")
                    .doesNotContain("31337");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc\n", "abc\r\n", "abc\u2028", "abc\u0085", "\nabc", "abc\nabc"})
    void takesTheEndOfAPatternForTheEndOfTheText(String text) throws Exception {
        String json = Json.mapper().writeValueAsString(text);

        assertThat(problem(schema("{\"type\": \"string\", \"pattern\": \"^[a-z]+$\"}"), json)
                        .status())
                .isEqualTo(422);
        assertThat(problem(schema("{\"type\": \"string\", \"pattern\": \"^(abc|[a-z]+)$\"}"), json)
                        .status())
                .isEqualTo(422);
    }

    @Test
    void takesAnEscapedDollarForADollar() throws Exception {
        JsonSchema price = schema("{\"type\": \"string\", \"pattern\": \"^[0-9]+\\\\$\"}");

        Schemas.validate(price, Json.mapper().readTree("\"5$\""), "price");
        assertThat(problem(price, "\"5\"").status()).isEqualTo(422);
    }

    @Test
    void followsReferencesToTheComponents() throws Exception {
        OpenAPI contract = new OpenAPI()
                .components(new Components().addSchemas("Name", model("{\"type\": \"string\", \"maxLength\": 3}")));
        JsonSchema compiled = new Schemas(contract).compile(model("""
                {"type": "object", "properties": {"name": {"$ref": "#/components/schemas/Name"}}}"""));

        Schemas.validate(compiled, Json.mapper().readTree("{\"name\": \"ada\"}"), "body");
        assertThat(errors(problem(compiled, "{\"name\": \"grace\"}")).get(0).field())
                .isEqualTo("name");
    }

    @Test
    void takesAContractWithoutComponentsOrSchemas() throws Exception {
        for (OpenAPI contract : List.of(new OpenAPI(), new OpenAPI().components(new Components()))) {
            JsonSchema compiled = new Schemas(contract).compile(model("{\"type\": \"string\"}"));
            Schemas.validate(compiled, Json.mapper().readTree("\"text\""), "body");
        }
    }

    private static Problem problem(JsonSchema schema, String json) throws JsonProcessingException {
        var value = Json.mapper().readTree(json);
        var refused = catchThrowableOfType(ProblemException.class, () -> Schemas.validate(schema, value, "body"));
        assertThat(refused).as(json).isNotNull();
        return refused.problem();
    }

    private static List<FieldError> errors(Problem problem) {
        List<FieldError> errors = new ArrayList<>();
        ((List<?>) problem.members().get("errors")).forEach(error -> errors.add((FieldError) error));
        return errors;
    }

    private static JsonSchema schema(String json) {
        return new Schemas(new OpenAPI()).compile(model(json));
    }

    private static Schema<?> model(String json) {
        try {
            return Json.mapper().readValue(json, Schema.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
