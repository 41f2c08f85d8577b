// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

/**
 * What can be seen of a file's version without reading it.
 *
 * @param modified when its content was changed
 * @param changed when its content, its rights or its owner were changed; as {@code modified} where that is not known
 * @param size its bytes
 * @param key its identity on its file system; null where there is none
 */
public record FileStamp(FileTime modified, FileTime changed, long size, Object key) {

    private static final boolean UNIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
    /** FAT keeps time by 2 seconds, Linux by some milliseconds. */
    private static final Duration GRAIN = Duration.ofSeconds(2);

    /** The stamp of a file as it is now; links are followed. */
    public static FileStamp of(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        FileTime modified = attributes.lastModifiedTime();
        FileTime changed = UNIX ? (FileTime) Files.getAttribute(file, "unix:ctime") : modified;
        return new FileStamp(modified, changed, attributes.size(), attributes.fileKey());
    }

    /** Whether a later change would give another stamp; one of this very moment may not. */
    public boolean isSettled() {
        long age = System.currentTimeMillis() - modified.toMillis();
        return Math.abs(age) > GRAIN.toMillis();
    }
}
