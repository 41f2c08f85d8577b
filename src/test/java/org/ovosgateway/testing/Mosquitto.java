// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.util.FileSystemUtils;

/**
 * Runs the Mosquitto of the distribution on a loopback port for one test class; without users everybody may do everything.
 *
 * <p>Where it cannot be had the class is skipped, with the reason on standard error; with
 * {@code OVOS_REQUIRE_MOSQUITTO=true} in the environment the class fails instead. Register it before what connects to it.
 */
public final class Mosquitto implements BeforeAllCallback, AfterAllCallback, AutoCloseable {

    static final OutsideProgram PROGRAM = new OutsideProgram(
            "mosquitto",
            "mosquitto and mosquitto-clients, installed or from Debian's archive",
            "OVOS_REQUIRE_MOSQUITTO");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final Thread killOnExit = new Thread(this::kill, "kill-mosquitto");
    private final Map<String, String> users = new LinkedHashMap<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> acl = new ArrayList<>();
    private Path shippedConfiguration;
    private Path shippedAcl;
    private Path program;
    private Path home;
    private int port;
    private volatile Process process;

    /** Lets this user in, and nobody without a name from then on. */
    public Mosquitto user(String name, String password) {
        users.put(name, password);
        return this;
    }

    /** Adds lines to the access control file; without any there is none. */
    public Mosquitto acl(String... lines) {
        acl.addAll(List.of(lines));
        return this;
    }

    /** Adds a line to {@code mosquitto.conf}, such as {@code max_inflight_messages 20}. */
    public Mosquitto with(String option) {
        options.add(option);
        return this;
    }

    /** Keeps sessions and retained messages over {@link #stop} and {@link #restart}, not over {@link #kill}. */
    public Mosquitto persistent() {
        return with("persistence true");
    }

    /** Uses these files as they are, but for the port and the paths in them. */
    public Mosquitto shipped(Path configuration, Path accessControl) {
        shippedConfiguration = configuration;
        shippedAcl = accessControl;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        program = PROGRAM.installFor(context);
        home = Files.createTempDirectory("mosquitto-test");
        Runtime.getRuntime().addShutdownHook(killOnExit);
        writeUsers();
        for (int attempt = 0; attempt < 5; attempt++) {
            port = OutsideProgram.freePort();
            configure();
            if (launch()) {
                return;
            }
        }
        throw new IllegalStateException("mosquitto did not start:\n" + log());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        close();
        FileSystemUtils.deleteRecursively(home);
    }

    /** Port on 127.0.0.1, the same for the life of this object. */
    public int port() {
        return port;
    }

    /** What it said since its first start. */
    public String log() {
        try {
            return Files.readString(home.resolve("mosquitto.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once (SIGKILL): clients see a reset, and nothing is saved. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
        }
    }

    /** Ends it in good order (SIGTERM); what is persistent is saved. */
    public void stop() {
        process.destroy();
        process.onExit().join();
    }

    /** Starts it again on the same port; returns when it accepts connections. */
    public void start() {
        if (!launch()) {
            throw new IllegalStateException("mosquitto did not come back on port " + port + ":\n" + log());
        }
    }

    /** {@link #stop} and {@link #start}. */
    public void restart() {
        stop();
        start();
    }

    /** Halts the process without ending it (SIGSTOP): connections stay open and nothing answers. */
    public void pause() {
        OutsideProgram.freeze(process);
    }

    /** Lets a paused one go on (SIGCONT). */
    public void resume() {
        OutsideProgram.thaw(process);
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(killOnExit);
        } catch (IllegalStateException exiting) {
            // the hook is already running
        }
    }

    /** True once it accepts connections; false when it ended or stayed silent. */
    private boolean launch() {
        try {
            process = new ProcessBuilder(
                            program.toString(),
                            "--config-file",
                            home.resolve("mosquitto.conf").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            home.resolve("mosquitto.log").toFile()))
                    .start();
            Instant deadline = Instant.now().plus(START_LIMIT);
            while (Instant.now().isBefore(deadline) && !process.waitFor(10, TimeUnit.MILLISECONDS)) {
                if (accepts()) {
                    return true;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while mosquitto started", e);
        }
        kill();
        return false;
    }

    private boolean accepts() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private void writeUsers() throws IOException {
        if (users.isEmpty()) {
            return;
        }
        Path file = home.resolve("passwd");
        List<String> lines = users.entrySet().stream()
                .map(user -> user.getKey() + ":" + user.getValue())
                .toList();
        Files.write(file, lines);
        OutsideProgram.run(
                List.of(program.resolveSibling("mosquitto_passwd").toString(), "-U", file.toString()),
                Duration.ofSeconds(20));
    }

    private void configure() throws IOException {
        List<String> lines = new ArrayList<>();
        if (shippedConfiguration == null) {
            lines.add("listener " + port + " 127.0.0.1");
            lines.add("allow_anonymous " + users.isEmpty());
            if (!users.isEmpty()) {
                lines.add("password_file " + home.resolve("passwd"));
            }
            if (!acl.isEmpty()) {
                lines.add("acl_file " + Files.write(home.resolve("acl"), acl));
            }
        } else {
            Files.copy(shippedAcl, home.resolve("acl"));
            for (String line : Files.readAllLines(shippedConfiguration)) {
                lines.add(line.replaceFirst("^listener 1883$", "listener " + port + " 127.0.0.1")
                        .replaceFirst("^(password_file|acl_file) /.*/", "$1 " + home + "/")
                        .replaceFirst("^persistence_location .*", ""));
            }
        }
        lines.add("persistence_location " + home + "/");
        lines.add("log_dest stderr");
        // without root it could not change to another user, with root the other one could not read our files
        lines.add("user " + System.getProperty("user.name"));
        lines.addAll(options);
        Files.write(home.resolve("mosquitto.conf"), lines);
    }
}
