// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The programs {@code mosquitto_pub} and {@code mosquitto_sub}; where they cannot be had the test class is skipped. */
public final class MosquittoClients implements BeforeAllCallback {

    private Path folder;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        folder = Mosquitto.PROGRAM.installFor(context).getParent();
    }

    /** Starts one of them, by its name, with what it says in one stream. */
    public Process start(String program, Object... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(folder.resolve(program).toString());
        for (Object option : options) {
            command.add(option.toString());
        }
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
