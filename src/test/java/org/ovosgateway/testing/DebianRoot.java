// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/** Runs commands as root of a machine of its own, which {@code src/test/scripts/debian-root} makes from the files of this one. */
public final class DebianRoot implements AutoCloseable {

    private final Process shell;
    private final Writer commands;
    private final BufferedReader output;

    /** @param folder an empty one, in which it is mounted */
    public DebianRoot(Path folder) throws IOException {
        shell = new ProcessBuilder("src/test/scripts/debian-root", folder.toString())
                .redirectErrorStream(true)
                .start();
        commands = shell.outputWriter(StandardCharsets.UTF_8);
        output = shell.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * What a command printed, without the last line feed.
     *
     * @throws IOException when its exit code is not 0, or the machine cannot be made; with the output
     */
    public String run(String command) throws IOException {
        String end = UUID.randomUUID().toString();
        try {
            // in a shell of its own, so that "exit" and "cd" end with it
            commands.write("(\n" + command + "\n) </dev/null 2>&1; printf '\\n%s %s\\n' " + end + " $?\n");
            commands.flush();
        } catch (IOException e) {
            throw new IOException("the machine has ended: " + rest(), e);
        }
        var printed = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(end)) {
                String text = printed.toString().strip();
                if (!line.equals(end + " 0")) {
                    throw new IOException(command + " ended with " + line.substring(end.length() + 1) + ":\n" + text);
                }
                return text;
            }
            printed.append(line).append('\n');
        }
        throw new IOException(printed.toString().strip());
    }

    private String rest() throws IOException {
        return String.join("\n", output.lines().toList()).strip();
    }

    @Override
    public void close() {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
    }
}
