// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs the {@code ovos-messagebus} of PyPI on a loopback port for one test class.
 *
 * <p>Where it cannot be installed the class is skipped, with the reason on standard error; with
 * {@code OVOS_REQUIRE_REAL_BUS=true} in the environment the class fails instead.
 */
public final class RealBus implements BeforeAllCallback, AfterAllCallback, AutoCloseable {

    private static final OutsideProgram PROGRAM =
            new OutsideProgram("ovos-messagebus", "python3 3.9 or newer with venv, and PyPI", "OVOS_REQUIRE_REAL_BUS");
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Of the bus that speaks TLS; null for one that does not. */
    private final Supplier<PemFiles> tls;

    private final Thread killOnExit = new Thread(this::kill, "kill-ovos-messagebus");
    private Path program;
    private Path home;
    private int port;
    private volatile Process process;

    public RealBus() {
        this(null);
    }

    private RealBus(Supplier<PemFiles> tls) {
        this.tls = tls;
    }

    /** That of the new line, which speaks TLS. */
    public static RealBus withTls(Supplier<PemFiles> certificate) {
        return new RealBus(certificate);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        program = tls == null ? PROGRAM.installFor(context) : ofTheNewLine(context);
        Runtime.getRuntime().addShutdownHook(killOnExit);
        startOnFreePort();
    }

    private static Path ofTheNewLine(ExtensionContext context) throws IOException {
        try {
            return RealAssistant.install(Line.ALPHA).resolve("ovos-messagebus");
        } catch (IOException e) {
            OutsideProgram.skip(
                    context.getDisplayName(),
                    "the messagebus of the new line",
                    String.valueOf(e.getMessage()),
                    "OVOS_REQUIRE_REAL_ASSISTANTS");
            throw e;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** Port on 127.0.0.1, the same for the life of this object; the path is {@code /core}. */
    public int port() {
        return port;
    }

    /** Ends the bus at once (SIGKILL): clients see a reset, not a close frame. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
        }
    }

    /** Kills the bus if it runs and starts it again on the same port; returns when it relays. */
    public void restart() {
        kill();
        if (!start()) {
            throw new IllegalStateException("ovos-messagebus did not come back on port " + port + "; see " + log());
        }
    }

    /** Stops the process without ending it (SIGSTOP): connections stay open and nothing answers. */
    public void freeze() {
        OutsideProgram.freeze(process);
    }

    /** Lets a frozen bus go on (SIGCONT). */
    public void thaw() {
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

    private void startOnFreePort() {
        for (int attempt = 0; attempt < 5; attempt++) {
            port = OutsideProgram.freePort();
            if (start()) {
                return;
            }
        }
        throw new IllegalStateException("ovos-messagebus did not start; see " + log());
    }

    /** True once the bus relays; false when it ended or stayed silent. */
    private boolean start() {
        try {
            home = OutsideProgram.BUILD.resolve("real-bus").resolve(Integer.toString(port));
            configure();
            process = launch();
            Instant deadline = Instant.now().plus(START_LIMIT);
            while (Instant.now().isBefore(deadline) && !process.waitFor(50, TimeUnit.MILLISECONDS)) {
                if (relays()) {
                    return true;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ovos-messagebus started", e);
        }
        kill();
        return false;
    }

    private void configure() throws IOException {
        Path folder = Files.createDirectories(home.resolve("config/mycroft"));
        String ssl = tls == null
                ? ""
                : ", \"ssl\": true, \"ssl_cert\": \"%s\", \"ssl_key\": \"%s\""
                        .formatted(tls.get().certificate(), tls.get().key());
        Files.writeString(folder.resolve("mycroft.conf"), """
                {"websocket": {"host": "127.0.0.1", "port": %d, "route": "/core", "max_msg_size": 25%s}}
                """.formatted(port, ssl));
    }

    /** In a home of its own, so that no configuration of this machine has a say. */
    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toString());
        builder.environment().put("HOME", home.toString());
        for (String kind : List.of("CONFIG", "STATE", "CACHE", "DATA")) {
            builder.environment()
                    .put(
                            "XDG_" + kind + "_HOME",
                            home.resolve(kind.toLowerCase(Locale.ROOT)).toString());
        }
        builder.environment().put("XDG_CONFIG_DIRS", home.resolve("none").toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private boolean relays() {
        if (tls != null) {
            try (Socket taken = new Socket("127.0.0.1", port)) {
                return taken.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }
        try (BusProbe probe = BusProbe.connect(port)) {
            probe.next();
            String frame = "{\"type\":\"test.probe\"}";
            probe.send(frame);
            return probe.next().equals(frame);
        } catch (IOException notYet) {
            return false;
        }
    }

    private Path log() {
        return home.resolve("ovos-messagebus.log");
    }
}
