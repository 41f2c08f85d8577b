// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jakarta.annotation.PreDestroy;

import org.ovosgateway.DeviceNames;
import org.ovosgateway.Inspected;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.Scopes;
import org.ovosgateway.WatchedFile;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Who may log in: the users file, read again within a second of a change.
 *
 * <p>A file that is broken or gone leaves the last good list in force. Until there is one, nobody can be told from anybody
 * else, and who asks is answered with 503. Looking a user up never waits for the disk.
 */
@Component
class Users implements Inspected {

    private static final Logger LOG = LoggerFactory.getLogger(Users.class);
    private static final long POLL_MILLIS = 500;

    private final WatchedFile file;
    private final Scopes scopes;
    private final DeviceNames devices;
    private final ScheduledExecutorService poll;
    private volatile Directory directory;
    private volatile Trouble trouble;

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

    /**
     * Why the file as it is now is not in force.
     *
     * @param reason with the file, and the line where there is one
     * @param missing whether there is no such file
     */
    record Trouble(String reason, boolean missing) {}

    @Autowired
    Users(AuthProperties properties, Scopes scopes, DeviceNames devices) {
        this(Path.of(properties.users()), scopes, devices);
        poll.scheduleWithFixedDelay(
                new PeriodicTask("Reading the users", this::reload), POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Without watching: only {@link #reload} reads the file again. */
    Users(Path file) {
        this(file, null, null);
    }

    private Users(Path file, Scopes scopes, DeviceNames devices) {
        this.scopes = scopes;
        this.devices = devices;
        this.file = new WatchedFile(file, UsersFile.MAX_BYTES);
        this.poll = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "users");
            thread.setDaemon(true);
            return thread;
        });
        reload();
    }

    /**
     * The list in force.
     *
     * @throws ProblemException 503 {@code users-unavailable} while no list has been read
     */
    Directory directory() {
        Directory last = directory;
        if (last == null) {
            throw new ProblemException(new Problem(
                            "users-unavailable",
                            "The users are not known",
                            503,
                            "The gateway has no list of users that it can read. The reason is in its log and health.")
                    .header("Retry-After", "10"));
        }
        return last;
    }

    /** Whether a list is in force. */
    boolean isKnown() {
        return directory != null;
    }

    /** What is wrong with the file as it is now. */
    Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble);
    }

    @Override
    public String subject() {
        return "users"
                + trouble()
                        .filter(Trouble::missing)
                        .map(none -> " (" + none.reason() + ")")
                        .orElse("");
    }

    @Override
    public List<String> problems() {
        return Stream.concat(
                        trouble().filter(known -> !known.missing()).map(Trouble::reason).stream(), misspelt().stream())
                .toList();
    }

    /** Users with scopes that nobody asks for, or devices that do not exist: they may do less than is meant. May block. */
    List<String> misspelt() {
        Directory last = directory;
        if (last == null || scopes == null) {
            return List.of();
        }
        return last.byName().values().stream()
                .flatMap(user -> Stream.of(
                        told(user, "nothing asks for a scope of ", scopes.unknown(user.scopes())),
                        told(user, "there is no such device of ", devices.unknown(user.devices()))))
                .flatMap(Optional::stream)
                .sorted()
                .toList();
    }

    private Optional<String> told(User user, String flaw, String unknown) {
        return unknown.isEmpty()
                ? Optional.empty()
                : Optional.of(file.path() + ": " + flaw + user.name() + ": " + unknown);
    }

    /** Reads the file if it is not the one that was read last. */
    final synchronized void reload() {
        file.look().ifPresent(this::take);
    }

    private void take(WatchedFile.Finding found) {
        if (found.missing()) {
            trouble = new Trouble(file.path() + ": there is no such file", true);
            if (directory == null) {
                LOG.warn("{}: there is no such file, so nobody can log in; make it with add-user", file.path());
            } else {
                LOG.error("{} is gone; the users it held last stay in force", file.path());
            }
        } else if (found.trouble() != null) {
            refuse(file.path() + " cannot be read: " + found.trouble());
        } else {
            try {
                UsersFile.Content content = UsersFile.parse(found.content());
                directory = new Directory(content.users());
                trouble = null;
                if (!content.ignored().isEmpty()) {
                    LOG.warn(
                            "{} has members that are not known and are ignored: {}",
                            file.path(),
                            String.join(", ", content.ignored()));
                }
                LOG.info("{}: {} users", file.path(), content.users().size());
                misspelt().forEach(LOG::warn);
            } catch (UsersFile.MalformedException e) {
                refuse(file.path() + e.where() + " is refused: " + e.getMessage());
            }
        }
    }

    private void refuse(String reason) {
        trouble = new Trouble(reason, false);
        if (directory == null) {
            LOG.error("{}; until that is mended, nobody can log in", reason);
        } else {
            LOG.error(
                    "{}; the last good list stays in force ({} users)",
                    reason,
                    directory.byName().size());
        }
    }

    @PreDestroy
    void close() {
        poll.shutdownNow();
    }
}
