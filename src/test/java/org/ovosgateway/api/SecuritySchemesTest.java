// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Set;

import io.swagger.v3.core.util.Yaml;
import io.swagger.v3.oas.models.OpenAPI;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Links;
import org.ovosgateway.auth.Proofs;
import org.ovosgateway.auth.Tickets;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

/** Who may call, by each combination of credentials that a contract can ask for. */
class SecuritySchemesTest {

    private static final Caller ADA = new Caller(Caller.Kind.USER, "ada", Caller.ALL, null);
    private static final Caller BOB = new Caller(Caller.Kind.USER, "bob", Set.of("voice:speak"), null);

    private final Tokens tokens = mock(Tokens.class);
    private final Proofs passwords = mock(Proofs.class);
    private final Tickets tickets = mock(Tickets.class);
    private final Links links = mock(Links.class);
    private final SecuritySchemes schemes = new SecuritySchemes(tokens, passwords, tickets, links);

    private final MultiMap headers = HttpHeaders.headers();
    private String query;

    /** For contracts of which nobody calls anything. */
    static SecuritySchemes schemes() {
        return new SecuritySchemes(mock(Tokens.class), mock(Proofs.class), mock(Tickets.class), mock(Links.class));
    }

    @BeforeEach
    void know() {
        ProblemException refused = new ProblemException(new Problem("unauthorized", "Not logged in", 401, "no")
                .header("WWW-Authenticate", "Bearer error=\"invalid_token\""));
        when(tokens.access(anyString())).thenThrow(refused);
        when(tokens.refresh(anyString())).thenThrow(refused);
        when(tickets.redeem(anyString(), anyString())).thenThrow(refused);
        when(links.follow(anyString(), anyString(), anyString())).thenThrow(refused);
        org.mockito.Mockito.doReturn(ADA).when(tokens).access("ada");
        org.mockito.Mockito.doReturn(BOB).when(tokens).access("bob");
        org.mockito.Mockito.doReturn(ADA).when(tokens).refresh("ada-refresh");
        org.mockito.Mockito.doReturn(ADA).when(tickets).redeem("ticket", "/a");
        org.mockito.Mockito.doReturn(Caller.link("/a?n=1", java.time.Instant.MAX))
                .when(links)
                .follow("GET", "/a?n=1", "signed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                       | -                       | Bearer ada         | USER
            security: []            | -                       | Bearer ada         | USER
            security: [{}]          | -                       | Bearer ada         | USER
            security: [access: []]  | -                       | Bearer ada         | USER
            security: [refresh: []] | -                       | Bearer ada-refresh | USER
            security: [access: []]  | security: []            | Bearer broken      | OWNER
            -                       | security: []            | -                  | OWNER
            -                       | security: [{}]          | -                  | OWNER
            security: [access: []]  | security: [refresh: []] | Bearer ada-refresh | USER
            security: [refresh: []] | security: [access: []]  | bearer ada         | USER
            security: [access: []]  | security: [{}, access: []] | -               | ANYBODY
            security: [access: []]  | security: [{}, access: []] | Bearer ada      | USER
            -                       | security: [refresh: [], access: []] | Bearer ada | USER
            """)
    void areWhatTheOperationSaysAndElseTheContract(String ofAll, String own, String authorization, Caller.Kind kind) {
        authorize(authorization);

        assertThat(admit(ofAll, own).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                       | -                       | -
            security: []            | -                       | -
            security: [{}]          | -                       | -
            -                       | security: [refresh: []] | Bearer ada
            -                       | security: [access: []]  | Bearer ada-refresh
            -                       | security: [access: []]  | Basic YWRhOmFkYQ==
            -                       | security: [{}, access: []] | Bearer broken
            -                       | security: [key: []]     | Bearer ada
            -                       | security: [{access: [], key: []}] | Bearer ada
            -                       | security: [{}, {access: [], key: []}] | Bearer ada
            """)
    void letNobodyInWithAnotherCredentialOrHalfOfThem(String ofAll, String own, String authorization) {
        authorize(authorization);

        assertThat(refused(ofAll, own).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ada", "bearer ada", "BEARER   ada "})
    void takeTheTokenFromTheHeader(String header) {
        authorize(header);

        assertThat(admit(null, null)).isEqualTo(ADA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "ada", "Bearerada"})
    void askForATokenWhenTheHeaderHasNone(String header) {
        authorize(header);

        Problem refused = refused(null, null);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.headers().get("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void takeATokenInAHeaderOfItsOwn() {
        headers.add("X-Key", "bob");

        assertThat(admit(null, "security: [key: []]")).isEqualTo(BOB);
    }

    @Test
    void takeATokenTicketOrLinkInTheQuery() {
        query = "key=bob";
        assertThat(admit(null, "security: [queryKey: []]")).isEqualTo(BOB);
        query = "n=1&ticket=ticket";
        assertThat(admit(null, "security: [ticket: []]")).isEqualTo(ADA);
        query = "n=1&signature=signed";
        assertThat(admit(null, "security: [link: []]").kind()).isEqualTo(Caller.Kind.LINK);
    }

    @Test
    void takeASignatureAtTheEndOnly() {
        query = "signature=signed&n=1";

        assertThat(refused(null, "security: [link: []]").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"key=bob&key=ada", "key=%zz"})
    void refuseAQueryThatSaysTwoThings(String two) {
        query = two;

        assertThat(refused(null, "security: [queryKey: []]").status()).isEqualTo(400);
    }

    @Test
    void refuseTwoHeaders() {
        headers.add("Authorization", "Bearer ada").add("Authorization", "Bearer bob");
        assertThat(refused(null, "security: [access: []]").status()).isEqualTo(400);
        headers.add("X-Key", "ada").add("X-Key", "bob");
        assertThat(refused(null, "security: [key: []]").status()).isEqualTo(400);
    }

    @Test
    void needAllCredentialsOfOneAlternativeAndGiveWhatBothAllow() {
        authorize("Bearer ada");
        headers.add("X-Key", "ada");
        assertThat(admit(null, "security: [{access: [], key: []}]")).isEqualTo(ADA);

        headers.set("X-Key", "bob");
        assertThat(refused(null, "security: [{access: [], key: []}]").detail()).contains("not of one user");
    }

    @Test
    void giveOnlyTheDevicesThatAllCredentialsOfOneAlternativeMayUse() {
        org.mockito.Mockito.doReturn(ADA.withinDevices(Set.of("kitchen")))
                .when(tokens)
                .access("ada-kitchen");
        authorize("Bearer ada");
        headers.add("X-Key", "ada-kitchen");
        assertThat(admit(null, "security: [{access: [], key: []}]").devices()).containsExactly("kitchen");

        authorize("Bearer ada-kitchen");
        headers.set("X-Key", "ada");
        assertThat(admit(null, "security: [{access: [], key: []}]").devices()).containsExactly("kitchen");
    }

    @Test
    void tryTheNextAlternativeWhenTheFirstIsRefused() {
        authorize("Bearer broken");
        headers.add("X-Key", "bob");

        assertThat(admit(null, "security: [access: [], key: []]")).isEqualTo(BOB);
    }

    @Test
    void tellEachWayInTheChallengeAndWhyTheOneThatWasTriedFailed() {
        String security = "security: [access: [], basic: [], key: []]";
        Problem nothing = refused(null, security);
        assertThat(nothing.detail()).contains("Bearer").contains("Basic").contains("X-Key");
        assertThat(nothing.headers())
                .containsEntry(
                        "WWW-Authenticate",
                        "Bearer, Basic realm=\"OVOS gateway\", charset=\"UTF-8\", ApiKey in=\"header\", name=\"X-Key\"");

        authorize("Bearer broken");
        assertThat(refused(null, security).headers().get("WWW-Authenticate"))
                .startsWith("Bearer error=\"invalid_token\", Basic ")
                .doesNotContain("Bearer,");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            access: []            | Bearer error="insufficient_scope", scope="home:light"
            key: []               | ApiKey in="header", name="X-Key"
            key: [], queryKey: [] | ApiKey in="header", name="X-Key", ApiKey in="query", name="key"
            key: [], access: []   | Bearer error="insufficient_scope", scope="home:light", ApiKey in="header", name="X-Key"
            """)
    void nameTheSchemesOfTheOperationWhereTheScopeIsMissing(String schemes, String challenge) {
        headers.add("X-Key", "bob").add("Authorization", "Bearer bob");

        Problem refused = refused(null, "x-scope: home:light, security: [%s]".formatted(schemes));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.headers()).containsEntry("WWW-Authenticate", challenge);
    }

    @Test
    void nameEachKeyOfTheOperationWhereOneIsRefused() {
        headers.add("X-Key", "broken");
        assertThat(refused(null, "security: [key: [], queryKey: []]").headers())
                .containsEntry(
                        "WWW-Authenticate", "ApiKey in=\"header\", name=\"X-Key\", ApiKey in=\"query\", name=\"key\"");
    }

    @Test
    void nameThemselvesAlsoWhereARouteRefuses() {
        Problem route = new Problem("unauthorized", "Not logged in", 401, "No.").header("WWW-Authenticate", "Bearer");
        Problem forbidden = new Problem("forbidden", "No", 403, "No.");
        Admission keyOnly = admission(null, "security: [key: []]", "");
        assertThat(keyOnly.withChallenges(route).headers())
                .containsEntry("WWW-Authenticate", "ApiKey in=\"header\", name=\"X-Key\"");
        assertThat(keyOnly.withChallenges(forbidden)).isEqualTo(forbidden);
        assertThat(Admission.open().withChallenges(route)).isEqualTo(route);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ", "Basic !", "Basic YWRh", "Basic /w==", "Basic w6Q6w4Q"})
    void refuseWhatIsNoPairOfUserAndPasswordWithoutAskingAnybody(String authorization) {
        authorize(authorization.equals("Basic w6Q6w4Q") ? "Basic " + "YWRhOmFk".repeat(500) : authorization);

        Problem refused = refused(null, "security: [basic: []]");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.headers().get("WWW-Authenticate")).startsWith("Basic realm=");
        verifyNoInteractions(passwords);
    }

    @Test
    void needTheScope() {
        authorize("Bearer bob");
        assertThat(admit(null, "x-scope: voice:speak").name()).isEqualTo("bob");

        Problem refused = refused(null, "x-scope: home:light");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.headers())
                .containsEntry("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"home:light\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "security: [acess: []]",
                "security: [access: [voice:speak]]",
                "security: [digest: []]",
                "security: [cookie: []]",
                "security: [oauth: []]",
                "security: [odd: []]",
                "security: [headerLink: []]",
                "security: [basicRefresh: []]"
            })
    void areRefusedWhenNobodyChecksThem(String security) {
        String more = """
                digest: {type: http, scheme: digest}
                cookie: {type: apiKey, in: cookie, name: session}
                oauth: {type: oauth2, flows: {}}
                odd: {type: http, scheme: bearer, x-use: other}
                headerLink: {type: apiKey, in: header, name: X-Link, x-use: link}
                basicRefresh: {type: http, scheme: basic, x-use: refresh}
                """;
        String name = security.replaceAll("security: \\[(\\w+).*", "$1");
        String scheme = more.lines()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .orElse("other: {type: http, scheme: basic}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> admission(null, security, scheme))
                .withMessageContaining("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"security: []", "security: [{}]", "security: [], x-command: a"})
    void areRefusedWhenEverybodyMayCallWhatNeedsAScope(String security) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> admission(null, security + ", x-scope: voice:speak", ""))
                .withMessageContaining("'a' has an x-scope");
        assertThat(admission(null, "security: [{}, {access: []}], x-scope: voice:speak", "")
                        .scope())
                .isEqualTo("voice:speak");
    }

    private Caller admit(String ofAll, String own) {
        var admitted =
                admission(ofAll, own, "other: {type: http, scheme: basic}").admit(request());
        assertThat(admitted.isComplete()).isTrue();
        assertThat(admitted.cause()).isNull();
        return admitted.result();
    }

    private Problem refused(String ofAll, String own) {
        var admitted =
                admission(ofAll, own, "other: {type: http, scheme: basic}").admit(request());
        assertThat(admitted.cause()).isInstanceOf(ProblemException.class);
        return ((ProblemException) admitted.cause()).problem();
    }

    private Admission admission(String ofAll, String own, String scheme) {
        String yaml = """
                openapi: 3.0.3
                info: {title: t, version: '1'}
                %s
                paths:
                  /a:
                    get: {operationId: a, %s responses: {'200': {description: yes}}}
                components:
                  securitySchemes:
                    access: {type: http, scheme: bearer}
                    refresh: {type: http, scheme: Bearer, x-use: refresh}
                    basic: {type: http, scheme: basic}
                    key: {type: apiKey, in: header, name: X-Key}
                    queryKey: {type: apiKey, in: query, name: key}
                    ticket: {type: apiKey, in: query, name: ticket, x-use: ticket}
                    link: {type: apiKey, in: query, name: signature, x-use: link}
                    %s
                """.formatted(ofAll == null ? "" : ofAll, own == null ? "" : own + ",", scheme);
        OpenAPI contract;
        try {
            contract = Yaml.mapper().readValue(yaml, OpenAPI.class);
        } catch (Exception e) {
            throw new AssertionError(yaml, e);
        }
        return schemes.admission(contract, contract.getPaths().get("/a").getGet());
    }

    private void authorize(String authorization) {
        if (authorization != null) {
            headers.set("Authorization", authorization);
        }
    }

    private RoutingContext request() {
        HttpServerRequest request = mock(HttpServerRequest.class);
        when(request.headers()).thenReturn(headers);
        when(request.query()).thenReturn(query);
        when(request.path()).thenReturn("/a");
        when(request.method()).thenReturn(HttpMethod.GET);
        RoutingContext ctx = mock(RoutingContext.class);
        when(ctx.request()).thenReturn(request);
        return ctx;
    }

    @Test
    void letsStayWhoMayStillUseTheSameDevices() {
        Caller two = BOB.withinDevices(Set.of("kitchen", "attic"));
        org.mockito.Mockito.doReturn(BOB).when(tokens).present(two);
        assertThat(schemes.mayStay(two, "voice:speak")).isTrue();
        org.mockito.Mockito.doReturn(BOB.withinDevices(Set.of("kitchen")))
                .when(tokens)
                .present(two);
        assertThat(schemes.mayStay(two, "voice:speak")).isFalse();
    }
}
