// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.ovosgateway.demo.SimulatedAssistant;
import org.ovosgateway.testing.ContractSchema;
import org.ovosgateway.testing.FakeBus;
import org.ovosgateway.testing.Gateway;
import org.ovosgateway.testing.GatewayTraffic;

import static org.assertj.core.api.Assertions.assertThat;

/** Who may call which operation: what the contract says, and nothing else. */
class AccessTest {

    @RegisterExtension
    @Order(1)
    static final FakeBus bus = new FakeBus(SimulatedAssistant.builder()
            .apiKey(Gateway.API_KEY)
            .gatewayCompanion()
            .oneConnection());

    @RegisterExtension
    @Order(2)
    static final Gateway gateway = withAUserForEachScope(Gateway.on(bus::port));

    private GatewayTraffic traffic;

    private static Gateway withAUserForEachScope(Gateway gateway) {
        Set<String> scopes = scopes();
        for (String scope : scopes) {
            gateway.user("only " + scope, scope);
            gateway.user(
                    "all but " + scope,
                    scopes.stream().filter(other -> !other.equals(scope)).toArray(String[]::new));
        }
        return gateway.user("nothing", "none:at-all");
    }

    private static Set<String> scopes() {
        return ContractSchema.shipped().document().findValuesAsText("x-scope").stream()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static List<ContractSchema.Operation> operations() {
        return ContractSchema.shipped().operations();
    }

    static Stream<ContractSchema.Operation> guarded() {
        return operations().stream()
                .filter(operation -> !gateway.access(operation).isEmpty());
    }

    static Stream<ContractSchema.Operation> scopedWithoutMqtt() {
        return ContractSchema.shipped().operationsWithoutMqtt().stream()
                .filter(operation -> !gateway.scope(operation).isEmpty());
    }

    static Stream<ContractSchema.Operation> scoped() {
        return operations().stream()
                .filter(operation -> !gateway.scope(operation).isEmpty());
    }

    @BeforeEach
    void listen() throws Exception {
        gateway.awaitBus();
        traffic = new GatewayTraffic(bus.vertx(), bus.uri());
    }

    @AfterEach
    void stopListening() {
        traffic.close();
    }

    @Test
    void isOpenWhereTheContractSaysSoOnly() {
        assertThat(operations())
                .filteredOn(operation -> gateway.access(operation).isEmpty())
                .extracting(ContractSchema.Operation::id)
                .containsExactlyInAnyOrder("createTokens", "ping");
        assertThat(guarded().filter(operation -> gateway.scope(operation).isEmpty()))
                .extracting(ContractSchema.Operation::id)
                .containsExactlyInAnyOrder(
                        "refreshToken",
                        "rotateTokens",
                        "logOut",
                        "listPermatokens",
                        "createPermatoken",
                        "deletePermatoken",
                        "createTicket");
    }

    @ParameterizedTest
    @MethodSource("guarded")
    void isRefusedToAnonymousCallers(ContractSchema.Operation operation) {
        gateway.example(operation).anonymous().token(null).isRefused(401, "unauthorized");

        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("guarded")
    void isRefusedToTheOtherKindOfToken(ContractSchema.Operation operation) {
        Gateway.Tokens tokens = gateway.logIn(Gateway.USER);
        String other = gateway.access(operation).equals("refresh") ? tokens.access() : tokens.refresh();

        gateway.example(operation).token(other).isRefused(401, "unauthorized");

        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scoped")
    void isRefusedWithoutTheScope(ContractSchema.Operation operation) {
        String scope = gateway.scope(operation);

        for (String user : List.of("all but " + scope, "nothing")) {
            var refused = gateway.example(operation).as(user).send();
            assertThat(refused.statusCode()).isEqualTo(403);
            String ticket = ", ApiKey in=\"query\", name=\"ticket\"";
            boolean takesTickets = ContractSchema.shipped()
                    .document()
                    .at(operation.at())
                    .path("security")
                    .toString()
                    .contains("ticket");
            assertThat(refused.headers().firstValue("WWW-Authenticate"))
                    .contains("Bearer error=\"insufficient_scope\", scope=\"" + scope + "\""
                            + (takesTickets ? ticket : ""));
        }
        assertThat(traffic.sent()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("scopedWithoutMqtt")
    void isGrantedWithTheScopeAlone(ContractSchema.Operation operation) {
        var granted = gateway.example(operation)
                .as("only " + gateway.scope(operation))
                .send();

        if (operation.id().equals("getHistory")) {
            // whoever may ask is told that the request of the example is none
            assertThat(granted.statusCode()).isEqualTo(404);
        } else {
            assertThat(granted.statusCode()).as(granted.body()).isBetween(200, 299);
        }
    }

    @Test
    void isJudgedBeforeTheInput() {
        gateway.call("POST", "/v1/voice/speech?bad=1").anonymous().json("{").isRefused(401, "unauthorized");
        gateway.call("POST", "/v1/voice/speech?bad=1").as("nothing").json("{").isRefused(403, "forbidden");
        gateway.call("GET", "/v1/skills/no-skill.test/settings").as("nothing").isRefused(403, "forbidden");
        gateway.call("GET", "/v1/skills/%2a/settings").anonymous().isRefused(401, "unauthorized");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/voice/speech",
                "POST /v1/auth/refresh",
                "POST /v1/auth/logout",
                "POST /v1/mqtt/simulate",
                "PUT /v1/voice/listen"
            })
    void isJudgedBeforeTheBodyArrives(String request) throws Exception {
        for (String framing : List.of("Content-Length: 999000", "Transfer-Encoding: chunked")) {
            assertThat(gateway.raw(request + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + framing
                            + "\r\nExpect: 100-continue\r\n\r\n"))
                    .startsWith("HTTP/1.1 401 ")
                    .containsIgnoringCase("Connection: close");
        }
        assertThat(gateway.gauge("ovos.http.bodies")).isZero();
    }

    @Test
    void isRefusedWithTwoCredentialsOfWhichOneWouldDo() throws Exception {
        String good = "Authorization: Bearer " + gateway.token(Gateway.USER) + "\r\n";

        assertThat(gateway.raw("GET /v1/system/info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + good
                        + "Authorization: Bearer other\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("more than one Authorization header");
        assertThat(traffic.sent()).isEmpty();
    }

    @Test
    void takesNoLargeBodyFromStrangers() throws Exception {
        assertThat(gateway.raw("POST /v1/auth/tokens HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 100000\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void needsNoTokenForWhatIsPublicAndMindsNoBadOne() {
        gateway.call("GET", "/v1/network/ping").token("broken").answers(200);
    }
}
