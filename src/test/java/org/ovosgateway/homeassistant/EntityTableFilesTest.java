// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class EntityTableFilesTest {

    private static final String SHIPPED = "assistant:\n  volume:\n    platform: number\n    property: volume\n";
    private static final String OWN = "assistant:\n  volume:\n    platform: sensor\n    property: volume\n";

    @TempDir
    private Path folder;

    @TempDir
    private Path ownFolder;

    private EntityTableFiles files;

    @BeforeEach
    void choose() {
        files = new EntityTableFiles(folder, ownFolder, Set.of("default"));
    }

    @Test
    void hasNoTableUntilTheShippedOneHasBeenRead() throws IOException {
        write(ownFolder, OWN);
        files.look();
        assertThat(files.table()).isEmpty();

        write(folder, SHIPPED);
        assertThat(files.look()).isTrue();
        assertThat(platform()).isEqualTo("sensor");
    }

    @Test
    void showsWhatIsShippedAgainWhenTheOwnFileIsGone() throws IOException {
        write(folder, SHIPPED);
        write(ownFolder, OWN);
        files.look();
        assertThat(platform()).isEqualTo("sensor");

        Files.delete(ownFolder.resolve(EntityTableFiles.NAME));
        assertThat(files.look()).isTrue();
        assertThat(platform()).isEqualTo("number");
        assertThat(files.look()).isFalse();
    }

    @Test
    void keepsTheLastTableOfABrokenFile() throws IOException {
        write(folder, SHIPPED);
        write(ownFolder, OWN);
        files.look();

        write(folder, "assistant: [");
        write(ownFolder, "assistent: {}");
        assertThat(files.look()).isTrue();
        assertThat(platform()).isEqualTo("sensor");
    }

    private String platform() {
        return files.table().orElseThrow().assistant().get("volume").platform();
    }

    private static void write(Path folder, String content) throws IOException {
        Files.writeString(folder.resolve(EntityTableFiles.NAME), content);
    }
}
