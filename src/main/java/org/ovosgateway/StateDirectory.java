// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the gateway keeps what must outlive a restart; its files are for their owner only.
 *
 * @param state path of the directory, from {@code ovos.state}; made with owner-only rights when something is kept first
 */
@ConfigurationProperties("ovos")
public record StateDirectory(
        @DefaultValue(StateDirectory.STATE) String state) {

    private static final String STATE = "state";

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    public StateDirectory {
        // a variable that is set to nothing must not mean the working directory
        state = state.isBlank() ? STATE : state;
    }

    /** The path of this file, whether it is there or not. */
    public Path file(String name) {
        return Path.of(state, name);
    }

    /** Replaces the whole file in one step, and returns when it is on the disk. */
    public void write(String name, byte[] content) throws IOException {
        Path file = file(name);
        Path next = file(name + ".new");
        makeDirectory();
        Files.deleteIfExists(next);
        write(next, content, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        if (POSIX) {
            // the new name, too, must survive a power cut
            try (var directory = FileChannel.open(Path.of(state))) {
                directory.force(true);
            }
        }
    }

    /** Adds to the end of the file, and returns when it is on the disk. */
    public void append(String name, byte[] content) throws IOException {
        makeDirectory();
        write(file(name), content, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    private void makeDirectory() throws IOException {
        Path directory = Path.of(state);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, rights("rwx------"));
        }
    }

    private static void write(Path file, byte[] content, Set<? extends OpenOption> options) throws IOException {
        try (var channel = FileChannel.open(file, options, rights("rw-------"))) {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] rights(String rights) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }
}
