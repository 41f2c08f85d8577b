// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/** Files as answers. */
class AnswerBodyTest {

    @TempDir
    private Path folder;

    @Test
    void isNoFolder() {
        assertThatThrownBy(() -> AnswerBody.Stored.open(folder, null)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void isNoPipeWhichNobodyWaitsFor() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertThatThrownBy(() -> AnswerBody.Stored.open(pipe, null))
                        .isInstanceOf(NoSuchFileException.class));
    }

    @Test
    void isAFileOfThisLength() throws Exception {
        Path file = Files.writeString(folder.resolve("sound.wav"), "RIFF");

        AnswerBody.Stored opened = AnswerBody.Stored.open(file, null);
        assertThat(opened.length()).isEqualTo(4);
        opened.file().close();
    }
}
