// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import org.ovosgateway.Budget;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploaded files on disk, in the folder for temporary files: bounded all together, and gone when their requests are answered.
 *
 * <p>Their names have the number of the process and its start, so that one that was killed leaves nothing for good.
 */
public final class Uploads {

    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
    private static final String PREFIX = "ovos-upload-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-(\\d{1,18})-.*");

    private final Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    private final String prefix;
    private final Budget budget;

    /** @param most bytes of all files together */
    Uploads(long most) {
        ProcessHandle own = ProcessHandle.current();
        this.prefix = PREFIX + own.pid() + "-" + start(own) + "-";
        this.budget = new Budget(most);
        clean();
    }

    private void clean() {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : left) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches() && isOver(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.debug("The uploads of a process that has ended cannot be deleted from {}", folder, e);
        }
    }

    private static boolean isOver(long process, long start) {
        return ProcessHandle.of(process).map(running -> start(running) != start).orElse(true);
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::getEpochSecond).orElse(0L);
    }

    Budget budget() {
        return budget;
    }

    /**
     * Room for the files of one request.
     *
     * @param announced bytes that are taken at once, so that of many requests some are served, and not all of them refused
     *     half way
     * @throws ProblemException 503 where there is no room for these
     */
    Room room(long announced) {
        return new Room(announced);
    }

    /** Where a file may be whose length nobody has told. */
    public Place place() {
        return room(0).place();
    }

    private void take(long bytes) {
        if (!budget.take(bytes)) {
            throw new ProblemException(new Problem(
                            "busy",
                            "The gateway is busy",
                            503,
                            "It has no room for more uploaded files now (ovos.http.max-uploads). Try again later.")
                    .header("Retry-After", "5"));
        }
    }

    /** What a caller hears where the disk is full, or may not be written to; the reason is for the log. */
    public static ProblemException unavailable() {
        return new ProblemException(new Problem(
                        "uploads-unavailable",
                        "Files cannot be kept",
                        503,
                        "The gateway cannot keep the file that was sent; the reason is in its log. Try again later.")
                .header("Retry-After", "10"));
    }

    /** The bytes on disk that one request may have. */
    final class Room {

        private long unused;

        private Room(long announced) {
            Uploads.this.take(announced);
            unused = announced;
        }

        /** Where one file may be. */
        Place place() {
            return new Place(folder.resolve(prefix + UUID.randomUUID()), this);
        }

        private void take(long bytes) {
            long more = bytes - Math.min(bytes, unused);
            Uploads.this.take(more);
            unused -= bytes - more;
        }

        /** Gives back what no file has taken. */
        void giveBack() {
            budget.giveBack(unused);
            unused = 0;
        }
    }

    /** A file on disk, and the bytes it may have. */
    public final class Place {

        private final Path path;
        private final Room room;
        private long taken;
        private Future<AsyncFile> file;

        private Place(Path path, Room room) {
            this.path = path;
            this.room = room;
        }

        public Path path() {
            return path;
        }

        /** @throws ProblemException 503 where all files together have no room for these bytes */
        public void take(long bytes) {
            room.take(bytes);
            taken += bytes;
        }

        /** Makes the file, for nobody else to read. */
        public Future<AsyncFile> open(Vertx vertx) {
            file = vertx.fileSystem()
                    .open(
                            path.toString(),
                            new OpenOptions()
                                    .setRead(false)
                                    .setWrite(true)
                                    .setCreateNew(true)
                                    .setPerms("rw-------"));
            return file;
        }

        /** Deletes the file, and gives its room back. */
        public void clear(Vertx vertx) {
            if (file != null) {
                // also where it is closed already
                file.compose(AsyncFile::close)
                        .transform(closed -> vertx.fileSystem().delete(path.toString()))
                        .onComplete(gone -> giveBack());
            } else {
                giveBack();
            }
        }

        private void giveBack() {
            budget.giveBack(taken);
            taken = 0;
        }
    }
}
