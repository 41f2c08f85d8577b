// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StateDirectoryTest {

    private Path folder;
    private StateDirectory state;

    @BeforeEach
    void choose(@TempDir Path parent) {
        folder = parent.resolve("state");
        state = new StateDirectory(folder.toString());
    }

    @Test
    void isWellBeforeItExists() {
        assertThat(state.check()).isEmpty();
        assertThat(folder).doesNotExist();
    }

    @Test
    void reportsAFileInItsPlace() throws IOException {
        Files.createFile(folder);

        assertThat(state.check())
                .hasValueSatisfying(reason -> assertThat(reason).contains("is no folder"));
        assertThatThrownBy(() -> state.write("secret", "x".getBytes(UTF_8))).isInstanceOf(IOException.class);
        assertThat(state.check())
                .hasValueSatisfying(reason -> assertThat(reason).contains("is no folder"));
    }

    @Test
    void reportsAFullDisk() throws IOException {
        Files.createDirectory(folder);
        Files.createSymbolicLink(state.file("record"), Path.of("/dev/full"));

        assertThatThrownBy(() -> state.append("record", "x".getBytes(UTF_8))).isInstanceOf(IOException.class);

        assertThat(state.check())
                .hasValueSatisfying(reason -> assertThat(reason).contains("record", "No space left"));
    }

    @Test
    void leavesTheOldFileAndNothingElseWhenAWriteFails() throws IOException {
        state.write("record", "old".getBytes(UTF_8));
        Files.createSymbolicLink(state.file("record.new"), Path.of("/dev/full"));
        state.write("record", "new".getBytes(UTF_8));
        assertThat(state.file("record")).hasContent("new");

        Files.delete(state.file("record"));
        Files.createDirectories(state.file("record").resolve("in the way"));
        assertThatThrownBy(() -> state.write("record", "newer".getBytes(UTF_8))).isInstanceOf(IOException.class);

        assertThat(state.file("record.new")).doesNotExist();
    }

    @Test
    void triesAgainUntilItSucceeds() throws IOException {
        Files.createFile(folder);
        StateDirectory.Write write = () -> state.write("secret", "x".getBytes(UTF_8));
        assertThatThrownBy(write::run).isInstanceOf(IOException.class);
        state.retry("secret", write);
        assertThat(state.check()).isPresent();

        Files.delete(folder);

        assertThat(state.check()).isEmpty();
        assertThat(state.file("secret")).hasContent("x");
    }

    @Test
    void writesNothingOnceItIsClosed() throws IOException {
        state.close();

        state.write("secret", "x".getBytes(UTF_8));
        state.append("record", "x".getBytes(UTF_8));

        assertThat(folder).doesNotExist();
    }
}
