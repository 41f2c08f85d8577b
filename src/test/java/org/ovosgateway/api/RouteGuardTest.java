// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.Set;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.auth.Tokens;
import org.ovosgateway.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

/** Who gets to the routes that are not in the contract. */
class RouteGuardTest {

    private final Tokens tokens = mock(Tokens.class);
    private final RouteGuard guard = new RouteGuard(tokens);

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "Public", "public ", "none", "voice:speak"})
    void lacksATokenUnlessTheRouteIsPublic(String access) {
        var refused =
                catchThrowableOfType(ProblemException.class, () -> guard.admit(access, request("Basic YWRhOmFkYQ==")));

        assertThat(refused.problem().status()).isEqualTo(401);
        assertThat(refused.problem().headers()).containsKey("WWW-Authenticate");
    }

    @Test
    void readsTheOptionOfTheEndpoint() {
        assertThat(RouteGuard.option("platform-http:///light?access=public", "access"))
                .isEqualTo("public");
        assertThat(RouteGuard.option("platform-http:///access=public", "access"))
                .isNull();
        assertThat(RouteGuard.option("platform-http:///light?produces=access%3Dpublic", "access"))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Public", "public ", "PUBLIC", "everybody", "true", "voice", "voice:", "*"})
    void isNotWrittenInAnyOtherWay(String access) throws Exception {
        try (var camel = new DefaultCamelContext()) {
            camel.addComponent("platform-http", new HttpComponent());
            camel.build();
            assertThatThrownBy(() -> camel.getEndpoint("platform-http:/light?access=RAW(" + access + ")"))
                    .hasStackTraceContaining("access is 'public' or a scope");
        }
    }

    @Test
    void getsToAPublicRouteWithWhateverToken() {
        assertThatCode(() -> guard.admit("public", request("Bearer broken"))).doesNotThrowAnyException();
        verifyNoInteractions(tokens);
    }

    @Test
    void getsToARouteThatSaysNothingWithAnyGoodToken() {
        when(tokens.access("good")).thenReturn(user("voice:speak"));

        assertThatCode(() -> guard.admit(null, request("Bearer good"))).doesNotThrowAnyException();
    }

    @Test
    void needsTheScopeThatTheRouteNames() {
        when(tokens.access("good")).thenReturn(user("voice:speak"));
        when(tokens.access("all")).thenReturn(new Caller(Caller.Kind.USER, "ada", Caller.ALL, null));

        assertThatCode(() -> guard.admit("voice:speak", request("bearer good"))).doesNotThrowAnyException();
        assertThatCode(() -> guard.admit("home:light", request("Bearer all"))).doesNotThrowAnyException();
        var refused =
                catchThrowableOfType(ProblemException.class, () -> guard.admit("home:light", request("Bearer good")));
        assertThat(refused.problem().status()).isEqualTo(403);
        assertThat(refused.problem().headers())
                .containsEntry("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"home:light\"");
    }

    private static Caller user(String scope) {
        return new Caller(Caller.Kind.USER, "bob", Set.of(scope), null);
    }

    private static RoutingContext request(String authorization) {
        HttpServerRequest request = mock(HttpServerRequest.class);
        when(request.headers()).thenReturn(HttpHeaders.headers().add(HttpHeaders.AUTHORIZATION, authorization));
        RoutingContext ctx = mock(RoutingContext.class);
        when(ctx.request()).thenReturn(request);
        return ctx;
    }
}
