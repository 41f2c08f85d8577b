// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSession;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ContractSchemaTest {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final String NOT_FOUND = """
            {"type":"urn:ovos-gateway:not-found","title":"Nothing here","status":404,"detail":"No.","request_id":"r1"}""";

    private final ContractSchema contract = ContractSchema.shipped();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /system/sleep                   | 200 | {\"is_awake\":true}",
                "get    | /v1/system/info?sort=true       | 200 | {\"results\":{\"locales\":{\"secondary_langs\":null}}}",
                "GET    | /skills/{skill_id}/settings     | 200 | {\"results\":{}}",
                "GET    | /v1/skills/skill.author/settings| 200 | {\"results\":{\"deep\":[{\"a\":1}]}}",
                "POST   | /v1/system/sleep                | 201 | {\"sleep_mode\":\"enabled\"}",
                "POST   | /v1/system/sleep                | 201 | {\"utterance\":\"good night\",\"lang\":\"en-us\"}",
                "POST   | /v1/voice/speech                | 200 | {\"utterance\":\"hi\",\"lang\":null}",
            })
    void acceptsWhatTheContractSays(String method, String path, int status, String body) {
        assertThatCode(() -> contract.assertConforms(method, path, status, "application/json; charset=utf-8", body))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /system/sleep    | 200 | {\"is_awake\":\"yes\"}                      | boolean expected",
                "GET    | /system/sleep    | 200 | {\"is_awake\":true,\"mark\":1}              | 'mark'",
                "GET    | /system/sleep    | 200 | {}                                          | 'is_awake'",
                "GET    | /system/sleep    | 200 | is_awake                                    | not JSON",
                "GET    | /system/sleep    | 200 | {\"is_awake\":true} trailing                | not JSON",
                "GET    | /system/sleep    | 201 | {\"is_awake\":true}                         | [200, 400, 401",
                "POST   | /system/sleep    | 201 | {\"sleep_mode\":\"disabled\"}               | enabled",
                "POST   | /voice/speech    | 200 | {\"utterance\":\"hi\"}                      | 'lang'",
                "PUT    | /voice/listen    | 204 | {}                                          | body",
                "GET    | /skills          | 200 | {\"count\":1,\"count_active\":1,\"count_inactive\":0,\"results\":{\"a\":{\"active\":true}}} | 'id'",
                "GET    | /skills/x/y/settings | 200 | {\"results\":{}}                        | no such operation",
            })
    void saysWhatDoesNotConform(String method, String path, int status, String body, String message) {
        assertThatThrownBy(() -> contract.assertConforms(method, path, status, JSON, body))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message)
                .hasMessageContaining(path);
    }

    @Test
    void wantsTheMediaTypeOfTheContract() {
        assertThatThrownBy(() -> contract.assertConforms("GET", "/skills/x/settings", 404, JSON, NOT_FOUND))
                .hasMessageContaining("media type");
        assertThatThrownBy(() -> contract.assertConforms("GET", "/skills/x/settings", 404, null, NOT_FOUND))
                .hasMessageContaining("media type");
    }

    @Test
    void wantsTheStatusInsideAProblemToBeThatOfTheAnswer() {
        assertThatThrownBy(() -> contract.assertConforms("GET", "/skills", 503, PROBLEM, NOT_FOUND))
                .hasMessageContaining("status inside");
    }

    @Test
    void wantsAProblemWhereNoOperationIs() {
        assertThatCode(() -> contract.assertConforms("GET", "/v1/nothing", 404, PROBLEM, NOT_FOUND))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> contract.assertConforms("GET", "/v1/nothing", 404, PROBLEM, "{}"))
                .hasMessageContaining("violations");
    }

    @Test
    void acceptsAProblemOfTheServerItselfForAnyOperation() {
        assertThatCode(() -> contract.assertConforms("GET", "/skills", 431, PROBLEM, NOT_FOUND.replace("404", "431")))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsNoBodyWhereNoneIs() {
        assertThatCode(() -> contract.assertConforms("PUT", "/voice/listen", 204, null, ""))
                .doesNotThrowAnyException();
        assertThatCode(() -> contract.assertConforms("HEAD", "/voice/listen", 405, PROBLEM, null))
                .doesNotThrowAnyException();
    }

    @Test
    void findsTheOperationOfACall() {
        assertThat(contract.operation("PUT", "/v1/skills/a.b-c/activate"))
                .hasValueSatisfying(operation -> assertThat(operation.id()).isEqualTo("activateSkill"));
        assertThat(contract.operation("PUT", "/v1/skills/a/b/activate")).isEmpty();
        assertThat(contract.operation("PUT", "/v1/skills//activate")).isEmpty();
        assertThat(contract.operation("POST", "/v1/skills/a/activate")).isEmpty();
        assertThat(contract.operation("GET", "/v2/skills")).isEmpty();
    }

    @Test
    void checksTheHeadersToo() {
        String pong = "{\"pong\":\"Ma Long\"}";
        assertThatCode(() -> contract.assertConforms(
                        answer("/v1/network/ping", 200, pong, Map.of("Content-Type", JSON, "X-Request-Id", "r1"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() ->
                        contract.assertConforms(answer("/v1/network/ping", 200, pong, Map.of("Content-Type", JSON))))
                .hasMessageContaining("X-Request-Id");
    }

    @Test
    void wantsARetryAfterThatIsANumberOfSeconds() {
        String problem = NOT_FOUND.replace("404", "503");
        assertThatCode(() -> contract.assertConforms(answer("/v1/skills", 503, problem, unavailable("5"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> contract.assertConforms(answer("/v1/skills", 503, problem, unavailable("soon"))))
                .hasMessageContaining("Retry-After");
    }

    @Test
    void wantsTheSameRequestIdInHeaderAndProblem() {
        assertThatThrownBy(() -> contract.assertConforms(
                        answer("/v1/nothing", 404, NOT_FOUND, Map.of("Content-Type", PROBLEM, "X-Request-Id", "r2"))))
                .hasMessageContaining("request_id");
    }

    private static Map<String, String> unavailable(String retryAfter) {
        return Map.of("Content-Type", PROBLEM, "X-Request-Id", "r1", "Retry-After", retryAfter);
    }

    private static HttpResponse<String> answer(String path, int status, String body, Map<String, String> headers) {
        Map<String, List<String>> values = new TreeMap<>();
        headers.forEach((name, value) -> values.put(name, List.of(value)));
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1" + path)).build();
        return new Answer(request, status, HttpHeaders.of(values, (name, value) -> true), body);
    }

    private record Answer(HttpRequest request, int statusCode, HttpHeaders headers, String body)
            implements HttpResponse<String> {

        @Override
        public Optional<HttpResponse<String>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return request.uri();
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }
}
