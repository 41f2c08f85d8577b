// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import jakarta.annotation.PreDestroy;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Who may log in: the users file, read again within a second of a change.
 *
 * <p>A file that is broken or gone leaves the last good list in force. Looking a user up never waits for the disk.
 */
@Component
class Users {

    private static final Logger LOG = LoggerFactory.getLogger(Users.class);
    private static final long POLL_MILLIS = 500;

    private final Path file;
    private final ScheduledExecutorService poll;
    private volatile Directory directory = new Directory(Map.of());
    private Object version;

    /** An immutable state of the list. */
    record Directory(Map<String, User> byName) {

        Optional<User> find(String name) {
            return Optional.ofNullable(byName.get(name));
        }

        /** The cost of the dearest hash in the list, 12 if there is none. */
        int cost() {
            return byName.values().stream().mapToInt(User::cost).max().orElse(Passwords.COST);
        }
    }

    private record Version(FileTime modified, long size, Object key) {}

    @Autowired
    Users(AuthProperties properties) {
        this(Path.of(properties.users()));
        poll.scheduleWithFixedDelay(this::reload, POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Without watching: only {@link #reload} reads the file again. */
    Users(Path file) {
        this.file = file;
        this.poll = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "users");
            thread.setDaemon(true);
            return thread;
        });
        reload();
    }

    Directory directory() {
        return directory;
    }

    /** Reads the file if it is not the one that was read last. */
    final synchronized void reload() {
        Object seen = version();
        if (seen.equals(version)) {
            return;
        }
        boolean first = version == null;
        version = seen;
        try {
            UsersFile.Content content = UsersFile.parse(content());
            directory = new Directory(content.users());
            if (!content.ignored().isEmpty()) {
                LOG.warn(
                        "{} has members that are not known and are ignored: {}",
                        file,
                        String.join(", ", content.ignored()));
            }
            LOG.info("{}: {} users", file, directory.byName().size());
        } catch (NoSuchFileException e) {
            if (first) {
                LOG.warn("{}: there is no such file, so nobody can log in; make it with add-user", file);
            } else {
                LOG.error("{} is gone; the users it held last stay in force", file);
            }
        } catch (IOException e) {
            refuse("it can not be read: " + e.getClass().getSimpleName());
        } catch (UsersFile.MalformedException e) {
            refuse(e.getMessage());
        } catch (RuntimeException e) {
            // an exception would end the polling
            refuse("it can not be understood: " + e.getClass().getSimpleName());
        }
    }

    private void refuse(String reason) {
        LOG.error(
                "{} is refused: {}; the last good list stays in force ({} users)",
                file,
                reason,
                directory.byName().size());
    }

    private byte[] content() throws IOException, UsersFile.MalformedException {
        try (var in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(UsersFile.MAX_BYTES + 1);
            if (content.length > UsersFile.MAX_BYTES) {
                throw new UsersFile.MalformedException("it is larger than " + UsersFile.MAX_BYTES + " bytes");
            }
            return content;
        }
    }

    private Object version() {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            return Objects.toString(e.getClass());
        }
    }

    @PreDestroy
    void close() {
        poll.shutdownNow();
    }
}
