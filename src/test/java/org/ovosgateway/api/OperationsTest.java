// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.swagger.v3.oas.models.PathItem;
import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Which operation a request means. */
class OperationsTest {

    private final Operations operations = new Operations(
            "/v1",
            Stream.of(
                            "GET /skills",
                            "PUT /skills",
                            "GET /skills/{id}",
                            "GET /skills/mine",
                            "DELETE /skills/mine",
                            "PATCH /skills/{id}",
                            "GET /{kind}/{id}/settings",
                            "GET /skills/{id}/settings",
                            "PUT /skills/{id}/activate",
                            "GET /a.b",
                            "GET /b",
                            "HEAD /b",
                            "GET /folder/")
                    .map(OperationsTest::operation)
                    .toList(),
            false);

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/skills, GET /skills",
        "PUT, /v1/skills, PUT /skills",
        "HEAD, /v1/skills, GET /skills",
        "HEAD, /v1/skills/a/settings, GET /skills/{id}/settings",
        "HEAD, /v1/b, HEAD /b",
        "GET, /v1/folder/, GET /folder/",
        "GET, /v1/skills/a, GET /skills/{id}",
        "PATCH, /v1/skills/a, PATCH /skills/{id}",
        "GET, /v1/skills/mine, GET /skills/mine",
        "DELETE, /v1/skills/mine, DELETE /skills/mine",
        "GET, /v1/skills/a/settings, GET /skills/{id}/settings",
        "GET, /v1/skills/a%2Fb/settings, GET /skills/{id}/settings",
        "GET, /v1/devices/a/settings, GET /{kind}/{id}/settings",
        "PUT, /v1/skills/mine/activate, PUT /skills/{id}/activate",
        "GET, /v1/a.b, GET /a.b"
    })
    void isTheOneWithTheFewestVariables(HttpMethod method, String path, String found) {
        assertThat(operations.find(method, path).operation().id()).isEqualTo(found);
    }

    @Test
    void isFoundWithThePathThatIsLeftForItsVariables() {
        assertThat(operations.find(HttpMethod.GET, "/v1/skills/a%20b/settings").path())
                .isEqualTo("/skills/a%20b/settings");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1",
                "/v1/",
                "/v1//skills",
                "/v1/Skills",
                "/v1/skill",
                "/v1/skills/a/b",
                "/v1/skills//settings",
                "/v1/skills/",
                "/v1/skills/a/",
                "/v1/skills/a/settings/",
                "/v1/folder",
                "/v1/aXb",
                "/v1skills"
            })
    void isNoneForAnotherPath(String path) {
        assertThat(operations.find(HttpMethod.GET, path)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"/v1/a, GET /a", "/v1/a/, GET /a", "/v1/, GET /", "/v1/b/x/, GET /b/{id}", "/v1/a//,", "/v1,"})
    void mayHaveASlashAtItsEndWhereTheContractSaysSo(String path, String found) {
        Operations lenient = new Operations(
                "/v1",
                Stream.of("GET /", "GET /a", "GET /b/{id}")
                        .map(OperationsTest::operation)
                        .toList(),
                true);
        Operations.Found operation = lenient.find(HttpMethod.GET, path);
        assertThat(operation == null ? null : operation.operation().id()).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST    | /v1/skills           | GET, PUT, HEAD",
                "OPTIONS | /v1/skills           | GET, PUT, HEAD",
                "PATCH   | /v1/skills/mine      | GET, DELETE, HEAD",
                "GE      | /v1/skills           | GET, PUT, HEAD",
                "get     | /v1/skills           | GET, PUT, HEAD",
                "DELETE  | /v1/skills/a/settings | GET, HEAD"
            })
    void isNoneForAnotherMethodAndTheRefusalNamesThoseThereAre(String method, String path, String allow) {
        var refused =
                catchThrowableOfType(ProblemException.class, () -> operations.find(HttpMethod.valueOf(method), path));

        assertThat(refused.problem().status()).isEqualTo(405);
        assertThat(refused.problem().headers()).containsEntry("Allow", allow);
    }

    private static Operation operation(String text) {
        String[] words = text.split(" ");
        return new Operation(
                text,
                PathItem.HttpMethod.valueOf(words[0]),
                words[1],
                null,
                null,
                "",
                new Parameters(List.of(), words[1], null, Set.of()),
                null,
                new Success(200, null, false),
                null);
    }
}
