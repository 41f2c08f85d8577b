// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    void saysWhatIsWrongWithTlsToABus() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), """
                ovos:
                  devices:
                    kitchen:
                      tls:
                        ca: nowhere.crt
                    attic:
                      tls:
                        pin: "sha256:12"
                    hall:
                      tls: perhaps
                """);

        Run run = run("check");

        assertThat(run.output())
                .contains(
                        "line 5: TLS to the bus of 'kitchen' cannot be set up: there is no file",
                        "tls.pin of a device must be sha256: and the 64 hexadecimal digits",
                        "line 10: ",
                        "perhaps")
                .doesNotContain("Exception", "\tat ", "All good");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void goesOnToTheNextMistakeInSettingsAndToAllOtherFiles() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), """
                server:
                  port: abc
                ovos:
                  http:
                    max-body: 5GB
                    idle-timeout: soon
                    compresion: true
                  devices:
                    kitchen:
                      port: 70000
                  mqtt:
                    host: broker.local
                    port: 70000
                    tls:
                      enabled: true
                      ca: nowhere.crt
                    allow:
                      - topic: "a/#"
                        scopes: [ "voice:*", "voice:lisen" ]
                    broker:
                      ssl:
                        certificate: missing.crt
                        certificate-private-key: missing.key
                """);
        Files.writeString(folder.resolve(".env"), "SECRET=short\nOVOS_MQTT_TRANSPORT=udp\n");
        Files.writeString(folder.resolve("users.json"), "[\n{\"user\": \"ada\"}]");
        Files.writeString(folder.resolve("routes/mine.camel.yaml"), "- route:\n    id: mine\n\tfrom: x\n");
        Files.writeString(
                folder.resolve("routes/home-assistant.yaml"),
                "gateway: {}\nassistant:\n  volume:\n    property: volume\n");

        Run run = run(
                "check",
                "--ovos.management.port=x",
                "--ovos.mqtt.broker.enabled=true",
                "--ovos.apis.wyoming.enabled=true",
                "--ovos.apis.wyoming.user=nobody",
                "--ovos.apis.wyoming.networks=home");

        assertThat(run.output())
                .contains(
                        "application.yaml, line 2: server.port is 'abc', and must be a whole number",
                        "application.yaml, line 5: ovos.http.max-body is 5368709120 bytes",
                        "application.yaml, line 6: ovos.http.idle-timeout is 'soon', and must be a time",
                        "application.yaml, line 7: ovos.http.compresion is not a setting",
                        "application.yaml, line 10: ovos.devices[kitchen].port is '70000'",
                        "application.yaml, line 13: ovos.mqtt.port is '70000'",
                        "application.yaml, line 16: TLS to the MQTT broker cannot be set up: there is no file",
                        "application.yaml, line 18: ovos.mqtt.allow[0], for the topic a/#, has a scope",
                        "missing.crt",
                        "SECRET in .env, line 1: SECRET is too short",
                        "OVOS_MQTT_TRANSPORT in .env, line 2: ovos.mqtt.transport is 'udp'",
                        "--ovos.management.port on the command line: ovos.management.port is 'x'",
                        "ovos.apis.wyoming.networks has 'home'; it takes addresses",
                        "ovos.apis.wyoming.user is 'nobody', and there are no users",
                        "users.json, line 2 is refused: entry 1 has no password",
                        "mine.camel.yaml:3: ",
                        "home-assistant.yaml:3: assistant.volume.platform is missing")
                .doesNotContain("Exception", "\tat ", "All good", "The rest is", "The gateway cannot start");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void saysAllThatKeepsSettingsFilesFromBeingRead() throws Exception {
        Files.writeString(folder.resolve(".env"), "SECRET='x\nWS_HOST\n");
        Files.writeString(folder.resolve("application.yaml"), "server:\n\tport: 8000\n");

        Run run = run("check");

        assertThat(run.output())
                .contains(
                        ".env, line 1 has a value that begins with a quote",
                        ".env, line 2 is not KEY=value",
                        "application.yaml, line 2: found character",
                        "The rest is looked at when this is correct.")
                .doesNotContain("Exception", "\tat ");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void takesNoAddressOfANeighbourForASetting() throws Exception {
        Map<String, String> neighbours = new TreeMap<>();
        for (String service : List.of("OVOS_MQTT", "MQTT", "SERVER")) {
            neighbours.put(service + "_SERVICE_HOST", "10.0.0.7");
            neighbours.put(service + "_SERVICE_PORT", "1883");
            neighbours.put(service + "_SERVICE_PORT_MQTT", "1883");
            neighbours.put(service + "_PORT", "tcp://10.0.0.7:1883");
            neighbours.put(service + "_PORT_1883_TCP", "tcp://10.0.0.7:1883");
            neighbours.put(service + "_PORT_1883_TCP_PROTO", "tcp");
            neighbours.put(service + "_PORT_1883_TCP_PORT", "1883");
            neighbours.put(service + "_PORT_1883_TCP_ADDR", "10.0.0.7");
            neighbours.put(service + "_NAME", "/gateway/mqtt");
            neighbours.put(service + "_ENV_HOME", "/root");
        }

        Run run = run(neighbours, "check");

        assertThat(run.output()).startsWith("All good: ");
        assertThat(run(Map.of("OVOS_MQTT_PORT", "tcp:1883"), "check").output())
                .contains("the environment variable OVOS_MQTT_PORT: ovos.mqtt.port is 'tcp:1883'");
        neighbours.put("OVOS_MQTT_HSOT", "broker.local");
        assertThat(run(neighbours, "check").output())
                .contains("OVOS_MQTT_HSOT is not a setting; the nearest is 'OVOS_MQTT_HOST'")
                .doesNotContain("SERVICE");
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
            processes.add(start(Map.of(), folder.resolve(name), "token", "ada", "--name", name));
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
        return run(Map.of(), arguments);
    }

    private Run run(Map<String, String> environment, String... arguments) throws Exception {
        Path log = folder.resolve("log");
        Process process = start(environment, log, arguments);
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(log));
    }

    private Process start(Map<String, String> environment, Path log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayApplication.class.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }
}
