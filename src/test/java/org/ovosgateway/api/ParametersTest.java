// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.Parameter.StyleEnum;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.problem.FieldError;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
            SCHEMAS,
            Set.of());

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
                SCHEMAS,
                Set.of());

        assertThat(error(() -> required.accept(message(), "/search", "")))
                .isEqualTo(new FieldError("q", "is required"));
    }

    @Test
    void canOnlyBeInThePathOrTheQuery() {
        List<Parameter> header =
                List.of(new Parameter().name("X-Device").in("header").schema(new StringSchema()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameters(header, "/ping", SCHEMAS, Set.of()))
                .withMessageContaining("X-Device");
    }

    private static final Parameters TYPED = new Parameters(
            List.of(
                    query("level", new NumberSchema().minimum(new BigDecimal("-1.5"))),
                    query("step", new NumberSchema()._enum(List.of(new BigDecimal("0.5"), BigDecimal.ONE))),
                    query("mode", new IntegerSchema()._enum(List.of(1, 2))),
                    query("big", new IntegerSchema().format("int64")),
                    query("small", new IntegerSchema().format("int32")),
                    query("gain", new NumberSchema()._default(new BigDecimal("2"))),
                    query(
                            "tag",
                            new ArraySchema()
                                    .items(new StringSchema().maxLength(3))
                                    .maxItems(3)),
                    query("id", new ArraySchema().items(new IntegerSchema()).uniqueItems(true))
                            .explode(false),
                    query("spaced", new ArraySchema().items(new StringSchema()))
                            .style(StyleEnum.SPACEDELIMITED)
                            .explode(false),
                    query("piped", new ArraySchema().items(new BooleanSchema()))
                            .style(StyleEnum.PIPEDELIMITED)
                            .explode(false),
                    query(
                            "color",
                            new ArraySchema()
                                    .items(new StringSchema().addEnumItem("red").addEnumItem("blue"))),
                    query("ref", new Schema<>().$ref("#/components/schemas/Level")),
                    new Parameter()
                            .name("n")
                            .in("path")
                            .required(true)
                            .schema(new ArraySchema().items(new NumberSchema()))),
            "/mix/{n}",
            new Schemas(new OpenAPI()
                    .components(new Components().addSchemas("Level", new IntegerSchema().maximum(BigDecimal.TEN)))),
            Set.of());

    private static Parameter query(String name, Schema<?> schema) {
        return new Parameter().name(name).in("query").schema(schema);
    }

    static Stream<Arguments> typed() {
        return Stream.of(
                arguments("level=1.5", "level", 1.5),
                arguments("level=-1", "level", -1.0),
                arguments("level=1e2", "level", 100.0),
                arguments("level=2.5E-1", "level", 0.25),
                arguments("step=0.5", "step", 0.5),
                arguments("step=1", "step", 1.0),
                arguments("step=1.0", "step", 1.0),
                arguments("mode=2", "mode", 2L),
                arguments("big=999999999999999999", "big", 999999999999999999L),
                arguments("small=-2147483648", "small", -2147483648L),
                arguments("", "gain", 2.0),
                arguments("tag=a", "tag", List.of("a")),
                arguments("tag=a&tag=b&tag=a", "tag", List.of("a", "b", "a")),
                arguments("tag=a,b", "tag", List.of("a,b")),
                arguments("id=1,2,-3", "id", List.of(1L, 2L, -3L)),
                arguments("spaced=a%20b+c", "spaced", List.of("a", "b", "c")),
                arguments("piped=true|false%7Ctrue", "piped", List.of(true, false, true)),
                arguments("color=red&color=blue", "color", List.of("red", "blue")),
                arguments("ref=7", "ref", 7L));
    }

    @ParameterizedTest
    @MethodSource("typed")
    void areConvertedByTheirType(String query, String name, Object value) {
        Message message = message();
        TYPED.accept(message, "/mix/1,2.5", query);
        assertThat(message.getHeader(name)).isEqualTo(value);
        assertThat(message.getHeader("n")).isEqualTo(List.of(1.0, 2.5));
    }

    @Test
    void mayHaveTheSeparatorInAnItem() {
        Message message = message();
        new Parameters(
                        List.of(query("name", new ArraySchema().items(new StringSchema()))
                                .explode(false)),
                        "/a",
                        SCHEMAS,
                        Set.of())
                .accept(message, "/a", "name=a%2Cb,c");
        assertThat(message.getHeader("name")).isEqualTo(List.of("a,b", "c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "level= ; level",
                "level=x ; level",
                "level=NaN ; level",
                "level=Infinity ; level",
                "level=1e999 ; level",
                "level=1e9999999 ; level",
                "level=0x10 ; level",
                "level=1,5 ; level",
                "level=.5 ; level",
                "level=-1.6 ; level",
                "level=1d ; level",
                "level=1&level=2 ; level",
                "step=0.6 ; step",
                "mode=3 ; mode",
                "mode=1.0 ; mode",
                "small=2147483648 ; small",
                "tag=abcd ; tag[0]",
                "tag=a&tag=b&tag=c&tag=d ; tag",
                "tag[]=a ; query",
                "id=1,x ; id[1]",
                "id=1, ; id[1]",
                "id=1,1 ; id",
                "id=1&id=2 ; id",
                "piped=true|1 ; piped[1]",
                "color=red&color=green ; color[1]",
                "ref=11 ; ref",
                "ref=x ; ref"
            })
    void areRefusedByTheirType(String query, String field) {
        assertThat(error(() -> TYPED.accept(message(), "/mix/1", query)).field())
                .startsWith(field);
    }

    @Test
    void areTakenFromJsonByTheirType() {
        Map<String, Object> members =
                new HashMap<>(Map.of("n", List.of(1, 2.5), "tag", List.of("a", "b"), "level", 5, "mode", 1));
        assertThat(TYPED.take(members))
                .containsEntry("n", List.of(1.0, 2.5))
                .containsEntry("tag", List.of("a", "b"))
                .containsEntry("level", 5.0)
                .containsEntry("mode", 1L);
    }

    static Stream<Parameter> unserved() {
        return Stream.of(
                query("p", new ObjectSchema()),
                query("p", new ObjectSchema()).style(StyleEnum.DEEPOBJECT),
                query("p", new ArraySchema().items(new ArraySchema().items(new StringSchema()))),
                query("p", new ArraySchema().items(new ObjectSchema())),
                query("p", new ArraySchema()),
                query("p", new ArraySchema().items(new StringSchema()))
                        .style(StyleEnum.PIPEDELIMITED)
                        .explode(true),
                query("p", new Schema<>().addOneOfItem(new StringSchema())),
                query("p", new Schema<>().$ref("#/components/schemas/Nothing")),
                query("p", null).content(new Content()),
                query("p", new StringSchema()).style(StyleEnum.DEEPOBJECT),
                query("p", new StringSchema()).in("cookie"),
                new Parameter().name("p").in("path").style(StyleEnum.MATRIX).schema(new StringSchema()));
    }

    @ParameterizedTest
    @MethodSource("unserved")
    void areRefusedAtLoadWhereNoTextCanBeTurnedIntoThem(Parameter parameter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameters(List.of(parameter), "/a/{p}", SCHEMAS, Set.of()))
                .withMessageMatching(".*(Parameter 'p'|schema).*");
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
