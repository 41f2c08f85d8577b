// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.GatewayApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The shipped routes in the whole gateway, edited while it serves; no assistant is there. */
class LiveGatewayTest {

    private static final Pattern OPERATIONS = Pattern.compile("operationId: (\\w+)");

    @TempDir
    Path folder;

    @TempDir
    Path state;

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext gateway;

    @BeforeEach
    void copyRoutes() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @Test
    void servesAllShippedRoutesWhenItHasStarted() throws Exception {
        start(folder);

        assertThat(gateway.getBean(LiveRoutes.class).failures()).isEmpty();
        assertThat(get("/v1/network/ping").body()).contains("pong");
        var context = gateway.getBean(CamelContext.class);
        assertThat(context.getComponent("direct")).isInstanceOf(SwitchedDirect.class);
        // where Camel looks by default, src/test/resources/camel, there is a route too
        assertThat(context.getRoute("decoy")).isNull();
    }

    @Test
    void isNotReadyAndSaysSoWhileTheContractIsBroken() throws Exception {
        String good = Files.readString(folder.resolve("openapi.yaml"));
        edit("openapi.yaml", text -> text.replaceFirst("operationId: ping", "operationId: \"a b\""));
        start(folder);

        var answer = get("/v1/network/ping");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body())
                .contains("contract-unavailable", "openapi.yaml")
                .doesNotContain(folder.toString());
        assertThat(ready().statusCode()).isEqualTo(503);
        assertThat(ready().body()).contains("openapi.yaml").doesNotContain("NullPointer", "rest.camel.yaml");

        Files.writeString(folder.resolve("openapi.yaml"), good);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> get("/v1/network/ping").statusCode() == 200);
    }

    private HttpResponse<String> ready() throws Exception {
        String port = gateway.getEnvironment().getRequiredProperty("local.management.port");
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void noRequestFailsWhileShippedRoutesAreEdited() throws Exception {
        start(folder);
        Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
        var done = new CountDownLatch(1);
        List<CompletableFuture<Void>> callers = Stream.generate(() -> CompletableFuture.runAsync(() -> {
                    while (done.getCount() > 0) {
                        var response = get("/v1/network/ping");
                        String answer =
                                response.statusCode() + " " + response.body().replaceAll("\\d+", "");
                        answers.computeIfAbsent(answer, key -> new AtomicInteger())
                                .incrementAndGet();
                    }
                }))
                .limit(4)
                .toList();

        for (int i = 1; i <= 5; i++) {
            String version = "v" + i;
            edit("network.camel.yaml", text -> text.replaceAll("\"pong\":\"[^\"]*\"", "\"pong\":\"" + version + "\""));
            edit("openapi.yaml", text -> text + "# " + version + "\n");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> get("/v1/network/ping").body().contains(version));
        }
        done.countDown();
        callers.forEach(CompletableFuture::join);

        assertThat(answers.keySet()).allMatch(answer -> answer.startsWith("200 {\"pong\":"));
    }

    @Test
    void showsTheContractThatIsServedAndNoneThatWasRefused() throws Exception {
        start(folder);
        assertThat(get("/openapi.yaml").body()).contains("operationId: ping").contains("url: v1\n");
        var routes = gateway.getBean(LiveRoutes.class);

        edit("openapi.yaml", text -> text.replace("operationId: ping", "operationId: unserved") + "# refused\n");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> !routes.failures().isEmpty());
        assertThat(get("/openapi.yaml").body()).doesNotContain("# refused");
        assertThat(get("/openapi.json").body()).doesNotContain("\"unserved\"");

        edit(
                "openapi.yaml",
                text -> text.replace("operationId: unserved", "operationId: ping")
                        .replace("# refused", "# taken"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> get("/openapi.yaml").body().contains("# taken"));
    }

    @Test
    void runsOnAnEventLoopAllThatOnlyTalksToTheBus() throws Exception {
        start(folder);
        var direct = gateway.getBean(SwitchedDirect.class);

        assertThat(OPERATIONS
                        .matcher(Files.readString(folder.resolve("openapi.yaml")))
                        .results()
                        .map(found -> found.group(1))
                        .filter(operation -> !direct.neverBlocks(operation)))
                .containsExactlyInAnyOrder(
                        "createTokens",
                        "refreshToken",
                        "rotateTokens",
                        "logOut",
                        "listPermatokens",
                        "createPermatoken",
                        "deletePermatoken",
                        "listDevices",
                        "getDevice",
                        "listIntents",
                        "listSkillIntents",
                        "enableIntent",
                        "disableIntent",
                        "listAlerts",
                        "setAlert",
                        "deleteAlert",
                        "snoozeAlert",
                        "transcribe",
                        "synthesize",
                        "playSound",
                        "converseByAudio",
                        "converseBatch",
                        "sendBusMessage",
                        "listHistory",
                        "getHistory",
                        "simulateMqtt");
    }

    @Test
    void runsOnAWorkerWhatMayBlock() throws Exception {
        start(folder);

        edit("network.camel.yaml", text -> text.replaceAll("constant: .*pong.*", "simple: \\${threadName}"));

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> get("/v1/network/ping").body().contains("worker"));
    }

    @Test
    void runsOnAWorkerWhatMayBlockAmongWhatDoesNot() throws Exception {
        Files.writeString(folder.resolve("slow.camel.yaml"), """
                - route:
                    id: slow
                    from: {uri: direct:slow, steps: [setBody: {simple: '${threadName}'}]}
                """);
        start(folder);
        edit("network.camel.yaml", text -> text.replaceAll("setBody:\\s+constant: .*pong.*", "to: direct:slow"));

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> get("/v1/network/ping").body().contains("worker"));
        assertThat(gateway.getBean(SwitchedDirect.class).neverBlocks("ping")).isTrue();
        assertThat(gateway.getBean(SwitchedDirect.class).neverBlocks("slow")).isFalse();
    }

    @Test
    void tellsABrokenFileInHealthAndStaysUp() throws Exception {
        Files.writeString(folder.resolve("mine.camel.yaml"), "- route: [");
        start(folder);
        var context = gateway.getBean(CamelContext.class);

        var result = HealthCheckHelper.invokeReadiness(context, "full").stream()
                .filter(r -> r.getCheck().getId().equals("routes"))
                .findFirst()
                .orElseThrow();

        assertThat(result.getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(result.getDetails().get("failures")).asString().contains("mine.camel.yaml:1: ");
        assertThat(HealthCheckHelper.invokeLiveness(context, "full"))
                .noneMatch(r -> r.getCheck().getId().equals("routes"));
        assertThat(get("/v1/network/ping").statusCode()).isEqualTo(200);
    }

    @Test
    void doesNotStartWithoutTheFolder() {
        assertThatThrownBy(() -> start(folder.resolve("nowhere")))
                .rootCause()
                .hasMessageContaining("nowhere does not exist");
    }

    private void start(Path routes) {
        gateway = SpringApplication.run(
                GatewayApplication.class,
                "--server.port=0",
                "--ovos.management.port=0",
                "--ovos.http.access-log=false",
                "--ovos.state=" + state,
                "--ovos.auth.users=" + state.resolve("users.json"),
                "--ovos.devices.default.port=1",
                "--ovos.routes.check-interval=20ms",
                "--ovos.routes.folder=" + routes);
    }

    private void edit(String file, UnaryOperator<String> change) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, change.apply(Files.readString(path)));
    }

    private HttpResponse<String> get(String path) {
        try {
            String port = gateway.getEnvironment().getRequiredProperty("local.server.port");
            var uri = URI.create("http://127.0.0.1:" + port + path);
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
