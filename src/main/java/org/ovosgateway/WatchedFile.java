// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A file that people edit, replace, delete, or forget to {@code chown}, while the gateway runs.
 *
 * <p>It is looked at again and again: change notices do not cross network file systems and bind mounts. A version counts as
 * seen only when it has been read; a file that cannot be read is tried again at each look, and its trouble is reported once.
 */
public final class WatchedFile {

    private final Path path;
    private final int largest;
    private FileStamp seen;
    private byte[] digest;
    private String trouble;

    /** @param largest more bytes are not read */
    public WatchedFile(Path path, int largest) {
        this.path = path;
        this.largest = largest;
    }

    /**
     * What a look found.
     *
     * @param content null when there is a {@code trouble}
     * @param trouble why the file cannot be read, such as "there is no such file"; or null
     * @param missing whether that is because it does not exist
     */
    public record Finding(byte[] content, String trouble, boolean missing) {}

    /** Path of the file. */
    public Path path() {
        return path;
    }

    /** What is new since the last look; empty if nothing is. May block. */
    public synchronized Optional<Finding> look() {
        try {
            FileStamp now = FileStamp.of(path);
            if (now.equals(seen)) {
                return Optional.empty();
            }
            byte[] content = read();
            boolean same = FileStamp.of(path).equals(now);
            seen = same && now.isSettled() ? now : null;
            byte[] known = digest;
            digest = sha256(content);
            trouble = null;
            return Arrays.equals(known, digest) ? Optional.empty() : Optional.of(new Finding(content, null, false));
        } catch (IOException e) {
            String reason = Reason.of(e);
            boolean told = reason.equals(trouble);
            seen = null;
            digest = null;
            trouble = reason;
            return told ? Optional.empty() : Optional.of(new Finding(null, reason, e instanceof NoSuchFileException));
        }
    }

    private byte[] read() throws IOException {
        try (var in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(largest + 1);
            if (content.length > largest) {
                throw new IOException("it is larger than " + largest + " bytes");
            }
            return content;
        }
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
