// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs the companion skill of {@code companion/} in the real ovos-workshop on a bus, for one test class: a skill of its own
 * process, with a home of its own.
 */
public final class RealCompanion implements BeforeAllCallback, AfterAllCallback {

    /** The id under which it runs, and in whose settings the key is. */
    public static final String SKILL = "skill-rest-api.smartgic";

    private static final OutsideProgram PROGRAM =
            new OutsideProgram("companion", "python3 3.9 or newer with venv, and PyPI", "OVOS_REQUIRE_REAL_BUS");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final IntSupplier bus;
    private final Thread killOnExit = new Thread(this::kill, "kill-companion");
    private Path program;
    private Path home;
    private Process process;

    /** @param busPort port on 127.0.0.1, asked for when it starts */
    public RealCompanion(IntSupplier busPort) {
        this.bus = busPort;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        program = PROGRAM.installFor(context);
        home = OutsideProgram.BUILD.resolve("real-companion").resolve(Integer.toString(bus.getAsInt()));
        Path folder = Files.createDirectories(home.resolve("config/mycroft"));
        Files.writeString(folder.resolve("mycroft.conf"), """
                {"websocket": {"host": "127.0.0.1", "port": %d, "route": "/core"},
                 "tts": {"module": "ovos-tts-plugin-test"}, "stt": {"module": "test", "test": {"api_key": "canary-stt"}}}
                """.formatted(bus.getAsInt()));
        writeKey(home.resolve("config"));
        Runtime.getRuntime().addShutdownHook(killOnExit);
        process = start(List.of(program.toString()), home, "companion.log");
    }

    /** Runs the tests of the skill itself, which need no bus, and fails as they do. */
    public void runItsTests() throws IOException, InterruptedException {
        runItsTests(program.resolveSibling("python"), home);
    }

    /** The same on the packages of a line. */
    public static void runItsTests(Line line) throws IOException, InterruptedException {
        Path home = Files.createDirectories(OutsideProgram.BUILD.resolve("real-companion/" + line.pins));
        runItsTests(RealAssistant.install(line).resolve("python"), home);
    }

    private static void runItsTests(Path python, Path home) throws IOException, InterruptedException {
        Path tests = Path.of("companion/tests/test_companion.py").toAbsolutePath();
        if (start(List.of(python.toString(), tests.toString()), home, "tests.log")
                        .waitFor()
                != 0) {
            throw new AssertionError(Files.readString(home.resolve("tests.log")));
        }
    }

    /** Writes the key into the settings of the skill, in this folder of configurations. */
    static void writeKey(Path config) throws IOException {
        Path folder = Files.createDirectories(config.resolve("mycroft/skills").resolve(SKILL));
        JSON.writeValue(folder.resolve("settings.json").toFile(), Map.of("api_key", Gateway.API_KEY));
    }

    /** What is in the settings.json of a skill. */
    public JsonNode settings(String skill) throws IOException {
        return JSON.readTree(file(skill).toFile());
    }

    /** Writes the settings.json of a skill. */
    public void writeSettings(String skill, Map<String, ?> settings) throws IOException {
        Files.createDirectories(file(skill).getParent());
        JSON.writeValue(file(skill).toFile(), settings);
    }

    /** Writes a log of OVOS. */
    public void writeLog(String service, String text) throws IOException {
        Path folder = Files.createDirectories(home.resolve("state/mycroft"));
        Files.writeString(folder.resolve(service + ".log"), text);
    }

    /** Puts a file into the persistent cache of the voice. */
    public Path cache(String name) throws IOException {
        Path folder = Files.createDirectories(home.resolve("cache/mycroft/ovos-tts-plugin-test/default/en-US"));
        return Files.writeString(folder.resolve(name), "sound");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        kill();
        Runtime.getRuntime().removeShutdownHook(killOnExit);
    }

    private Path file(String skill) {
        return home.resolve("config/mycroft/skills").resolve(skill).resolve("settings.json");
    }

    private static Process start(List<String> command, Path home, String log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("PYTHONPATH", Path.of("companion").toAbsolutePath().toString());
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        for (String kind : List.of("CONFIG", "STATE", "CACHE", "DATA")) {
            environment.put(
                    "XDG_" + kind + "_HOME",
                    home.resolve(kind.toLowerCase(Locale.ROOT)).toString());
        }
        environment.put("XDG_CONFIG_DIRS", home.resolve("none").toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(home.resolve(log).toFile())
                .start();
    }

    private void kill() {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
