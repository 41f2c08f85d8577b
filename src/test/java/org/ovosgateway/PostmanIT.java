// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Runs the Postman collection against the packaged jar, as a user would: {@code .ci/newman} does it, in the profile ci. */
class PostmanIT {

    @BeforeAll
    static void needsNode() throws Exception {
        assertThat(runs("npm", "--version"))
                .as("newman needs Node.js and npm, and there is no npm")
                .isTrue();
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void everyRequestOfTheCollectionPasses() throws Exception {
        Path log = Path.of("target/newman.log");
        Process newman = new ProcessBuilder(".ci/newman")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int exitCode = newman.waitFor();
            assertThat(exitCode).as("%s", Files.readString(log)).isZero();
        } finally {
            newman.descendants().forEach(ProcessHandle::destroy);
            newman.destroy();
        }
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notThere) {
            return false;
        }
    }
}
