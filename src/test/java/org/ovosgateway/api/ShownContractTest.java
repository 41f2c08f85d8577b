// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ShownContractTest {

    private static final String CONTRACT = "openapi: 3.0.3\ninfo: {title: %s, version: '1'}\npaths: {}\n";
    private static final Api SMALL = new Api("small");

    private final Contracts contracts = new Contracts();

    @Test
    void isTheOneThatIsServedInBothForms() throws Exception {
        contracts.offer(parse(Api.OWN, CONTRACT.formatted("refused")));
        contracts.withdraw();
        contracts.serve(List.of(parse(Api.OWN, CONTRACT.formatted("first"))));

        assertThat(shown("/openapi.yaml")).isEqualTo(CONTRACT.formatted("first"));
        assertThat(contracts.document("/openapi.json", api -> true).type()).isEqualTo("application/json");
        assertThat(new ObjectMapper()
                        .readTree(shown("/openapi.json"))
                        .at("/info/title")
                        .asText())
                .isEqualTo("first");
        assertThat(contracts.document("/openapi.yml", api -> true)).isNull();
    }

    @Test
    void isNotThereUntilItIsServed() {
        var refused =
                catchThrowableOfType(ProblemException.class, () -> contracts.document("/openapi.yaml", api -> true));

        assertThat(refused.problem().status()).isEqualTo(404);
        assertThat(refused.problem().detail()).contains("openapi.yaml");
    }

    @Test
    void isNotWrittenOutWhereThatWouldFillTheMemory() {
        StringBuilder bomb = new StringBuilder("x-bomb:\n  a0: &a0 {k: v}\n");
        for (int i = 1; i < 25; i++) {
            bomb.append("  a%1$d: &a%1$d {l: *a%2$d, r: *a%2$d}\n".formatted(i, i - 1));
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, CONTRACT.formatted("large") + bomb))
                .withMessageContaining("aliases");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "security: [token]",
                "security: [{token: }]",
                "security: [{token: [], key: }]",
                "security: [null]",
                "security: token",
                "security: {token: []}",
                "security: "
            })
    void isNotOpenToEverybodyByAMistake(String security) {
        String operation = "  /a: {get: {operationId: a, %s}}\n".formatted(security);

        for (String mistaken : List.of(
                CONTRACT.formatted("open").replace(" {}", "\n" + operation), CONTRACT.formatted("open") + security)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parse(Api.OWN, mistaken))
                    .withMessageContaining("must be a list of schemes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/a: {get: {operationId: a, x-scop: 'a:b'}} | the nearest is 'x-scope'",
                "/a: {get: {operationId: a, X-Scope: 'a:b'}} | the nearest is 'x-scope'",
                "/a: {x-scope: 'a:b', get: {operationId: a}} | 'x-scope' counts for one operation only"
            })
    void hasNoScopeThatNobodyAsksFor(String path, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, CONTRACT.formatted("a").replace(" {}", "\n  " + path)))
                .withMessageContaining(reason);
    }

    @Test
    void mergesNothingThatWasNotChecked() {
        String paths = "\n  /a: {get: {<<: &open {security: [token]}, operationId: a}}\n";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, CONTRACT.formatted("merged").replace(" {}", paths)))
                .withMessageContaining("'<<'");
    }

    @Test
    void hasNoTwoOperationsOfOneName() {
        String paths = "\n  /a: {get: {operationId: a}}\n  /b: {get: {operationId: a}}\n";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, CONTRACT.formatted("twins").replace(" {}", paths)))
                .withMessageContaining("'a' is that of two operations");
    }

    static Stream<Arguments> servers() {
        return Stream.of(
                arguments("  - url: /v1", "  - url: v1"),
                arguments("- url: '/v1/a'", "- url: 'v1/a'"),
                arguments(
                        "  # all\n  - description: a\n    url: \"/v1\"",
                        "  # all\n  - description: a\n    url: \"v1\""),
                arguments("  - url: /a\n\n  - url: /b", "  - url: a\n\n  - url: b"),
                arguments("  - url: https://a/v1", "  - url: https://a/v1"),
                arguments("  - url: //a/v1", "  - url: //a/v1"),
                arguments("  - url: /", "  - url: /"));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void tellsServersFromWhereItIs(String servers, String shown) throws Exception {
        String text = "openapi: 3.0.3\nservers:\n%s\ninfo: {title: a, version: '1'}\nx:\n  url: /v1\npaths: {}\n";
        contracts.serve(List.of(parse(Api.OWN, text.formatted(servers))));

        assertThat(shown("/openapi.yaml")).isEqualTo(text.formatted(shown));
    }

    @ParameterizedTest
    @CsvSource({
        "/small/v1, /small/v1, ../v1",
        "/small, /small, ../small",
        "/small/, /small, /small/",
        "https://a/b, /b, https://a/b",
        "/, '', /"
    })
    void isShownBelowThePathOfItsApi(String url, String base, String shown) throws Exception {
        Contract contract = parse(SMALL, "openapi: 3.0.3\nservers:\n  - url: %s\npaths: {}\n".formatted(url));
        contracts.serve(List.of(contract));

        assertThat(contract.basePath()).isEqualTo(base);
        assertThat(shown(base + "/openapi.yaml")).contains("url: " + shown + "\n");
        assertThat(new ObjectMapper()
                        .readTree(shown(base + "/openapi.json"))
                        .at("/servers/0/url")
                        .asText())
                .isEqualTo(shown);
    }

    @Test
    void namesItsOperationsApartFromThoseOfOthers() throws Exception {
        String text = "openapi: 3.0.3\npaths: {/a: {get: {operationId: getA, x-scope: 'a:b'}, post: {}}}\n";

        assertThat(parse(Api.OWN, text).operations()).containsOnlyKeys("getA", "post /a without operationId");
        assertThat(parse(SMALL, text).operations().keySet()).contains("small/getA");
        assertThat(parse(SMALL, text).scopes()).containsExactly("a:b");
    }

    @Test
    void isRefusedInAnotherVersionOfOpenApi() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, "openapi: 3.1.0\npaths: {}\n"))
                .withMessageContaining("3.1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(Api.OWN, "openapi: 3.0.3\n"))
                .withMessageContaining("paths");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/a//b", "/a/../b", "/a/./b", "/a//", "v1", "/%61", "https://host/a//b", "/{v}/a", "http://a b/c"
            })
    void isRefusedWithABasePathThatNobodyCanCall(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(
                        SMALL,
                        "openapi: 3.0.3\nservers: [{url: '%s', variables: {v: {default: ..}}}]\npaths: {}\n"
                                .formatted(url)))
                .withMessageContaining("'servers'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a//b", "/a/../b", "a", "/{a}/./b", "/a b", "/%61"})
    void isRefusedWithAPathThatNobodyCanCall(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(SMALL, "openapi: 3.0.3\npaths: {'%s': {}}\n".formatted(path)))
                .withMessageContaining("'" + path + "'");
    }

    @Test
    void mayHavePathsWithVariablesAndASlashAtTheEnd() throws Exception {
        parse(SMALL, "openapi: 3.0.3\npaths: {'/a/{any name}/b-{c}.d/': {}, '/': {}, x-more: 1}\n");
    }

    @Test
    void isMountedAsItWasReadByTheRulesOfYaml12() throws Exception {
        Contract contract =
                parse(SMALL, "openapi: 3.0.3\nx-words: [no, on, 010, 1:30, 2024-01-01, ~, True]\npaths: {}\n");

        assertThat(new ObjectMapper()
                        .readTree(contract.mounted())
                        .path("x-words")
                        .toString())
                .isEqualTo("[\"no\",\"on\",10,\"1:30\",\"2024-01-01\",null,true]");
    }

    private static Contract parse(Api api, String text) throws Exception {
        return Contract.parse(api, "openapi.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private String shown(String path) throws Exception {
        return new String(contracts.document(path, api -> true).plain().readAllBytes(), StandardCharsets.UTF_8);
    }
}
