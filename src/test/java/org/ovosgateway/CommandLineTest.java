// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands as a person runs them: a process with an output and an exit code. */
class CommandLineTest {

    private static final String USERS = """
            [{"user": "ada", "password": "$2b$12$THfMtieVfCr3674n.15kcOmffKbJjkb8wX5bkmtP0beHVvEitP52K", "active": true}]
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void install() throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
            for (Path file : (Iterable<Path>) shipped::iterator) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.copy(Path.of("application.yaml"), folder.resolve("application.yaml"));
        Files.writeString(folder.resolve("users.json"), USERS);
    }

    private record Run(int exitCode, String output) {}

    @Test
    void findsNothingWrongWithWhatIsShippedAndTouchesNothing() throws Exception {
        Run run = run("check", "--ovos.mqtt.broker.enabled=true");

        assertThat(run.output()).startsWith("All good: settings, ").contains("users", "routes and contract");
        assertThat(run.exitCode()).isZero();
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void saysAllThatIsWrongWithFilesAndLines() throws Exception {
        Files.writeString(folder.resolve("users.json"), "[\n{\"user\": \"ada\"}]");
        Files.writeString(folder.resolve("routes/mine.camel.yaml"), "- route:\n    id: mine\n\tfrom: x\n");
        Files.writeString(folder.resolve("state"), "in the way");
        Files.writeString(folder.resolve(".env"), "SECRET=\nWS_HSOT=kitchen.local\n");

        Run run = run("check");

        assertThat(run.output())
                .contains("users.json, line 2 is refused: entry 1 has no password")
                .contains("mine.camel.yaml:3: ")
                .contains("state cannot be used: ")
                .contains("WS_HSOT in .env, line 2: WS_HSOT is not a setting; the nearest is 'WS_HOST'")
                .doesNotContain("Exception", "\tat ", "All good");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void saysWhatIsWrongWithTheContract() throws Exception {
        Path contract = folder.resolve("routes/openapi.yaml");
        Files.writeString(contract, Files.readString(contract).replaceFirst("openapi: 3.0.3", "openapi: 3.1.0"));

        Run run = run("check");

        assertThat(run.output())
                .containsPattern("openapi.yaml:\\d+: .*3\\.1\\.0")
                .doesNotContain("NullPointer", "\tat ");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void startsNoRouteThatActs() throws Exception {
        Path inbox = Files.createDirectory(folder.resolve("inbox"));
        Path letter = Files.writeString(inbox.resolve("letter"), "keep me");
        Files.writeString(folder.resolve("routes/mine.camel.yaml"), """
                - route:
                    id: mine
                    from:
                      uri: file:%s?delete=true&initialDelay=0
                      steps:
                        - to: mock:done
                """.formatted(inbox));

        assertThat(run("check").exitCode()).isZero();
        assertThat(letter).exists();
    }

    @Test
    void saysItsVersionAndStartsNothing() throws Exception {
        Run run = run("--version");

        assertThat(run.output()).startsWith("ovos-gateway ");
        assertThat(run.exitCode()).isZero();
        assertThat(run("chekc").output()).contains("the nearest is 'check'");
    }

    @Test
    void printsTokensAloneAndLosesNoneOfProcessesAtOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (String name : List.of("one", "two", "three")) {
            processes.add(start(folder.resolve(name), "token", "ada", "--name", name));
        }
        for (Process process : processes) {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        assertThat(folder.resolve("state/permatokens.json"))
                .content()
                .contains("\"name\":\"one\"", "\"name\":\"two\"", "\"name\":\"three\"");
        assertThat(run("token", "ada", "--name", "four").output()).matches("ovos_pat_\\w{12}_\\w{49}\n");
    }

    private Run run(String... arguments) throws Exception {
        Path log = folder.resolve("log");
        Process process = start(log, arguments);
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(log));
    }

    private Process start(Path log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayApplication.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
