// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the gateway keeps what must outlive a restart; its files are for their owner only.
 *
 * <p>A disk gets full, an SD card turns read-only, a mounted folder belongs to somebody else. So whoever changes state
 * writes first, and applies the change only when {@link #write} or {@link #append} has returned: both return when the
 * change is on the disk, and leave the file as it was if they fail. Failures are in the log and in {@link #check}.
 */
@ConfigurationProperties("ovos")
public final class StateDirectory {

    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String STATE = "state";
    private static final long LEAST_ROOM = 8 << 10;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** A lock on a file holds out other processes, and is an error within this one. */
    private static final Object LOCK = new Object();

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final String state;
    private final Map<String, String> unkept = new ConcurrentSkipListMap<>();
    private final Map<String, Write> retries = new ConcurrentSkipListMap<>();
    private volatile Optional<String> obstacle = Optional.empty();
    private volatile boolean closed;

    /** Something to be written. */
    @FunctionalInterface
    public interface Write {
        void run() throws IOException;
    }

    /** Something that reads what is kept, and changes it. */
    @FunctionalInterface
    public interface Change<T> {
        T run() throws IOException;
    }

    /**
     * @param state path of the directory, from {@code ovos.state}; made with owner-only rights when something is kept
     *     first
     */
    public StateDirectory(@DefaultValue(StateDirectory.STATE) String state) {
        // a variable that is set to nothing must not mean the working directory
        this.state = state.isBlank() ? STATE : state;
    }

    /** Path of the directory. */
    public String state() {
        return state;
    }

    /** The path of this file, whether it exists or not. */
    public Path file(String name) {
        return Path.of(state, name);
    }

    /** From now on nothing is written, without a word: for a trial of the settings that must change nothing. */
    void close() {
        closed = true;
    }

    /** Replaces the whole file in one step, and returns when it is on the disk. If it fails, the old file stays. */
    public void write(String name, byte[] content) throws IOException {
        keep(name, () -> replace(name, content));
    }

    /** Adds to the end of the file, and returns when it is on the disk. If it fails, what was added is taken off again. */
    public void append(String name, byte[] content) throws IOException {
        keep(name, () -> extend(file(name), content));
    }

    /**
     * Runs a change while no other process runs one under the same lock, and no other thread of this one.
     *
     * @param name of the lock, a file of its own that stays
     * @throws IOException also when the lock cannot be had; then nothing has run
     */
    public <T> T locked(String name, Change<T> change) throws IOException {
        synchronized (LOCK) {
            if (closed) {
                return change.run();
            }
            try (var lock = lock(name)) {
                return change.run();
            }
        }
    }

    private FileChannel lock(String name) throws IOException {
        var opened = new AtomicReference<FileChannel>();
        keep(name, () -> {
            Path file = file(name);
            boolean made = Files.notExists(file);
            Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var channel = FileChannel.open(file, options, rights("rw-------"));
            try {
                if (made) {
                    hand(file);
                }
                acquire(channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            opened.set(channel);
        });
        return opened.get();
    }

    /** Until the channel is closed. */
    private static void acquire(FileChannel channel) throws IOException {
        long end = System.nanoTime() + LONGEST_WAIT_NANOS;
        while (channel.tryLock() == null) {
            if (System.nanoTime() > end) {
                throw new IOException("another process keeps it locked");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Says in the log and by {@link #check} that a file cannot be read, until it has been written or is {@link #readable}. */
    public void unreadable(String name, IOException e) {
        tell(name, file(name) + " cannot be read: " + Reason.of(e));
    }

    /** Takes back what {@link #unreadable} has said. */
    public void readable(String name) {
        if (unkept.remove(name) != null) {
            LOG.info("{} can be read again", file(name));
        }
    }

    /** Does this at each {@link #check} until it succeeds: for something whose {@link #write} has failed. */
    public void retry(String name, Write write) {
        retries.put(name, write);
    }

    /**
     * Why state cannot be kept, and empty if it can; what failed and has a {@link #retry} is tried again first. May
     * block.
     */
    public Optional<String> check() {
        retries.forEach((name, write) -> {
            try {
                write.run();
                retries.remove(name, write);
            } catch (IOException e) {
                LOG.debug("{} still cannot be written", file(name));
            }
        });
        return told(obstacle()).or(() -> unkept.values().stream().findFirst());
    }

    private Optional<String> told(Optional<String> now) {
        if (!now.equals(obstacle)) {
            now.ifPresentOrElse(reason -> LOG.error("{}", reason), () -> LOG.info("{} can be written again", state));
            obstacle = now;
        }
        return now;
    }

    /** Looks at the directory without writing to it, which would wear out an SD card. */
    private Optional<String> obstacle() {
        Path nearest = Path.of(state).toAbsolutePath().normalize();
        while (Files.notExists(nearest) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        if (!Files.isDirectory(nearest)) {
            return Optional.of(state + " cannot be used: " + nearest + " is no folder");
        }
        if (!Files.isWritable(nearest)) {
            return Optional.of(state + " cannot be written: the gateway's user may not, or the disk is read-only");
        }
        try {
            var store = Files.getFileStore(nearest);
            return store.getTotalSpace() > 0 && store.getUsableSpace() < LEAST_ROOM
                    ? Optional.of(state + " cannot be written: the disk is full")
                    : Optional.empty();
        } catch (IOException e) {
            // only a file system that does not say how full it is
            return Optional.empty();
        }
    }

    private void keep(String name, Write write) throws IOException {
        if (closed) {
            return;
        }
        try {
            makeDirectory();
            write.run();
        } catch (IOException e) {
            tell(name, file(name) + " cannot be written: " + Reason.of(e));
            throw e;
        }
        if (unkept.remove(name) != null) {
            LOG.info("{} can be written again", file(name));
        }
    }

    private void tell(String name, String trouble) {
        if (!trouble.equals(unkept.put(name, trouble))) {
            LOG.error("{}", trouble);
        }
    }

    private void replace(String name, byte[] content) throws IOException {
        Path next = file(name + ".new");
        Files.deleteIfExists(next);
        try {
            try (var channel = FileChannel.open(
                    next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), rights("rw-------"))) {
                write(channel, content);
            }
            hand(next);
            Files.move(next, file(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
        force(Path.of(state));
    }

    private static void extend(Path file, byte[] content) throws IOException {
        boolean made = Files.notExists(file);
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try (var channel = FileChannel.open(file, options, rights("rw-------"))) {
            long end = channel.size();
            try {
                channel.position(end);
                write(channel, content);
            } catch (IOException e) {
                // half of it, or all of it in memory only, must not come to life at the next start
                channel.truncate(end);
                throw e;
            }
        }
        if (made) {
            hand(file);
            force(file.toAbsolutePath().getParent());
        }
    }

    /** What root makes with a command belongs to whom the folder belongs to, or the gateway could not read it. */
    private static void hand(Path made) throws IOException {
        if (POSIX) {
            // a link is not followed: whoever owns the folder may have put one there
            var view = Files.getFileAttributeView(made, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            var owner = Files.getOwner(made.toAbsolutePath().getParent());
            if (!view.getOwner().equals(owner)) {
                view.setOwner(owner);
            }
        }
    }

    private void makeDirectory() throws IOException {
        Path directory = Path.of(state).toAbsolutePath();
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, rights("rwx------"));
            hand(directory);
            force(directory.getParent());
        }
    }

    private static void write(FileChannel channel, byte[] content) throws IOException {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        channel.force(true);
    }

    /** A new name, too, must survive a power cut. */
    private static void force(Path directory) throws IOException {
        if (POSIX) {
            try (var channel = FileChannel.open(directory)) {
                channel.force(true);
            }
        }
    }

    private static FileAttribute<?>[] rights(String rights) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }
}
