// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.Problem;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What a contract says of the format of its failures. */
class ErrorTemplateTest {

    private static final Problem PROBLEM = new Problem("odd", "Odd", 409, "A \"quote\", $1 and <b>.");

    @Test
    void isAProblemUnlessTheContractSaysOtherwise() {
        assertThat(format("x-other: 1")).isSameAs(ErrorFormat.PROBLEM);
        assertThat(format("x-errors: problem")).isSameAs(ErrorFormat.PROBLEM);
    }

    @Test
    void fillsATreeOfJson() {
        ErrorFormat format = format("""
                x-errors:
                  contentType: application/json
                  template:
                    error: {Error: "${detail}", code: "${status}", kind: "[${type}] ${title}", of: [1, "${requestId}"]}
                """);
        assertThat(format.contentType()).isEqualTo("application/json");
        assertThat(body(format, PROBLEM)).isEqualTo("""
                {"error":{"Error":"A \\"quote\\", $1 and <b>.","code":409,"kind":"[odd] Odd","of":[1,"id-1"]}}""");
    }

    @Test
    void takesJsonThatIsWrittenAsAText() {
        assertThat(body(
                        format("x-errors: {contentType: application/json, template: '{\"detail\": \"${detail}\"}'}"),
                        PROBLEM))
                .isEqualTo("{\"detail\":\"A \\\"quote\\\", $1 and <b>.\"}");
    }

    @Test
    void hasTemplatesAndHeadersOfItsOwnForAStatus() {
        ErrorFormat format = format("""
                x-errors:
                  contentType: application/json
                  template: {detail: "${detail}"}
                  templates:
                    "422": {detail: "${errors}"}
                  headers:
                    "401": {WWW-Authenticate: 'Basic realm="home"'}
                  statuses: {"401": 403}
                """);
        assertThat(format.status(401)).isEqualTo(403);
        assertThat(format.status(422)).isEqualTo(422);
        assertThat(body(format, Problem.validation(List.of(new FieldError("a", "is required")))))
                .isEqualTo("{\"detail\":[{\"field\":\"a\",\"reason\":\"is required\"}]}");
        assertThat(format.headers(401)).containsEntry("WWW-Authenticate", "Basic realm=\"home\"");
        assertThat(format.headers(403)).isEmpty();
    }

    @Test
    void hasATypeOfItsOwnForAStatus() {
        ErrorFormat format = format("""
                x-errors:
                  contentType: application/json
                  template: {error: "${detail}"}
                  contentTypes: {"409": text/plain}
                  templates: {"409": "no: ${detail}"}
                """);
        assertThat(format.contentType(409)).isEqualTo("text/plain");
        assertThat(body(format, PROBLEM)).isEqualTo("no: A \"quote\", $1 and <b>.");
        assertThat(format.contentType(404)).isEqualTo("application/json");
        assertThat(body(format, new Problem("no", "No", 404, "Gone."))).isEqualTo("{\"error\":\"Gone.\"}");
    }

    @Test
    void writesTextAsItIsAndMarkupEscaped() {
        assertThat(body(format("x-errors: {contentType: text/plain, template: 'no: ${detail}'}"), PROBLEM))
                .isEqualTo("no: A \"quote\", $1 and <b>.");
        assertThat(body(format("x-errors: {contentType: text/html, template: '<p>${detail}</p>'}"), PROBLEM))
                .isEqualTo("<p>A &quot;quote&quot;, $1 and &lt;b&gt;.</p>");
        Problem quoting = new Problem("odd", "Odd", 409, "'<b>'");
        for (String type : List.of("application/xml", "text/xml; charset=UTF-8", "application/problem+XML")) {
            assertThat(body(
                            format("x-errors: {contentType: '" + type + "', template: \"<p a='${detail}'/>\"}"),
                            quoting))
                    .isEqualTo("<p a='&#39;&lt;b&gt;&#39;'/>");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x-errors: kalliope | x-errors is 'problem'",
                "x-errors: {template: a} | needs contentType",
                "x-errors: {contentType: text/plain} | template",
                "x-errors: {contentType: text/plain, template: a, tempalte: b} | tempalte",
                "x-errors: {contentType: text/plain, template: '${secret}'} | ${secret}",
                "x-errors: {contentType: application/json, template: '{'} | no JSON",
                "x-errors: {contentType: text/plain, template: {a: b}} | no text",
                "x-errors: {contentType: text/plain, template: a, contentTypes: {'401': text/html}} | templates does not have",
                "x-errors: {contentType: text/plain, template: a, headers: {'200': {A: b}}} | no status of a failure",
                "x-errors: {contentType: text/plain, template: a, statuses: {'401': 200}} | no status of a failure",
                "x-errors: {contentType: text/plain, template: a, headers: {'401': {'A:': b}}} | no header"
            })
    void refusesWhatItDoesNotUnderstand(String contract, String why) {
        assertThatIllegalArgumentException().isThrownBy(() -> format(contract)).withMessageContaining(why);
    }

    private static ErrorFormat format(String extension) {
        OpenAPI contract = new OpenAPIV3Parser()
                .readContents("openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n" + extension, null, null)
                .getOpenAPI();
        return ErrorTemplate.of(
                contract.getExtensions() == null
                        ? null
                        : contract.getExtensions().get("x-errors"));
    }

    private static String body(ErrorFormat format, Problem problem) {
        return new String(format.body(problem, "id-1"), UTF_8);
    }
}
