// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ContractFileTest {

    private static final String CONTRACT = "openapi: 3.0.3\ninfo: {title: %s, version: '1'}\npaths: {}\n";

    private final ContractFile contract;
    private final Path file;

    ContractFileTest(@TempDir Path folder) {
        contract = new ContractFile(folder);
        file = folder.resolve("openapi.yaml");
    }

    @Test
    void isShownInBothForms() throws Exception {
        serve(CONTRACT.formatted("first"));

        assertThat(shown("/openapi.yaml")).isEqualTo(CONTRACT.formatted("first"));
        assertThat(contract.at("/openapi.json").type()).isEqualTo("application/json");
        assertThat(new ObjectMapper()
                        .readTree(shown("/openapi.json"))
                        .at("/info/title")
                        .asText())
                .isEqualTo("first");
        assertThat(contract.at("/openapi.yml")).isNull();
    }

    @Test
    void isShownAsItIsServedAndNoOther() throws Exception {
        serve(CONTRACT.formatted("first"));
        Files.writeString(file, CONTRACT.formatted("second"));
        contract.tried();
        contract.decided(false);
        assertThat(shown("/openapi.json")).contains("first");
        assertThat(shown("/openapi.yaml")).contains("first");

        serve(CONTRACT.formatted("second"));
        assertThat(shown("/openapi.json")).contains("second");
        assertThat(shown("/openapi.yaml")).contains("second");
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
    void tellsServersFromWhereTheContractIs(String servers, String shown) throws Exception {
        String text = "openapi: 3.0.3\nservers:\n%s\ninfo: {title: a, version: '1'}\nx:\n  url: /v1\npaths: {}\n";
        serve(text.formatted(servers));

        assertThat(shown("/openapi.yaml")).isEqualTo(text.formatted(shown));
    }

    @Test
    void isNotThereUntilItIsServed() {
        var refused = catchThrowableOfType(ProblemException.class, () -> contract.at("/openapi.yaml"));

        assertThat(refused.problem().status()).isEqualTo(404);
        assertThat(refused.problem().detail())
                .contains("openapi.yaml")
                .doesNotContain(file.getParent().toString());
    }

    /** As a change of the routes does. */
    private void serve(String text) throws Exception {
        Files.writeString(file, text);
        contract.tried();
        contract.decided(true);
    }

    private String shown(String path) throws Exception {
        return new String(contract.at(path).plain().readAllBytes(), StandardCharsets.UTF_8);
    }
}
