// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.math.BigDecimal;
import java.util.List;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

/** The query and the variables of the path: what fits becomes a typed header, and nothing else passes. */
class ParametersTest {

    private static final Schemas SCHEMAS = new Schemas(new OpenAPI());

    private final Parameters parameters = new Parameters(
            List.of(
                    new Parameter().name("sort").in("query").schema(new BooleanSchema()._default(false)),
                    new Parameter()
                            .name("scope")
                            .in("query")
                            .schema(new StringSchema().addEnumItem("all").addEnumItem("speech")),
                    new Parameter()
                            .name("percent")
                            .in("query")
                            .schema(new IntegerSchema().minimum(BigDecimal.ZERO).maximum(BigDecimal.valueOf(100))),
                    new Parameter()
                            .name("id")
                            .in("path")
                            .required(true)
                            .schema(new StringSchema()
                                    .pattern("^[A-Za-z0-9][A-Za-z0-9._+ -]*$")
                                    .maxLength(20))),
            "/skills/{id}/settings",
            SCHEMAS);

    @ParameterizedTest
    @CsvSource({
        "sort=true, sort, true",
        "sort=TRUE, sort, true",
        "sort=false, sort, false",
        "s%6Frt=tr%75e, sort, true",
        "scope=speech, scope, speech",
        "scope=sp%65ech&, scope, speech",
    })
    void becomeTypedHeaders(String query, String name, String value) {
        Object header = accept(query, "a").getHeader(name);

        assertThat(header).hasToString(value).isInstanceOf(name.equals("sort") ? Boolean.class : String.class);
    }

    @Test
    void becomeWholeNumbers() {
        assertThat(accept("percent=042", "a").getHeader("percent")).isEqualTo(42L);
    }

    @Test
    void takeTheirDefaultWhenTheyAreNotGiven() {
        Message message = accept(null, "a");

        assertThat(message.getHeader("sort")).isEqualTo(false);
        assertThat(message.getHeaders()).doesNotContainKeys("scope", "percent");
        assertThat(accept("", "a").getHeaders()).isEqualTo(message.getHeaders());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sort",
                "sort=",
                "sort=1",
                "sort=yes",
                "sort=true%20",
                "sort=true%00",
                "sort=true&sort=true",
                "sort=true&s%6Frt=false",
                "sort[]=true",
                "Sort=true",
                "sort;=true",
                "scope=ALL",
                "scope=all%0A",
                "scope=",
                "scope=all&scope=all",
                "percent=",
                "percent=-1",
                "percent=101",
                "percent=1.0",
                "percent=1e1",
                "percent=%2B5",
                "percent=9223372036854775808",
                "percent=99999999999999999999999999",
                "percent=٣",
                "unknown=1",
                "unknown",
                "=true",
                "id=b",
                "CamelHttpUri=http%3A%2F%2Fevil",
                "sort=%",
                "sort=%4",
                "sort=%zz",
                "sort=%u0074rue",
                "%=true",
                "sort=%FF"
            })
    void areRefusedWhenTheyDoNotFit(String query) {
        var refused = catchThrowableOfType(ProblemException.class, () -> accept(query, "a"));

        assertThat(refused).as(query).isNotNull();
        assertThat(refused.problem().status()).isEqualTo(422);
        assertThat(refused.problem().members().get("errors")).asInstanceOf(LIST).hasSize(1);
    }

    @Test
    void areNamedWhenTheyAreRefused() {
        assertThat(error("sort=yes")).isEqualTo(new FieldError("sort", "must be true or false"));
        assertThat(error("sort=true&sort=true")).isEqualTo(new FieldError("sort", "is given more than once"));
        assertThat(error("scope=x").field()).isEqualTo("scope");
        assertThat(error("percent=101").field()).isEqualTo("percent");
        assertThat(error("evil=1").field()).isEqualTo("query");
        assertThat(error("evil=1").reason()).contains("sort").doesNotContain("evil");
    }

    @Test
    void ofThePathAreDecodedOnce() {
        assertThat(accept(null, "sk%69ll.a").getHeader("id")).isEqualTo("skill.a");
        assertThat(accept(null, "a+b").getHeader("id")).isEqualTo("a+b");
        assertThat(accept(null, "a%20b").getHeader("id")).isEqualTo("a b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "%2e%2e",
                "a%2Fb",
                "a%5Cb",
                "%252e",
                "a%00",
                "a%0A",
                "a%0D%0Ab",
                "a;b",
                "%",
                "%zz",
                "%C3%28",
                "äa",
                "aaaaaaaaaaaaaaaaaaaaa"
            })
    void ofThePathAreRefusedWhenTheyDoNotFit(String raw) {
        var refused = catchThrowableOfType(ProblemException.class, () -> accept(null, raw));

        assertThat(refused).as(raw).isNotNull();
        assertThat(refused.problem().status()).isEqualTo(422);
        assertThat(refused.problem().members().get("errors").toString()).contains("field=id");
    }

    @Test
    void areRefusedWhenOneIsMissingThatIsRequired() {
        Parameters required = new Parameters(
                List.of(new Parameter().name("q").in("query").required(true).schema(new StringSchema())),
                "/search",
                SCHEMAS);

        assertThat(error(() -> required.accept(message(), "/search", "")))
                .isEqualTo(new FieldError("q", "is required"));
    }

    @Test
    void canOnlyBeInThePathOrTheQuery() {
        List<Parameter> header =
                List.of(new Parameter().name("X-Device").in("header").schema(new StringSchema()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameters(header, "/ping", SCHEMAS))
                .withMessageContaining("X-Device");
    }

    private FieldError error(String query) {
        return error(() -> accept(query, "a"));
    }

    private Message accept(String query, String id) {
        Message message = message();
        parameters.accept(message, "/skills/" + id + "/settings", query);
        return message;
    }

    private static Message message() {
        return new DefaultMessage(new DefaultCamelContext());
    }

    /** The one field that is refused. */
    private static FieldError error(ThrowingCallable call) {
        var refused = catchThrowableOfType(ProblemException.class, call);
        assertThat(refused).isNotNull();
        return (FieldError) ((List<?>) refused.problem().members().get("errors")).get(0);
    }
}
