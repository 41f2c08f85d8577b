// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.oas.OpenApi30;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/** Checks what the gateway answers against the contract: status, headers, media type and the schema of the body. */
public final class ContractSchema {

    private static final String LOCATION = "urn:ovos-gateway:contract";
    private static final String PROBLEM = "application/problem+json";
    private static final Set<Integer> BEFORE_ANY_OPERATION = Set.of(408, 414, 417, 431);
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch", "head", "options");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().pathType(PathType.JSON_PATH).build();

    private final JsonNode document;
    private final String basePath;
    private final List<Operation> operations = new ArrayList<>();
    private final JsonSchemaFactory schemas;

    /**
     * One operation of the contract.
     *
     * @param id operationId
     * @param method in upper case
     * @param path template below the base path, such as {@code /skills/{skill_id}/settings}
     * @param at where its Operation Object is
     */
    public record Operation(String id, String method, String path, JsonPointer at) {

        private static final Pattern VARIABLE = Pattern.compile("\\{[^/{}]+}");

        private boolean isCalledBy(String otherMethod, String otherPath) {
            // \E and \Q leave and enter the quoted part
            return method.equals(otherMethod)
                    && (path.equals(otherPath)
                            || otherPath.matches(
                                    VARIABLE.matcher(Pattern.quote(path)).replaceAll("\\\\E[^/]+\\\\Q")));
        }

        /** As it is called in messages: {@code getInfo (GET /system/info)}. */
        @Override
        public String toString() {
            return "%s (%s %s)".formatted(id, method, path);
        }
    }

    private ContractSchema(JsonNode document) {
        this.document = document;
        this.basePath = document.at("/servers/0/url").asText();
        document.path("paths").fieldNames().forEachRemaining(path -> {
            JsonPointer at = pointer("paths", path);
            document.at(at).fieldNames().forEachRemaining(method -> {
                if (METHODS.contains(method)) {
                    JsonPointer operation = at.appendProperty(method);
                    String id = document.at(operation).path("operationId").asText();
                    operations.add(new Operation(id, method.toUpperCase(Locale.ROOT), path, operation));
                }
            });
        });
        // OpenAPI: a path without variables wins over a template that fits as well
        operations.sort(Comparator.comparing(operation -> operation.path().contains("{")));
        String json = document.toString();
        // the schemas stand in a document of which OpenAPI's other parts are no keywords
        JsonMetaSchema openApi = JsonMetaSchema.builder(OpenApi30.getInstance())
                .unknownKeywordFactory((keyword, context) -> new NonValidationKeyword(keyword))
                .build();
        this.schemas = JsonSchemaFactory.getInstance(
                VersionFlag.V4,
                factory -> factory.metaSchema(openApi)
                        .defaultMetaSchemaIri(openApi.getIri())
                        .schemaLoaders(loaders -> loaders.schemas(Map.of(LOCATION, json))));
    }

    /** The contract that is shipped, {@code routes/openapi.yaml}. */
    public static ContractSchema shipped() {
        return Shipped.CONTRACT;
    }

    /** Reads a contract from a YAML file. */
    public static ContractSchema of(Path file) {
        try {
            return new ContractSchema(YAMLMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .build()
                    .readTree(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole contract. */
    public JsonNode document() {
        return document;
    }

    /** Every operation; those with a variable in the path come last. */
    public List<Operation> operations() {
        return List.copyOf(operations);
    }

    /** Every operation that needs neither MQTT, nor a skill of its own, nor a conversation that was begun. */
    public List<Operation> operationsWithoutMqtt() {
        return operations.stream()
                .filter(operation -> !operation.path().startsWith("/mqtt/")
                        && !operation.path().startsWith("/alerts")
                        && !operation.id().equals("endConversation"))
                .toList();
    }

    /** The operation that a call reaches, if any; the path may have the base path and a query. */
    public Optional<Operation> operation(String method, String path) {
        String withoutQuery = path.replaceFirst("[?#].*", "");
        String below =
                withoutQuery.startsWith(basePath + "/") ? withoutQuery.substring(basePath.length()) : withoutQuery;
        return operations.stream()
                .filter(operation -> operation.isCalledBy(method.toUpperCase(Locale.ROOT), below))
                .findFirst();
    }

    /** Checks an answer with its headers. */
    public void assertConforms(HttpResponse<String> answer) {
        String method = answer.request().method();
        String path = answer.request().uri().getRawPath();
        String contentType = answer.headers().firstValue("Content-Type").orElse(null);
        JsonPointer declared = assertConforms(method, path, answer.statusCode(), contentType, answer.body());
        String answered = "%s %s answered %d".formatted(method, path, answer.statusCode());

        document.at(declared).path("headers").fieldNames().forEachRemaining(name -> {
            JsonPointer header = resolve(declared.appendProperty("headers").appendProperty(name));
            Optional<String> value = answer.headers().firstValue(name);
            if (document.at(header).path("required").asBoolean()) {
                assertThat(value).as("%s: header %s", answered, name).isPresent();
            }
            value.ifPresent(text -> assertThat(violations(header.appendProperty("schema"), headerValue(header, text)))
                    .as("%s: header %s is '%s', violations of the contract", answered, name, text)
                    .isEmpty());
        });
        if (PROBLEM.equals(mediaType(contentType)) && !answer.body().isEmpty()) {
            assertThat(parse(answered, answer.body()).path("request_id").asText())
                    .as("%s: request_id is that of the header", answered)
                    .isEqualTo(answer.headers().firstValue("X-Request-Id").orElse(null));
        }
    }

    /**
     * Checks an answer without its headers.
     *
     * @param method HTTP method
     * @param path template or concrete path, with or without the base path and a query
     * @param status HTTP status code
     * @param contentType media type with or without parameters, null when there is none
     * @param body null or empty when there is none
     * @return where the Response Object is that the answer conforms to
     */
    public JsonPointer assertConforms(String method, String path, int status, String contentType, String body) {
        String text = body == null ? "" : body;
        String answered = "%s %s answered %d with '%s'".formatted(method, path, status, text);
        JsonPointer declared = operation(method, path)
                .filter(operation -> !BEFORE_ANY_OPERATION.contains(status))
                .map(operation -> declared(operation, status))
                .orElseGet(() -> outside(answered, status));
        JsonNode content = document.at(declared).path("content");
        if (content.isEmpty() || method.equalsIgnoreCase("HEAD")) {
            assertThat(text).as("%s: body", answered).isEmpty();
            return declared;
        }
        String mediaType = mediaType(contentType);
        assertThat(mediaType).as("%s: media type", answered).isIn(names(content));
        if (!mediaType.endsWith("json")) {
            return declared;
        }
        JsonNode value = parse(answered, text);
        JsonPointer schema =
                declared.appendProperty("content").appendProperty(mediaType).appendProperty("schema");
        assertThat(violations(schema, value))
                .as("%s: violations of the contract", answered)
                .isEmpty();
        if (mediaType.equals(PROBLEM)) {
            assertThat(value.path("status").asInt())
                    .as("%s: status inside", answered)
                    .isEqualTo(status);
        }
        return declared;
    }

    /** What is wrong with a value, one line each; empty when it fits the Schema Object. */
    public List<String> violations(JsonPointer schema, JsonNode value) {
        return schemas.getSchema(SchemaLocation.of(LOCATION + "#" + schema), CONFIG).validate(value).stream()
                .map(ValidationMessage::getMessage)
                .sorted()
                .toList();
    }

    /** Follows references; what is none is returned as it is. */
    public JsonPointer resolve(JsonPointer at) {
        JsonPointer target = at;
        while (document.at(target).has("$ref")) {
            target = JsonPointer.compile(
                    document.at(target).path("$ref").asText().substring(1));
        }
        return target;
    }

    private JsonPointer declared(Operation operation, int status) {
        JsonPointer responses = operation.at().appendProperty("responses");
        JsonPointer response = responses.appendProperty(Integer.toString(status));
        assertThat(document.at(response).isMissingNode())
                .as("%s answered %d, the contract has %s", operation, status, names(document.at(responses)))
                .isFalse();
        return resolve(response);
    }

    /** What reaches no operation is refused, and in the same shape. */
    private JsonPointer outside(String answered, int status) {
        assertThat(status)
                .as("%s, but the contract has no such operation", answered)
                .isBetween(400, 499);
        return pointer("components", "responses", "Malformed");
    }

    private JsonNode headerValue(JsonPointer header, String text) {
        boolean number = document.at(header).at("/schema/type").asText().equals("integer") && text.matches("\\d{1,9}");
        return number
                ? JsonNodeFactory.instance.numberNode(Integer.parseInt(text))
                : JsonNodeFactory.instance.textNode(text);
    }

    private static JsonNode parse(String answered, String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return fail("%s, which is not JSON: %s", answered, e.getOriginalMessage());
        }
    }

    private static String mediaType(String contentType) {
        return contentType == null
                ? null
                : contentType.replaceFirst(";.*", "").trim().toLowerCase(Locale.ROOT);
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonPointer pointer(String... names) {
        JsonPointer pointer = JsonPointer.empty();
        for (String name : names) {
            pointer = pointer.appendProperty(name);
        }
        return pointer;
    }

    private static final class Shipped {
        static final ContractSchema CONTRACT = of(Path.of("routes", "openapi.yaml"));
    }
}
