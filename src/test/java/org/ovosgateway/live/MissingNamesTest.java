// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.vertx.core.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.assistant.Call;
import org.ovosgateway.assistant.Commands;
import org.ovosgateway.assistant.HeldCommands;
import org.ovosgateway.auth.Caller;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** The shipped routes with MQTT on; neither assistant nor broker is there. */
class MissingNamesTest {

    private static final String BUTTON = """
            # a button

            - templatedRoute:
                routeTemplateRef: text-button
                routeId: bedside
                parameters:
                  - {name: topic, value: bedside}
                  - {name: hold, value: "%s"}
            """;

    @TempDir
    Path folder;

    @TempDir
    Path state;

    private ConfigurableApplicationContext gateway;

    @BeforeEach
    void copyRoutes() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        write("bad.camel.yaml", """
                - route:
                    id: bad
                    from:
                      uri: command:bad?operation=lisen
                      steps:
                        - to: direct:listen
                """);
        write("bad-scope.camel.yaml", """
                - route:
                    id: bad-scope
                    from:
                      uri: command:bad_scope?scope=voice:lisen
                      steps:
                        - to: direct:listen
                """);
        write("own-scope.camel.yaml", """
                - route:
                    id: own-scope
                    from:
                      uri: command:lights?scope=lights:write
                      steps:
                        - to: command:stop
                """);
        write("bad-step.camel.yaml", """
                - route:
                    id: bad-step
                    from:
                      uri: paho-mqtt5:a
                      steps:
                        - choice:
                            when:
                              - constant: "true"
                                steps:
                                  - to: command:stopp
                """);
        write(
                "elsewhere.camel.yaml",
                BUTTON.formatted("stop").replace("routeId: bedside", "routeId: elsewhere")
                        + "      - {name: device, value: kitchn}\n");
        write("bedside.camel.yaml", BUTTON.formatted("speek: Good night"));
        write("loud.camel.yaml", button("loud", "volume: loud"));
        write("constant.camel.yaml", constant("loud"));
        write("empty.camel.yaml", button("empty", "speak"));
        write("options.camel.yaml", constant("55").replace("command:volume", "command:volume?payload=number"));
        gateway = start();
    }

    private static String button(String name, String action) {
        return BUTTON.formatted(action).replace("routeId: bedside", "routeId: " + name);
    }

    private static String constant(String volume) {
        return """
                - route:
                    id: constant
                    from:
                      uri: paho-mqtt5:a
                      steps:
                        - filter:
                            simple: ${body} != null
                            steps:
                              - setBody:
                                  constant: "%s"
                              - to: command:volume
                """.formatted(volume);
    }

    @AfterEach
    void stop() {
        gateway.close();
        // the level is that of the JVM, and other tests read the log
        LoggingSystem.get(getClass().getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
    }

    private void write(String file, String yaml) throws IOException {
        Files.writeString(folder.resolve(file), yaml);
    }

    private ConfigurableApplicationContext start() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        return SpringApplication.run(
                GatewayApplication.class,
                "--server.port=0",
                "--ovos.management.port=0",
                "--ovos.routes.folder=" + folder,
                "--ovos.auth.users=" + state.resolve("users.json"),
                "--ovos.routes.check-interval=20ms",
                "--ovos.state=" + state,
                "--ovos.devices.default.host=127.0.0.1",
                "--ovos.devices.default.port=" + nobody,
                "--ovos.mqtt.host=127.0.0.1",
                "--ovos.mqtt.port=" + nobody,
                "--logging.level.root=off");
    }

    private List<String> failures() {
        return gateway.getBean(LiveRoutes.class).failures().stream()
                .map(Failure::toString)
                .map(failure -> failure.substring(failure.lastIndexOf('/') + 1))
                .toList();
    }

    private Commands commands() {
        return gateway.getBean(Commands.class);
    }

    private void awaitFailures(String... beginnings) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(failures())
                        .hasSize(beginnings.length)
                        .allSatisfy(failure -> assertThat(beginnings).anyMatch(failure::startsWith)));
    }

    @Test
    void refusesAndTellsNamesThatDoNotExist() throws Exception {
        assertThat(failures())
                .satisfiesExactlyInAnyOrder(
                        one -> assertThat(one).startsWith("bad.camel.yaml:").contains("'lisen'", "nearest is 'listen'"),
                        one -> assertThat(one)
                                .startsWith("bad-scope.camel.yaml:")
                                .contains("'voice:lisen'", "nearest is 'voice:listen'"),
                        one -> assertThat(one)
                                .startsWith("bad-step.camel.yaml:")
                                .contains("'stopp'", "nearest is 'stop'"),
                        one -> assertThat(one)
                                .startsWith("bedside.camel.yaml:8: ")
                                .contains("hold", "'speek'", "nearest is 'speak'"),
                        one -> assertThat(one)
                                .startsWith("elsewhere.camel.yaml:")
                                .contains("There is no device 'kitchn'; there are default"),
                        one -> assertThat(one)
                                .startsWith("loud.camel.yaml:8: ")
                                .contains(
                                        "hold runs the command 'volume' with 'loud': ", "volume must be", "not 'loud'"),
                        one -> assertThat(one)
                                .startsWith("constant.camel.yaml:10: ")
                                .contains("the command 'volume' with 'loud': ", "volume must be", "not 'loud'"),
                        one -> assertThat(one)
                                .startsWith("empty.camel.yaml:8: ")
                                .contains("hold runs the command 'speak' without a payload: ", "utterance"),
                        one -> assertThat(one)
                                .startsWith("options.camel.yaml:")
                                .contains("'to: command:volume' takes the body"));
        assertThat(commands().names()).contains("lights", "listen", "speak").doesNotContain("bad", "bad_scope");
        assertThatACommandWaitsWhileRoutesAreExchanged();

        for (String file : List.of("bad", "bad-scope", "bad-step", "elsewhere", "empty", "options")) {
            Files.delete(folder.resolve(file + ".camel.yaml"));
        }
        write("bedside.camel.yaml", BUTTON.formatted("speak: Good night"));
        write("loud.camel.yaml", button("loud", "volume: 80"));
        write("constant.camel.yaml", constant("90"));
        awaitFailures();

        List<Failure> told = new CopyOnWriteArrayList<>();
        gateway.getBean(LiveRoutes.class).onMissing(told::add);
        Path contract = folder.resolve("openapi.yaml");
        String operations = Files.readString(contract);
        Files.writeString(contract, operations.replace("x-command: speak\n", "x-command: say\n"));
        awaitFailures("bedside.camel.yaml:8: ");
        assertThat(commands().names()).contains("say").doesNotContain("speak");
        assertThat(told)
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).contains("'speak'"));

        Files.writeString(contract, operations);
        awaitFailures();

        told.clear();
        Files.writeString(contract, operations.replace("maximum: 100\n", "maximum: 70\n"));
        awaitFailures("loud.camel.yaml:8: ", "constant.camel.yaml:10: ");
        assertThat(told)
                .extracting(Failure::reason)
                .satisfiesExactlyInAnyOrder(
                        one -> assertThat(one).contains("'volume' with '80': ", "70"),
                        one -> assertThat(one).contains("'volume' with '90': ", "70"));
        // what an edit of the same file does not mend is refused
        write("constant.camel.yaml", constant("95"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(failures())
                        .anySatisfy(failure -> assertThat(failure).contains("'volume' with '95': ")));
        Files.writeString(contract, operations);
        awaitFailures();

        write("own.camel.yaml", """
                - route:
                    id: own
                    from:
                      uri: command:own?operation=speak&value=utterance
                      steps:
                        - to: direct:speak
                """);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> commands().names().contains("own"));
        Files.writeString(contract, operations.replace("operationId: speak\n", "operationId: speakAloud\n"));
        write("aloud.camel.yaml", """
                - route:
                    id: speak-aloud
                    from:
                      uri: direct:speakAloud
                      steps:
                        - to: ovos:speak
                """);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> !commands().names().contains("own"));
        awaitFailures("own.camel.yaml:");
        assertThat(commands().names()).contains("listen", "speak");
    }

    private void assertThatACommandWaitsWhileRoutesAreExchanged() {
        gateway.getBean(HeldCommands.class).hold();
        Future<Object> waiting = commands().run(new Call("default", "ping", null, Caller.OWNER, null));
        assertThat(waiting.isComplete()).isFalse();
        gateway.getBean(HeldCommands.class).release();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(waiting::succeeded);
    }
}
