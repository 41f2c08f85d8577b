// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.awaitility.Awaitility.await;

/** A program that is not ours, installed by {@code src/test/scripts/install-<name>} for the tests that need it. */
public record OutsideProgram(String name, String needs, String insist) {

    static final Path BUILD = Path.of("target").toAbsolutePath();
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(20);

    /** Its path; where it can't be had the tests are skipped, or fail when the environment insists. */
    Path installFor(ExtensionContext context) throws IOException {
        try {
            return install();
        } catch (IOException e) {
            skip(context.getDisplayName(), "the real " + name + ", which takes " + needs, e.getMessage(), insist);
            throw e;
        }
    }

    /** Skips the tests, and notes it for the end of the build; fails when the environment insists. */
    public static void skip(String test, String missing, String reason, String insist) throws IOException {
        if (Boolean.parseBoolean(System.getenv(insist))) {
            throw new IOException("no %s: %s".formatted(missing, reason));
        }
        skip(test, missing, "%s %s=true makes this a failure.".formatted(reason.strip(), insist));
    }

    /** The same where nobody can insist. */
    static void skip(String test, String missing, String reason) throws IOException {
        Files.createDirectories(BUILD);
        Files.writeString(
                BUILD.resolve("skipped.txt"),
                "%s: without %s.%n    %s%n".formatted(test, missing, reason.replace("\n", "\n    ")),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        Assumptions.abort("no " + missing + ": " + reason);
    }

    /** One installation serves all test classes and all runs; the lock keeps parallel builds off each other. */
    @SuppressWarnings("try") // the lock is only held
    private synchronized Path install() throws IOException {
        Files.createDirectories(BUILD);
        try (FileChannel file = FileChannel.open(
                        BUILD.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = file.lock()) {
            run(
                    List.of(
                            "sh",
                            "src/test/scripts/install-" + name,
                            BUILD.resolve(name).toString()),
                    INSTALL_LIMIT);
        }
        return BUILD.resolve(name).resolve("bin").resolve(name);
    }

    /** Runs to the end and gives what it printed, which is the message of the exception when it fails. */
    static String run(List<String> command, Duration limit) throws IOException {
        Path output = Files.createTempFile(BUILD, "command", ".log");
        try {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!started.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                started.descendants().forEach(ProcessHandle::destroyForcibly);
                started.destroyForcibly();
                throw new IOException(command + " took longer than " + limit);
            }
            if (started.exitValue() != 0) {
                throw new IOException(Files.readString(output).strip());
            }
            return Files.readString(output).strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + command, e);
        } finally {
            Files.delete(output);
        }
    }

    private static void signal(Process process, String name) {
        try {
            run(List.of("kill", "-" + name, Long.toString(process.pid())), Duration.ofSeconds(5));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops all threads of the process without ending it (SIGSTOP), and returns when none runs any more. */
    static void freeze(Process process) {
        signal(process, "STOP");
        // a thread that runs on another core stops only when it next enters the kernel
        await().atMost(Duration.ofSeconds(30)).until(() -> isFrozen(process));
    }

    /** Ends {@link #freeze} (SIGCONT). */
    static void thaw(Process process) {
        signal(process, "CONT");
    }

    private static boolean isFrozen(Process process) throws IOException {
        Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
        if (!Files.isDirectory(threads)) {
            // not Linux: nobody says
            return true;
        }
        try (Stream<Path> all = Files.list(threads)) {
            for (Path thread : all.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                // proc(5): the state is behind the name, which is in parentheses
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        }
        return true;
    }

    /** On the loopback, below the ephemeral ports: a client that retries on one of those can end up connected to itself. */
    public static int freePort() {
        while (true) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // try another
            }
        }
    }
}
