// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.ovosgateway.FileStamp;
import org.ovosgateway.InvalidConfigurationException;
import org.ovosgateway.Reason;
import org.ovosgateway.api.Api;

/**
 * The files of the routes folder, seen by looking again and again: change notices do not cross network file systems
 * and bind mounts, and a look at a dozen files costs less than a millisecond.
 *
 * <p>A {@link org.ovosgateway.WatchedFile} is one known file. Here files come and go, and count together, as one batch.
 */
final class RoutesFolder {

    private static final String CONTRACT = "openapi.yaml";
    private static final int LARGEST_FILE = 1 << 20;

    private final Path folder;
    private final Path own;
    private final OwnRoutes ownRoutes;
    private Map<Path, FileStamp> known = Map.of();
    private Map<Path, FileStamp> previous = Map.of();
    private Set<Path> misnamed = Set.of();
    private Map<String, Text> read = Map.of();

    /** @param own a second folder, whose files are added to those of the first; it need not exist */
    RoutesFolder(Path folder, Path own) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidConfigurationException(
                            "The routes folder " + folder.toAbsolutePath().normalize() + " does not exist.",
                            "Start the gateway in the folder that holds it, or set ovos.routes.folder.")
                    .about("ovos.routes.folder");
        }
        this.folder = folder;
        this.own = own;
        this.ownRoutes = new OwnRoutes(folder, own);
        try {
            stamps();
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    "The routes folder " + folder.toAbsolutePath().normalize() + " cannot be read: " + Reason.of(e)
                            + ".",
                    "Let the gateway's user read it.");
        }
    }

    /**
     * The text of a file, or why there is none.
     *
     * @param bytes content; null when there is a {@code trouble}
     * @param trouble why the file could not be read, or null
     */
    record Text(byte[] bytes, String trouble) {}

    /** Whether this file is a contract; any other one has routes. */
    static boolean isContract(String file) {
        return Path.of(file).endsWith(CONTRACT);
    }

    /** The API that a file belongs to. */
    Api api(String file) {
        Path parent = Path.of(file).getParent();
        return folder.equals(parent == null ? Path.of("") : parent) || own.equals(parent)
                ? Api.OWN
                : new Api(parent.getFileName().toString());
    }

    /** The contract of the gateway's own API. */
    String ownContract() {
        return folder.resolve(CONTRACT).toString();
    }

    /** Every file of the folders and of the APIs in them, in the order of names. */
    Map<String, Text> read() throws IOException {
        Map<Path, FileStamp> stamps = stamps();
        Map<String, Text> texts = new TreeMap<>();
        known = new TreeMap<>();
        stamps.forEach((file, stamp) -> read(file).ifPresent(text -> {
            texts.put(file.toString(), text);
            // what could not be read, or may have changed again at this very moment, is read again at the next look
            known.put(file, text.trouble() == null && stamp.isSettled() ? stamp : null);
        }));
        read = texts;
        return without(Set.of());
    }

    /** The files as they were read, without what these own ones replace beyond what their live versions do. */
    Map<String, Text> without(Set<String> refused) {
        return ownRoutes.over(read, refused);
    }

    /** Whether this is a file of routes that may replace others. */
    boolean isOwnRoutes(String file) {
        return Path.of(file).startsWith(own) && !isContract(file);
    }

    /** The own contract that was added to this one; null for none. */
    String additionTo(String file) {
        String addition = isContract(file) && Path.of(file).startsWith(folder)
                ? own.resolve(folder.relativize(Path.of(file))).toString()
                : null;
        return addition != null && read.containsKey(addition) ? addition : null;
    }

    /** The version of this file that was read last is live. */
    void accepted(String file) {
        if (isOwnRoutes(file)) {
            ownRoutes.accepted(file);
        }
    }

    /**
     * Every file, if one has changed since the last reading and none since the last look; else nothing. Waiting for
     * one quiet look makes one batch of a {@code git pull} and spares us files that are being written.
     */
    Optional<Map<String, Text>> readIfChanged() throws IOException {
        Map<Path, FileStamp> now = stamps();
        boolean quiet = now.equals(previous);
        previous = now;
        return quiet && !now.equals(known) ? Optional.of(read()) : Optional.empty();
    }

    /** The folders, as of the last look, that have files of an API, and a name that no API can have. */
    Set<Path> misnamed() {
        return misnamed;
    }

    private Map<Path, FileStamp> stamps() throws IOException {
        Map<Path, FileStamp> stamps = new TreeMap<>();
        Set<Path> others = new TreeSet<>();
        stampAll(folder, stamps, others);
        try {
            stampAll(own, stamps, others);
        } catch (NoSuchFileException e) {
            // nobody has put anything there
        }
        others.remove(own);
        misnamed = others;
        return stamps;
    }

    private static void stampAll(Path folder, Map<Path, FileStamp> stamps, Set<Path> misnamed) throws IOException {
        for (Path entry : entries(folder)) {
            if (isMeant(entry)) {
                stamp(entry, stamps);
            } else if (mayBeApi(entry)) {
                List<Path> files = meantIn(entry);
                if (!Api.NAME.matcher(entry.getFileName().toString()).matches()) {
                    if (!files.isEmpty()) {
                        misnamed.add(entry);
                    }
                    continue;
                }
                for (Path file : files) {
                    stamp(file, stamps);
                }
            }
        }
    }

    private static List<Path> meantIn(Path folder) throws IOException {
        try {
            return entries(folder).stream().filter(RoutesFolder::isMeant).toList();
        } catch (NoSuchFileException e) {
            return List.of(); // gone since it was listed
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void stamp(Path file, Map<Path, FileStamp> stamps) throws IOException {
        try {
            if (Files.isRegularFile(file)) {
                stamps.put(file, FileStamp.of(file));
            }
        } catch (NoSuchFileException e) {
            // gone since it was listed, or a link to nowhere
        }
    }

    /** Not the hidden, backup and swap files of editors, and not what others read. */
    private static boolean isMeant(Path file) {
        String name = file.getFileName().toString();
        return name.equals(CONTRACT) || name.matches("[^.#].*\\.camel\\.yaml");
    }

    /** Not the hidden folders of version control and of mounted volumes. */
    private static boolean mayBeApi(Path folder) {
        return !folder.getFileName().toString().startsWith(".") && Files.isDirectory(folder);
    }

    private static Optional<Text> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            return Optional.of(
                    bytes.length > LARGEST_FILE ? new Text(null, "larger than 1 MiB") : new Text(bytes, null));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Text(null, "cannot be read: " + Reason.of(e)));
        }
    }
}
