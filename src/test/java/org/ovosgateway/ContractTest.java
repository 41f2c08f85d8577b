// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.ContractSchema.Operation;
import org.ovosgateway.testing.Gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Holds the contract, the routes and the Postman collection together, from their files alone. */
class ContractTest {

    private static final Path ROUTES = Path.of("routes");
    private static final Path OPENAPI = ROUTES.resolve("openapi.yaml");
    private static final Path COLLECTION = Path.of("postman", "collection.json");

    /** For what a browser opens, which sends no header. */
    private static final String ACCESS_OR_TICKET = "[{\"access\":[]},{\"ticket\":[]}]";

    private final ContractSchema contract = ContractSchema.shipped();
    private final JsonNode document = contract.document();

    @Nested
    class Document {

        @Test
        void isReadByTheParserOfCamelWithoutComplaint() throws IOException {
            ParseOptions options = new ParseOptions();
            options.setResolve(true);
            options.setResolveFully(true);
            var result = new OpenAPIV3Parser().readContents(Files.readString(OPENAPI), null, options);
            assertThat(result.getMessages()).isEmpty();
            assertThat(result.getOpenAPI().getPaths())
                    .hasSameSizeAs(document.path("paths").properties());
            // camel-rest-openapi 4.17.0 fails on components without schemas
            assertThat(result.getOpenAPI().getComponents().getSchemas()).isNotEmpty();
        }

        @Test
        void hasTheVersionOfTheProgram() throws IOException {
            Matcher version = Pattern.compile("<artifactId>ovos-gateway</artifactId>\\s*<version>([^<]+)<")
                    .matcher(Files.readString(Path.of("pom.xml")));
            assertThat(version.find()).isTrue();
            assertThat(document.at("/info/version").asText()).isEqualTo(version.group(1));
        }

        @Test
        void refersOnlyToWhatIsThere() {
            everyNode((at, node) -> {
                if (node.has("$ref")) {
                    String reference = node.path("$ref").asText();
                    assertThat(reference).as(at.toString()).startsWith("#/components/");
                    assertThat(document.at(reference.substring(1)).isMissingNode())
                            .as("%s: %s is missing", at, reference)
                            .isFalse();
                }
            });
        }

        @Test
        void hasNoPartThatNothingRefersTo() {
            Set<String> referred = new TreeSet<>();
            everyNode((at, node) -> {
                if (node.path("$ref").isTextual()) {
                    referred.add(node.path("$ref").asText());
                }
            });
            Set<String> parts = new TreeSet<>();
            document.path("components").properties().forEach(kind -> {
                if (!kind.getKey().equals("securitySchemes")) {
                    names(kind.getValue()).forEach(name -> parts.add("#/components/" + kind.getKey() + "/" + name));
                }
            });
            assertThat(parts).isEqualTo(referred);
        }

        @Test
        void describesEveryOperation() {
            List<String> tags = document.path("tags").findValuesAsText("name");
            Set<String> ids = new TreeSet<>();
            everyOperation((operation, node) -> {
                assertThat(operation.id()).as("operationId of %s", operation).matches("[a-z]+([A-Z][a-z]+)*");
                assertThat(ids.add(operation.id()))
                        .as("%s is unique", operation)
                        .isTrue();
                assertThat(node.path("summary").asText())
                        .as("summary of %s", operation)
                        .isNotBlank()
                        .doesNotEndWith(".");
                assertThat(node.path("tags")).as("tags of %s", operation).hasSize(1);
                assertThat(tags)
                        .as("tag of %s", operation)
                        .contains(node.path("tags").path(0).asText());
                assertThat(node.path("description").asText())
                        .as("description of %s names its bus messages", operation)
                        .containsPattern("`[a-zA-Z._]+(:[a-z_.]+)?`|[Ss]ends nothing to the bus");
            });
            document.path("tags")
                    .forEach(tag -> assertThat(tag.path("description").asText())
                            .as("description of %s", tag.path("name"))
                            .isNotBlank());
        }

        @Test
        void declaresEveryVariableOfItsPaths() {
            everyOperation((operation, node) -> {
                Set<String> inPath = new TreeSet<>();
                Pattern.compile("\\{([^}]+)}")
                        .matcher(operation.path())
                        .results()
                        .forEach(variable -> inPath.add(variable.group(1)));
                Set<String> declared = new TreeSet<>();
                parameters(operation).forEach(at -> {
                    JsonNode parameter = document.at(at);
                    assertThat(parameter.path("description").asText())
                            .as("description of %s of %s", parameter.path("name"), operation)
                            .isNotBlank();
                    if (parameter.path("in").asText().equals("path")) {
                        declared.add(parameter.path("name").asText());
                        assertThat(parameter.path("required").asBoolean())
                                .as("%s of %s", parameter.path("name"), operation)
                                .isTrue();
                    }
                });
                assertThat(declared).as("path parameters of %s", operation).isEqualTo(inPath);
            });
        }

        @Test
        void holdsNoSecret() throws IOException {
            for (Path file : List.of(OPENAPI, COLLECTION)) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContainPattern("\\$2[aby]\\$\\d\\d\\$")
                        .doesNotContain("PRIVATE KEY")
                        // header.payload.signature, but for the one whose signature reads "signed"
                        .doesNotContainPattern("eyJ[\\w-]+\\.[\\w-]+\\.(?!c2lnbmVk\\b)[\\w-]+");
            }
        }
    }

    @Nested
    class Access {

        @Test
        void needsATokenUnlessTheOperationSaysOtherwise() {
            assertThat(document.path("security").toString()).isEqualTo("[{\"access\":[]}]");
            assertThat(names(document.at("/components/securitySchemes")))
                    .containsExactly("access", "refresh", "ticket");
        }

        @Test
        void isOpenToAnybodyForLoginAndPingOnly() {
            assertThat(idsWhere(node -> node.path("security").isArray()
                            && node.path("security").isEmpty()))
                    .containsExactlyInAnyOrder("createTokens", "ping");
        }

        @Test
        void takesTheRefreshTokenForTokensOnly() {
            assertThat(idsWhere(node -> node.path("security").toString().equals("[{\"refresh\":[]}]")))
                    .containsExactlyInAnyOrder("refreshToken", "rotateTokens", "logOut");
        }

        @Test
        void asksForNoScopeForTokensOfOnesOwnOnly() {
            assertThat(idsWhere(node -> node.path("security").toString().equals("[{\"access\":[]}]")))
                    .containsExactlyInAnyOrder(
                            "listPermatokens", "createPermatoken", "deletePermatoken", "createTicket");
        }

        @Test
        void needsOneScopeWhereItNeedsAnAccessToken() {
            everyOperation((operation, node) -> {
                if (node.has("security") && !node.path("security").toString().equals(ACCESS_OR_TICKET)) {
                    assertThat(node.has("x-scope"))
                            .as("%s has a scope", operation)
                            .isFalse();
                    return;
                }
                String scope = node.path("x-scope").asText();
                assertThat(scope).as("x-scope of %s", operation).matches("[a-z]+:[a-z]+");
                assertThat(node.path("description").asText())
                        .as("description of %s", operation)
                        .contains("Scope: `%s`.".formatted(scope));
                assertThat(document.at("/info/description").asText())
                        .as("scopes in the introduction")
                        .contains("| `%s` |".formatted(scope));
            });
        }
    }

    @Nested
    class Requests {

        @Test
        void nameTheDeviceWhereTheyReachOne() {
            Set<String> elsewhere = Set.of(
                    "ping",
                    "listDevices",
                    "getDevice",
                    "simulateMqtt",
                    "followEvents",
                    "listHistory",
                    "getHistory",
                    "endConversation",
                    "createEventTicket");
            everyOperation((operation, node) -> {
                boolean reaches = !elsewhere.contains(operation.id())
                        && !node.path("tags").path(0).asText().equals("auth");
                assertThat(node.path("parameters").toString().contains("\"#/components/parameters/Device\""))
                        .as("%s takes 'device'", operation)
                        .isEqualTo(reaches);
            });
        }

        @Test
        void haveClosedAndBoundedBodies() {
            everyOperation((operation, node) -> body(operation).ifPresent(at -> {
                JsonNode body = document.at(at);
                if (node.path("x-upload").asBoolean()) {
                    assertThat(names(body.path("content")))
                            .as("media types of %s", operation)
                            .containsExactly("audio/*", "multipart/form-data");
                    assertThat(node.path("x-max-body").asText())
                            .as("x-max-body of %s", operation)
                            .isNotBlank();
                    bounded(operation, at.append(JsonPointer.compile("/content/multipart~1form-data/schema")));
                    return;
                }
                List<String> types = new ArrayList<>(names(body.path("content")));
                if (types.remove("multipart/form-data")) {
                    bounded(operation, at.append(JsonPointer.compile("/content/multipart~1form-data/schema")));
                }
                assertThat(types).as("media types of %s", operation).containsExactly("application/json");
                assertThat(body.has("required"))
                        .as("%s says whether its body is required", operation)
                        .isTrue();
                bounded(operation, at.append(JsonPointer.compile("/content/application~1json/schema")));
            }));
        }

        @Test
        void haveBoundedParameters() {
            everyOperation((operation, node) ->
                    parameters(operation).forEach(at -> bounded(operation, at.appendProperty("schema"))));
        }

        private void bounded(Operation operation, JsonPointer at) {
            JsonPointer target = contract.resolve(at);
            if (target.equals(property("MqttMessage", "payload"))) {
                // any JSON: whether it is too much for a message is what the answer tells
                return;
            }
            if (target.equals(JsonPointer.compile("/components/schemas/MessageData"))) {
                // whatever the one who hears it knows
                return;
            }
            if (target.equals(JsonPointer.compile("/components/schemas/SettingChanges"))) {
                // the names are those of the skill, which has its say
                return;
            }
            JsonNode schema = document.at(target);
            switch (schema.path("type").asText()) {
                case "boolean" -> {}
                case "integer" ->
                    assertThat(schema.has("minimum") && schema.has("maximum"))
                            .as("%s: the number at %s has minimum and maximum", operation, target)
                            .isTrue();
                case "string" ->
                    assertThat(schema.has("enum")
                                    || schema.path("format").asText().equals("binary")
                                    || schema.has("maxLength")
                                            && schema.has("pattern")
                                            && schema.at("/x-message/pattern").isTextual())
                            .as(
                                    "%s: the string at %s has maxLength, pattern and its words, or an enum",
                                    operation, target)
                            .isTrue();
                case "object" -> {
                    assertThat(schema.path("additionalProperties").toString())
                            .as("%s: additionalProperties of the object at %s", operation, target)
                            .isEqualTo("false");
                    schema.path("properties")
                            .fieldNames()
                            .forEachRemaining(name -> bounded(
                                    operation,
                                    target.appendProperty("properties").appendProperty(name)));
                }
                case "array" -> {
                    assertThat(schema.has("maxItems"))
                            .as("%s: maxItems of the array at %s", operation, target)
                            .isTrue();
                    bounded(operation, target.appendProperty("items"));
                }
                default ->
                    assertThat(schema.path("type").asText())
                            .as("%s: the type at %s", operation, target)
                            .isIn("boolean", "integer", "string", "object");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "\t\r\n", "\u00a0\u3000\u200b", "a\u0000", "\u001b[2J", "a\u0085"})
        void refuseAnUtteranceThatCannotBeSpoken(String utterance) {
            assertThat(contract.violations(property("Speech", "utterance"), text(utterance)))
                    .isNotEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"a", " a ", "line\nbreak\ttab\r\n", "¿qué?", "日本", "👍", "\u00a0👍🏽 "})
        void acceptAnUtteranceInAnyScript(String utterance) {
            assertThat(contract.violations(property("Speech", "utterance"), text(utterance)))
                    .isEmpty();
        }

        @Test
        void boundTheUtterance() {
            JsonPointer utterance = property("Speech", "utterance");
            assertThat(contract.violations(utterance, text("a".repeat(4000)))).isEmpty();
            assertThat(contract.violations(utterance, text("a".repeat(4001)))).isNotEmpty();
            assertThat(contract.violations(utterance, text(" ".repeat(4000)))).isNotEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "e", "en_us", "en-", "-en", "en us", "en\n", "english-language-tag-that-is-too-long"})
        void refuseALanguageThatIsNoTag(String lang) {
            assertThat(contract.violations(property("Speech", "lang"), text(lang)))
                    .isNotEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"en", "en-us", "en-US", "zh-Hant-TW", "es-419"})
        void acceptALanguageTag(String lang) {
            assertThat(contract.violations(property("Speech", "lang"), text(lang)))
                    .isEmpty();
        }

        @Test
        void acceptNoLanguage() {
            assertThat(contract.violations(property("Speech", "lang"), JsonNodeFactory.instance.nullNode()))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", ".", "..", "../etc", "a/b", "a\\b", "a%2Fb", "a b", "a\n", "a\r\n", "-a", "é"})
        void refuseASkillThatIsNoFileName(String skill) {
            assertThat(contract.violations(schema("SkillId"), text(skill))).isNotEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"skill-rest-api.smartgic", "ovos-skill-hello-world.openvoiceos", "skill_1.a-b", "7"})
        void acceptASkill(String skill) {
            assertThat(contract.violations(schema("SkillId"), text(skill))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "\u0000", "a\u0000b"})
        void refuseAPasswordThatBcryptWouldReadAsAnother(String password) {
            assertThat(contract.violations(property("Credentials", "password"), text(password)))
                    .isNotEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a\r\nb", "a\n", "a\u0085", "a\u0000"})
        void refuseAUserThatWouldBreakALogLine(String user) {
            assertThat(contract.violations(property("Credentials", "user"), text(user)))
                    .isNotEmpty();
        }

        private JsonPointer property(String schema, String name) {
            return schema(schema).appendProperty("properties").appendProperty(name);
        }

        private JsonPointer schema(String name) {
            return JsonPointer.compile("/components/schemas/" + name);
        }

        private JsonNode text(String value) {
            return JsonNodeFactory.instance.textNode(value);
        }
    }

    @Nested
    class Answers {

        @Test
        void nameTheirRequest() {
            everyAnswer(
                    (operation, status, at) -> assertThat(names(document.at(at).path("headers")))
                            .as("headers of %s %s", operation, status)
                            .contains("X-Request-Id"));
        }

        @Test
        void areProblemsWhenTheyAreErrors() {
            everyAnswer((operation, status, at) -> {
                JsonNode content = document.at(at).path("content");
                if (status.startsWith("2")) {
                    boolean endless = document.at(operation.at())
                            .path("parameters")
                            .toString()
                            .contains("\"follow\"");
                    assertThat(names(content))
                            .as("media types of %s %s", operation, status)
                            .satisfies(types -> {
                                if (status.equals("204")) {
                                    assertThat(types).isEmpty();
                                } else {
                                    assertThat(types)
                                            .isNotEmpty()
                                            .allMatch(type ->
                                                    type.equals(endless ? "text/event-stream" : "application/json")
                                                            || type.startsWith("audio/")
                                                            || type.equals("multipart/mixed"));
                                }
                            });
                } else {
                    assertThat(names(content))
                            .as("media types of %s %s", operation, status)
                            .containsExactly("application/problem+json");
                    assertThat(content.at("/application~1problem+json/schema/$ref")
                                    .asText())
                            .as("schema of %s %s", operation, status)
                            .isEqualTo("#/components/schemas/Problem");
                }
            });
        }

        @Test
        void areDeclaredForEveryErrorAnOperationCanGive() {
            everyOperation((operation, node) -> {
                // malformed, too large, unknown in the query, busy: anything may be
                Set<String> expected = new TreeSet<>(Set.of("400", "413", "422", "503"));
                List<JsonPointer> parameters = parameters(operation);
                if (body(operation).isPresent()) {
                    expected.add("415");
                }
                if (parameters.stream()
                        .anyMatch(at -> document.at(at).path("in").asText().equals("path"))) {
                    expected.add("404");
                }
                if (!operation.id().equals("ping")) {
                    expected.add("401");
                }
                if (node.has("x-scope")) {
                    expected.add("403");
                }
                assertThat(names(node.path("responses")))
                        .as("answers of %s", operation)
                        .containsAll(expected);
                assertThat(names(node.path("responses")).stream().filter(status -> status.startsWith("2")))
                        .as("success of %s", operation)
                        .hasSize(1);
            });
        }

        @Test
        void sayWhatToDoNext() {
            everyAnswer((operation, status, at) -> {
                Set<String> headers = names(document.at(at).path("headers"));
                if (Set.of("429", "503").contains(status)) {
                    assertThat(headers).as("%s %s", operation, status).contains("Retry-After");
                }
                if (Set.of("401", "403").contains(status)) {
                    assertThat(headers).as("%s %s", operation, status).contains("WWW-Authenticate");
                }
            });
        }

        @Test
        void haveExamplesThatConform() {
            everyAnswer((operation, status, at) -> everyExample(at, (name, example) -> {
                if (!status.startsWith("2")) {
                    assertThat(example.path("status").asText())
                            .as("%s %s, status of example %s", operation, status, name)
                            .isEqualTo(status);
                    assertThat(example.path("detail").asText())
                            .as("%s %s, detail of example %s", operation, status, name)
                            .matches(Gateway.sentence(example));
                }
            }));
            everyOperation(
                    (operation, node) -> body(operation).ifPresent(at -> everyExample(at, (name, example) -> {})));
        }

        private void everyExample(JsonPointer holder, BiConsumer<String, JsonNode> check) {
            document.at(holder).path("content").fieldNames().forEachRemaining(mediaType -> {
                if (!mediaType.endsWith("json")) {
                    return;
                }
                JsonPointer at = holder.appendProperty("content").appendProperty(mediaType);
                assertThat(document.at(at).path("examples"))
                        .as("examples at %s", at)
                        .isNotEmpty();
                document.at(at).path("examples").fieldNames().forEachRemaining(name -> {
                    JsonNode example = document.at(contract.resolve(
                                    at.appendProperty("examples").appendProperty(name)))
                            .path("value");
                    assertThat(contract.violations(at.appendProperty("schema"), example))
                            .as("example %s at %s", name, at)
                            .isEmpty();
                    check.accept(name, example);
                });
            });
        }
    }

    @Nested
    class Routes {

        private final List<Route> routes = new ArrayList<>();
        private final Set<String> called = new TreeSet<>();

        Routes() throws IOException {
            contract.operations().forEach(operation -> called.add("direct:" + operation.id()));
            try (DirectoryStream<Path> files = Files.newDirectoryStream(ROUTES, "*.camel.yaml")) {
                for (Path file : files) {
                    for (JsonNode entry : read(file, new YAMLMapper())) {
                        add(file.getFileName().toString(), entry);
                    }
                }
            }
        }

        private void add(String file, JsonNode entry) {
            JsonNode route = entry.has("route") ? entry.path("route") : entry;
            JsonNode from = route.path("from");
            if (!from.isMissingNode()) {
                routes.add(new Route(
                        file,
                        route.path("id").asText(),
                        route.path("description").asText(),
                        endpoint(from)));
            }
            walk(JsonPointer.empty(), entry, (at, node) -> {
                if (!at.toString().matches(".*/from(/uri)?")) {
                    called.add(endpoint(node));
                }
            });
        }

        /** An endpoint is written as text, or, by visual editors, as a scheme with parameters. */
        private static String endpoint(JsonNode node) {
            String uri = node.isTextual() ? node.asText() : node.path("uri").asText();
            return uri.equals("direct")
                    ? "direct:" + node.at("/parameters/name").asText()
                    : uri;
        }

        @Test
        void areOneForEachOperation() {
            List<String> operations = contract.operations().stream()
                    .map(operation -> "direct:" + operation.id())
                    .toList();
            assertThat(routes)
                    .extracting(Route::from)
                    .filteredOn(operations::contains)
                    .containsExactlyInAnyOrderElementsOf(operations);
        }

        @Test
        void areFoundInTheFileOfTheirTag() {
            everyOperation((operation, node) -> assertThat(routes)
                    .filteredOn(route -> route.from().equals("direct:" + operation.id()))
                    .allSatisfy(route -> {
                        assertThat(route.id()).as("id of %s", route).isEqualTo(kebabCase(operation.id()));
                        assertThat(route.file())
                                .as("file of %s", route)
                                .isEqualTo(node.path("tags").path(0).asText() + ".camel.yaml");
                    }));
        }

        @Test
        void runNoCommandThatAnOperationIs() {
            Set<String> commands = new TreeSet<>();
            everyOperation((operation, node) -> {
                String command = node.path("x-command").asText();
                assertThat(command.isEmpty() || commands.add(command))
                        .as("x-command of %s is its own", operation)
                        .isTrue();
            });
            assertThat(commands).contains("listen", "stop");
            assertThat(routes)
                    .extracting(route -> route.from().replaceFirst("\\?.*", ""))
                    .doesNotContainAnyElementsOf(
                            commands.stream().map(name -> "command:" + name).toList());
        }

        @Test
        void areNotLeftWithoutACaller() {
            assertThat(routes)
                    .as("routes that neither an operation nor another route calls")
                    .filteredOn(route -> route.from().startsWith("direct:") && !called.contains(route.from()))
                    .isEmpty();
        }

        @Test
        void haveAnIdAndADescription() {
            assertThat(routes).isNotEmpty().allSatisfy(route -> {
                assertThat(route.id()).as(route.toString()).matches("[a-z]+(-[a-z]+)*");
                assertThat(route.description()).as(route.toString()).isNotBlank();
            });
            assertThat(routes).extracting(Route::id).doesNotHaveDuplicates();
        }
    }

    @Nested
    class Postman {

        private final JsonNode collection = read(COLLECTION, new JsonMapper());
        private final List<Request> requests = new ArrayList<>();

        Postman() {
            for (JsonNode folder : collection.path("item")) {
                for (JsonNode item : folder.path("item")) {
                    requests.add(request(folder.path("name").asText(), item));
                }
            }
        }

        private static Request request(String folder, JsonNode item) {
            JsonNode request = item.path("request");
            StringJoiner test = new StringJoiner("\n");
            item.path("event").forEach(event -> {
                if (event.path("listen").asText().equals("test")) {
                    event.at("/script/exec").forEach(line -> test.add(line.asText()));
                }
            });
            return new Request(
                    folder,
                    item.path("name").asText(),
                    request.path("description")
                            .asText()
                            .lines()
                            .findFirst()
                            .orElse("")
                            .replaceFirst("^operationId: ", ""),
                    request.path("method").asText(),
                    request.at("/url/raw")
                            .asText()
                            .replaceFirst("^\\{\\{base_url}}", "")
                            .replaceFirst("\\?.*", ""),
                    request.path("auth"),
                    test.toString());
        }

        @Test
        void hasOneRequestForEachOperation() {
            everyOperation((operation, node) -> assertThat(requests)
                    .as("requests for %s", operation)
                    .filteredOn(request -> request.operationId().equals(operation.id()))
                    .singleElement()
                    .satisfies(request -> {
                        assertThat(request.method())
                                .as("method of %s", operation)
                                .isEqualTo(operation.method());
                        assertThat(request.path())
                                .as("path of %s", operation)
                                .isEqualTo(operation.path().replaceAll("\\{(\\w+)}", "{{$1}}"));
                        assertThat(request.name())
                                .as("name of %s", operation)
                                .isEqualTo(node.path("summary").asText());
                        assertThat(request.folder())
                                .as("folder of %s", operation)
                                .isEqualTo(node.path("tags").path(0).asText());
                    }));
        }

        @Test
        void hasNoOtherRequest() {
            assertThat(requests)
                    .extracting(Request::operationId)
                    .containsExactlyInAnyOrderElementsOf(
                            contract.operations().stream().map(Operation::id).toList());
        }

        @Test
        void assertsOnTheStatusOfEachAnswer() {
            assertThat(requests).allSatisfy(request -> {
                String success =
                        names(operation(request).path("responses")).iterator().next();
                assertThat(request.test())
                        .as("test of %s", request.name())
                        .contains("pm.test(", "to.have.status(%s)".formatted(success));
            });
        }

        @Test
        void sendsTheTokenThatTheOperationWants() {
            assertThat(token(collection.path("auth"))).isEqualTo("{{access_token}}");
            assertThat(requests).allSatisfy(request -> {
                JsonNode security = operation(request).path("security");
                boolean access = security.isMissingNode()
                        || security.toString().equals("[{\"access\":[]}]")
                        || security.toString().equals(ACCESS_OR_TICKET);
                String expected = access ? "inherited" : security.isEmpty() ? "noauth" : "refresh";
                JsonNode auth = request.auth();
                String actual = auth.isMissingNode()
                        ? "inherited"
                        : auth.path("type").asText().equals("noauth")
                                ? "noauth"
                                : token(auth).contains("refresh_token") ? "refresh" : "other";
                assertThat(actual).as("auth of %s", request.name()).isEqualTo(expected);
            });
        }

        @Test
        void comesWithoutPasswordAndTokens() {
            assertThat(collection.path("variable")).allSatisfy(variable -> {
                if (variable.path("key").asText().matches("password|.*_token")) {
                    assertThat(variable.path("value").asText())
                            .as(variable.path("key").asText())
                            .isEmpty();
                }
            });
        }

        private JsonNode operation(Request request) {
            return document.at(contract.operations().stream()
                    .filter(operation -> operation.id().equals(request.operationId()))
                    .findFirst()
                    .orElseThrow()
                    .at());
        }

        private static String token(JsonNode auth) {
            assertThat(auth.path("type").asText()).isEqualTo("bearer");
            return auth.at("/bearer/0/value").asText();
        }
    }

    private interface AnswerCheck {
        void accept(Operation operation, String status, JsonPointer response);
    }

    private record Route(String file, String id, String description, String from) {}

    private record Request(
            String folder, String name, String operationId, String method, String path, JsonNode auth, String test) {}

    private void everyNode(BiConsumer<JsonPointer, JsonNode> check) {
        walk(JsonPointer.empty(), document, check);
    }

    private static void walk(JsonPointer at, JsonNode node, BiConsumer<JsonPointer, JsonNode> check) {
        check.accept(at, node);
        node.properties().forEach(entry -> walk(at.appendProperty(entry.getKey()), entry.getValue(), check));
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(at.appendIndex(i), node.get(i), check);
            }
        }
    }

    private void everyOperation(BiConsumer<Operation, JsonNode> check) {
        assertThat(contract.operations())
                .isNotEmpty()
                .allSatisfy(operation -> check.accept(operation, document.at(operation.at())));
    }

    private void everyAnswer(AnswerCheck check) {
        everyOperation((operation, node) -> {
            JsonPointer responses = operation.at().appendProperty("responses");
            assertThat(names(document.at(responses)))
                    .isNotEmpty()
                    .allSatisfy(status ->
                            check.accept(operation, status, contract.resolve(responses.appendProperty(status))));
        });
    }

    private List<JsonPointer> parameters(Operation operation) {
        JsonPointer parameters = operation.at().appendProperty("parameters");
        return IntStream.range(0, document.at(parameters).size())
                .mapToObj(i -> contract.resolve(parameters.appendIndex(i)))
                .toList();
    }

    private Optional<JsonPointer> body(Operation operation) {
        JsonPointer body = operation.at().appendProperty("requestBody");
        return document.at(body).isMissingNode() ? Optional.empty() : Optional.of(contract.resolve(body));
    }

    private List<String> idsWhere(Predicate<JsonNode> condition) {
        return contract.operations().stream()
                .filter(operation -> condition.test(document.at(operation.at())))
                .map(Operation::id)
                .toList();
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String kebabCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static JsonNode read(Path file, ObjectMapper format) {
        try {
            return format.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
