// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.oas.OpenApi30;
import com.networknt.schema.regex.RegularExpression;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/** The schemas of a contract, compiled for the validation of input. */
final class Schemas {

    /** What a caller is told instead of a regular expression, by keyword. */
    private static final String MESSAGE = "x-message";

    private static final int MOST_ERRORS = 20;
    private static final int MOST_REFERENCES = 20;
    private static final ObjectMapper JSON = Json.mapper();
    private static final JsonMetaSchema OPENAPI = JsonMetaSchema.builder(OpenApi30.getInstance())
            .keyword(new NonValidationKeyword("components"))
            .keyword(new NonValidationKeyword(MESSAGE))
            .build();
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            VersionFlag.V4, builder -> builder.metaSchema(OPENAPI).defaultMetaSchemaIri(OPENAPI.getIri()));
    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .regularExpressionFactory(Schemas::regularExpression)
            .errorMessageKeyword(MESSAGE)
            .build();

    private final JsonNode components;

    @SuppressWarnings("rawtypes")
    private final Map<String, Schema> named;

    Schemas(OpenAPI contract) {
        this.named = schemas(contract);
        this.components = contract.getComponents() == null ? null : JSON.valueToTree(Map.of("schemas", named));
    }

    @SuppressWarnings("rawtypes")
    private static Map<String, Schema> schemas(OpenAPI contract) {
        Map<String, Schema> schemas = contract.getComponents() == null
                ? null
                : contract.getComponents().getSchemas();
        return schemas == null ? Map.of() : schemas;
    }

    /** The schema itself, where this one only refers to it. */
    Schema<?> resolve(Schema<?> schema) {
        Schema<?> found = schema;
        for (int i = 0; found.get$ref() != null && i < MOST_REFERENCES; i++) {
            String name = found.get$ref().substring(found.get$ref().lastIndexOf('/') + 1);
            found = named.get(name);
            if (found == null) {
                throw new IllegalArgumentException("There is no schema '" + schema.get$ref() + "'");
            }
        }
        return found;
    }

    static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    JsonSchema compile(Schema<?> schema) {
        ObjectNode tree = JSON.valueToTree(schema);
        if (components != null) {
            // references stay references to #/components/schemas/...
            tree.set("components", components);
        }
        JsonSchema compiled = FACTORY.getSchema(tree, CONFIG);
        compiled.initializeValidators();
        return compiled;
    }

    /** In a schema $ is the end of the text (ECMA 262); in Java a line break may follow it. */
    private static RegularExpression regularExpression(String regex) {
        boolean anchored = regex.endsWith("$") && !regex.endsWith("\\$");
        Pattern pattern = Pattern.compile(anchored ? regex.substring(0, regex.length() - 1) + "\\z" : regex);
        return value -> pattern.matcher(value).find();
    }

    /**
     * @param name what the value is called where it has no name of its own
     * @throws ProblemException 422 with the offending fields
     */
    static void validate(JsonSchema schema, JsonNode value, String name) {
        var messages = schema.validate(value);
        if (messages.isEmpty()) {
            return;
        }
        List<FieldError> errors = messages.stream()
                .map(message -> new FieldError(field(message, name), reason(message)))
                .distinct()
                .sorted(Comparator.comparing(FieldError::field))
                .limit(MOST_ERRORS)
                .toList();
        throw new ProblemException(Problem.validation(errors));
    }

    private static String field(ValidationMessage message, String name) {
        StringBuilder field = new StringBuilder();
        var location = message.getInstanceLocation();
        for (int i = 0; i < location.getNameCount(); i++) {
            Object element = location.getElement(i);
            field.append(element instanceof Integer ? "[" + element + "]" : (field.isEmpty() ? "" : ".") + element);
        }
        if (message.getProperty() != null) {
            field.append(field.isEmpty() ? "" : ".").append(message.getProperty());
        }
        boolean unnamed = field.isEmpty() || field.charAt(0) == '[';
        String found = (unnamed ? name : "") + field;
        return found.length() > 100 ? found.substring(0, 100) : found;
    }

    private static String reason(ValidationMessage message) {
        return switch (message.getType()) {
            case "required" -> "is required";
            case "additionalProperties" -> "is not known";
            // the validator would write 1E+2
            case "maximum" -> "must not be more than " + plain(message);
            case "minimum" -> "must not be less than " + plain(message);
            default -> message.getError();
        };
    }

    private static String plain(ValidationMessage message) {
        return new BigDecimal(message.getArguments()[0].toString()).toPlainString();
    }
}
