// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;
import java.util.Map;

import io.swagger.v3.core.util.Yaml;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.http.HttpProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What the contract says about an operation, and what it must not leave unsaid. */
class OperationTest {

    private static final HttpProperties LIMITS =
            new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("ovos.http", HttpProperties.class);

    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"summary: none", "operationId: ''", "operationId: a/b", "operationId: 'a?block=true'"})
    void isRefusedWithoutAnIdThatNamesARoute(String id) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compile(null, id, null))
                .withMessageContaining("GET /ping");
    }

    @Test
    void isRefusedWithoutASuccess() {
        assertThatIllegalArgumentException().isThrownBy(() -> compile("""
                        openapi: 3.0.3
                        info: {title: t, version: '1'}
                        paths:
                          /ping:
                            get:
                              operationId: ping
                              responses: {'400': {description: no}, default: {description: no}}
                        """)).withMessageContaining("2xx");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "content: {application/json: {}}",
                "content: {}",
                "content: {multipart/mixed: {schema: {type: object}}}",
                "content: {json: {schema: {type: object}}}",
                "content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {oneOf: [{type: string}]}}}}}"
            })
    void isRefusedWithABodyThatCannotBeRead(String body) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compile(null, "operationId: ping", "requestBody: {%s}".formatted(body)))
                .withMessageContaining("'ping'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-max-body: huge", "x-max-body: 0B", "x-max-body: 2GB", "x-max-body: 5MB"})
    void isRefusedWithALimitOfItsBodyThatCannotHold(String limit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        compile(null, "operationId: ping", limit + "\n      requestBody: {content: {audio/*: {}}}"))
                .withMessageContaining("x-max-body of 'ping'");
    }

    @Test
    void mayHaveALargeBodyThatIsNotInMemory() {
        for (String body : List.of(
                "x-stream: true\n      requestBody: {content: {audio/*: {}}}",
                "requestBody: {content: {multipart/form-data: {schema: {type: object}}}}")) {
            assertThat(compile(null, "operationId: ping", "x-max-body: 50MB\n      " + body)
                            .body()
                            .limit())
                    .isEqualTo(50L << 20);
        }
    }

    @Test
    void mayHaveLargeFilesBesideJsonThatIsNot() {
        RequestBody body = compile(
                        null,
                        "operationId: ping",
                        "x-max-body: 50MB\n      requestBody: {content: {application/json: {schema: {type: object}},"
                                + " multipart/form-data: {schema: {type: object}}}}")
                .body();

        assertThat(body.limit(body.reader("multipart/form-data; boundary=x"))).isEqualTo(50L << 20);
        assertThat(body.limit(body.reader("application/json"))).isZero();
    }

    @Test
    void knowsItsScopeAndItsStatus() {
        Operation operation = compile(null, "operationId: ping", "x-scope: system:read");

        assertThat(operation.id()).isEqualTo("ping");
        assertThat(operation.scope()).isEqualTo("system:read");
        assertThat(operation.success().status()).isEqualTo(201);
        assertThat(operation.body()).isNull();
        assertThat(operation.route().getEndpoint().getEndpointUri()).startsWith("direct://ping");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            x-command: Listen                                                | named with a-z
            x-command: listen                                                | x-scope
            """)
    void isRefusedAsACommandThatNobodyCouldNameOrAnybodyCouldRun(String own, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> compile(null, "operationId: ping", own))
                .withMessageContaining("x-command of 'ping'")
                .withMessageContaining(reason);
    }

    @Test
    void isACommandOfWhichTheBareValueIsTheOneThatIsRequired() {
        String member = "{name: %s, in: query, required: %s, schema: {type: string}}";
        String one = "parameters: [%s, %s]".formatted(member.formatted("a", true), member.formatted("b", false));
        String two = "parameters: [%s, %s]".formatted(member.formatted("a", true), member.formatted("b", true));
        String command = "operationId: ping\n      x-command: ping\n      security: []";

        assertThat(compile(null, command, one).command()).isEqualTo("ping");
        assertThat(compile(null, command, one).mainMember()).isEqualTo("a");
        assertThat(compile(null, command, two).mainMember()).isEmpty();
        assertThat(compile(null, command, null).mainMember()).isEmpty();
        assertThat(compile(null, "operationId: ping", one).command()).isNull();
    }

    private Operation compile(String ofAll, String id, String own) {
        return compile("""
                openapi: 3.0.3
                info: {title: t, version: '1'}
                %s
                paths:
                  /ping:
                    get:
                      %s
                      %s
                      responses: {'404': {description: no}, '204': {description: empty}, '201': {description: yes}}
                """.formatted(ofAll == null ? "" : ofAll, id, own == null ? "" : own));
    }

    private Operation compile(String yaml) {
        OpenAPI contract;
        try {
            contract = Yaml.mapper().readValue(yaml, OpenAPI.class);
        } catch (Exception e) {
            throw new AssertionError(yaml, e);
        }
        PathItem item = contract.getPaths().get("/ping");
        return Operation.compile(
                camel,
                Api.OWN,
                SecuritySchemesTest.schemes(),
                LIMITS,
                contract,
                new Schemas(contract),
                "/ping",
                item,
                PathItem.HttpMethod.GET,
                item.getGet());
    }
}
