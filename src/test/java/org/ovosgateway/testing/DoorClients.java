// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The clients of PyPI for the doors of the gateway, in one Python: scripts in {@code src/test/scripts/door-clients} use them.
 *
 * <p>Where they cannot be had the class is skipped; with {@code OVOS_REQUIRE_DOOR_CLIENTS=true} in the environment it fails.
 */
public final class DoorClients implements BeforeAllCallback {

    private static final OutsideProgram PROGRAM =
            new OutsideProgram("door-clients", "python3 3.11 with venv, and PyPI", "OVOS_REQUIRE_DOOR_CLIENTS");
    private static final Path SCRIPTS = Path.of("src/test/scripts/door-clients");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Path python;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        python = PROGRAM.installFor(context);
    }

    /**
     * Runs a script to its end, and gives what it prints.
     *
     * @throws IOException with what it prints, when it fails
     */
    public String run(String script, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(python.toString(), SCRIPTS.resolve(script).toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return OutsideProgram.run(command, LIMIT);
    }
}
