// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class WatchedFileTest {

    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    private Path path;
    private WatchedFile file;

    @BeforeEach
    void choose(@TempDir Path folder) {
        path = folder.resolve("users.json");
        file = new WatchedFile(path, 10);
    }

    @Test
    void findsEachContentOnce() throws IOException {
        Files.writeString(path, "one");
        assertThat(content()).isEqualTo("one");
        assertThat(file.look()).isEmpty();

        Files.writeString(path, "two");
        assertThat(content()).isEqualTo("two");
        assertThat(file.look()).isEmpty();
    }

    @Test
    void findsAChangeThatKeepsSizeAndTime() throws IOException {
        Files.writeString(path, "one");
        FileTime now = FileTime.from(Instant.now());
        Files.setLastModifiedTime(path, now);
        assertThat(content()).isEqualTo("one");

        Files.writeString(path, "two");
        Files.setLastModifiedTime(path, now);

        assertThat(content()).isEqualTo("two");
    }

    @Test
    void readsAFileThatCouldNotBeReadThoughNothingElseHasChanged() throws IOException {
        Files.createDirectory(path);
        Files.setLastModifiedTime(path, LONG_AGO);
        assertThat(file.look()).hasValueSatisfying(found -> {
            assertThat(found.content()).isNull();
            assertThat(found.trouble()).isNotBlank().doesNotContain("Exception");
            assertThat(found.missing()).isFalse();
        });
        assertThat(file.look()).as("told once").isEmpty();

        Files.delete(path);
        Files.writeString(path, "one");
        Files.setLastModifiedTime(path, LONG_AGO);

        assertThat(content()).isEqualTo("one");
    }

    @Test
    void findsTheSameContentAgainAfterItWasGone() throws IOException {
        Files.writeString(path, "one");
        file.look();
        Files.delete(path);
        assertThat(file.look())
                .hasValueSatisfying(found -> assertThat(found.missing()).isTrue());

        Files.writeString(path, "one");

        assertThat(content()).isEqualTo("one");
    }

    @Test
    void readsNoMoreThanItsLimit() throws IOException {
        Files.writeString(path, "12345678901");

        assertThat(file.look())
                .hasValueSatisfying(found -> assertThat(found.trouble()).contains("larger than 10 bytes"));
    }

    private String content() {
        return new String(file.look().orElseThrow().content());
    }
}
