// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Mistakes in settings end the start with a few lines that name them and their place. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("mistakes")
    void namesTheMistakeItsPlaceAndTheCure(String yaml, String told, CapturedOutput output) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), yaml);

        failsToStart("--spring.config.additional-location=" + folder + "/");

        assertThat(output.getAll()).contains("The gateway cannot start.", folder + "/application.yaml", told);
        assertIsForPeople(output);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("server:\n\tport: 8000\n", "line 2: found character '\\t(TAB)'"),
                arguments("server:\n  port: 1\n  port: 2\n", "line 3: found duplicate key port"),
                arguments("server:\n  port: abc\n", "line 2: server.port is 'abc', and must be a whole number"),
                arguments(
                        "server:\n  port: 70000\n",
                        "line 2: server.port is '70000', and must be less than or equal to"),
                arguments(
                        "ovos:\n  http:\n    idle-timeout: soon\n",
                        "line 3: ovos.http.idle-timeout is 'soon', and must be a time"),
                arguments(
                        "ovos:\n  http:\n    max-body: 5GB\n",
                        "line 3: ovos.http.max-body is 5368709120 bytes; it must be from"),
                arguments("ovos:\n  http:\n    compression: perhaps\n", "must be true or false"),
                arguments(
                        "ovos:\n  mqtt:\n    transport: udp\n",
                        "line 3: ovos.mqtt.transport is 'udp', and must be one of tcp, websocket"),
                arguments("ovos:\n  mask:\n    keys: ['(']\n", "ovos.mask.keys"),
                arguments(
                        "ovos:\n  devices:\n    kitchen:\n      port: x\n",
                        "line 4: ovos.devices.kitchen.port is 'x'"));
    }

    @Test
    void namesEachKeyThatIsNotASettingAndTheNearestThatIs(CapturedOutput output) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), """
                server:
                  ssl:
                    key-store: x
                sever.port: 80
                mqtt:
                  host: broker
                mine:
                  greeting: for a route of my own
                ovos:
                  port: 80
                  mqtt:
                    alow: []
                    allow:
                      - topik: '#'
                    broker: true
                  devices:
                    kitchen:
                      hots: k
                  http:
                    maxConnections: 10
                    cors:
                      origin: x
                """);

        failsToStart("--spring.config.additional-location=" + folder + "/");

        assertThat(output.getAll())
                .contains("line 3: server.ssl.key-store is not a setting; server.ssl has certificate")
                .contains("line 4: sever.port is not a setting; the nearest is 'server'")
                .contains("line 6: mqtt.host is not a setting; the nearest is 'ovos.mqtt.host'")
                .contains("line 10: ovos.port is not a setting; the nearest is 'server.port'")
                .contains("line 12: ovos.mqtt.alow is not a setting; the nearest is 'ovos.mqtt.allow'")
                .contains(
                        "line 14: ovos.mqtt.allow[0].topik is not a setting; the nearest is 'ovos.mqtt.allow[0].topic'")
                .contains("line 15: ovos.mqtt.broker has settings below it")
                .contains(
                        "line 18: ovos.devices.kitchen.hots is not a setting; the nearest is 'ovos.devices.kitchen.host'")
                .contains("line 22: ovos.http.cors.origin is not a setting; the nearest is 'ovos.http.cors.origins'")
                .doesNotContain("greeting", "maxConnections");
        assertIsForPeople(output);
    }

    @Test
    void namesTheVariableAndItsLine(CapturedOutput output) throws IOException {
        Path file = folder.resolve("dot.env");
        Files.writeString(file, "SECRET=\nOVOS_MQTT_ALOW_0_TOPIC=x\n");
        failsToStart("--OVOS_ENV_FILE=" + file);
        assertThat(output.getAll())
                .contains("OVOS_MQTT_ALOW_0_TOPIC in " + file + ", line 2", "OVOS_MQTT_ALLOW_0_TOPIC");

        Files.writeString(file, "WS_HOST=localhost\nWS_PORT=seven\n");
        failsToStart("--OVOS_ENV_FILE=" + file);
        assertThat(output.getAll()).contains("WS_PORT in " + file + ", line 2", "'seven', and must be a whole number");

        Files.writeString(file, "SERVER_PORT=7x\n");
        failsToStart("--OVOS_ENV_FILE=" + file);
        assertThat(output.getAll()).contains("SERVER_PORT in " + file + ", line 1: server.port is '7x'");
        assertIsForPeople(output);
    }

    @Test
    void namesTheCommandLine(CapturedOutput output) {
        failsToStart("--ovos.mqtt.baze=x");
        assertThat(output.getAll())
                .contains("--ovos.mqtt.baze on the command line: ", "the nearest is 'ovos.mqtt.base'");
        assertIsForPeople(output);
    }

    @Test
    void namesTheLineThatIsNotUtf8(CapturedOutput output) throws IOException {
        Files.write(
                folder.resolve("application.yaml"),
                "# first\nlogging:\n  pattern: \"K\u00fcche\"\n".getBytes(StandardCharsets.ISO_8859_1));
        failsToStart("--spring.config.additional-location=" + folder + "/");
        assertThat(output.getAll()).contains(folder + "/application.yaml, line 3: it is not UTF-8.");
        assertIsForPeople(output);
    }

    @Test
    void showsNoSecret(CapturedOutput output) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "ovos:\n  auth:\n    secrets: s3cr3t\n");
        failsToStart("--spring.config.additional-location=" + folder + "/");
        assertThat(output.getAll())
                .contains("the nearest is 'ovos.auth.secret'")
                .doesNotContain("s3cr3t");
    }

    @Test
    void namesAFolderThatIsMissing(CapturedOutput output) {
        failsToStart("--ovos.routes.folder=" + folder.resolve("nowhere"));
        assertThat(output.getAll()).contains(folder.resolve("nowhere") + " does not exist", "ovos.routes.folder");
        assertIsForPeople(output);
    }

    @Test
    void startsNoDoorWithoutItsUser(CapturedOutput output) throws IOException {
        Files.writeString(folder.resolve("users.json"), "[]");
        failsToStart(
                "--server.port=0",
                "--ovos.auth.users=" + folder.resolve("users.json"),
                "--ovos.apis.wyoming.enabled=true",
                "--ovos.apis.wyoming.port=0",
                "--ovos.apis.wyoming.user=nobody");
        assertThat(output.getAll()).contains("ovos.apis.wyoming.user is 'nobody', and there is no such user");
        assertIsForPeople(output);
    }

    private void failsToStart(String... arguments) {
        var application = new SpringApplication(GatewayApplication.class);
        application.setRegisterShutdownHook(false);
        String[] all = Stream.concat(
                        Stream.of(arguments),
                        Stream.of("--ovos.state=" + folder.resolve("state"), "--ovos.management.port=0"))
                .toArray(String[]::new);
        assertThatThrownBy(() -> application.run(all).close()).isInstanceOf(RuntimeException.class);
    }

    private static void assertIsForPeople(CapturedOutput output) {
        assertThat(output.getAll()).doesNotContain("Exception", "\tat ", "APPLICATION FAILED");
    }
}
