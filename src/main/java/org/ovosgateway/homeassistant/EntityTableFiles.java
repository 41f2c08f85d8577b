// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.ovosgateway.WatchedFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table of entities in its two files, the shipped one and one's own; a broken file leaves its last table in force. */
final class EntityTableFiles {

    /** Name of both. */
    static final String NAME = "home-assistant.yaml";

    private static final Logger LOG = LoggerFactory.getLogger(EntityTableFiles.class);
    private static final int LARGEST_FILE = 1 << 20;

    private final WatchedFile file;
    private final WatchedFile ownFile;
    private final Set<String> devices;
    private EntityTable shipped;
    private EntityTable own = EntityTable.EMPTY;

    /** @param devices names of the assistants */
    EntityTableFiles(Path folder, Path ownFolder, Set<String> devices) {
        this.file = new WatchedFile(folder.resolve(NAME), LARGEST_FILE);
        this.ownFile = new WatchedFile(ownFolder.resolve(NAME), LARGEST_FILE);
        this.devices = devices;
    }

    /** Both together; empty until the shipped one has been read. */
    Optional<EntityTable> table() {
        return Optional.ofNullable(shipped).map(table -> table.with(own));
    }

    /** Reads a file that has changed; whether one has. Blocks. */
    boolean look() {
        var found = file.look();
        found.flatMap(content -> read(file, content)).ifPresent(read -> shipped = read);
        var ownFound = ownFile.look();
        ownFound.flatMap(content -> content.missing() ? Optional.of(EntityTable.EMPTY) : read(ownFile, content))
                .ifPresent(read -> {
                    own = read;
                    logReplaced();
                });
        return found.isPresent() || ownFound.isPresent();
    }

    /** Empty when the file is refused. */
    private Optional<EntityTable> read(WatchedFile from, WatchedFile.Finding found) {
        try {
            if (found.trouble() != null) {
                throw new IllegalArgumentException("it cannot be read: " + found.trouble());
            }
            EntityTable read = EntityTable.parse(new String(found.content(), StandardCharsets.UTF_8));
            read.devices().keySet().stream()
                    .filter(name -> !devices.contains(name))
                    .forEach(name -> LOG.warn("{}: devices.{}: there is no such device", from.path(), name));
            return Optional.of(read);
        } catch (IllegalArgumentException e) {
            LOG.error("{} is refused, so Home Assistant shows what it showed before: {}", from.path(), e.getMessage());
            return Optional.empty();
        }
    }

    private void logReplaced() {
        if (shipped == null) {
            return;
        }
        Stream.concat(
                        replaced("assistant.", own.assistant(), shipped.assistant()),
                        replaced("gateway.", own.gateway(), shipped.gateway()))
                .forEach(key -> LOG.info("{}: its {} replaces that of {}", ownFile.path(), key, file.path()));
    }

    private static Stream<String> replaced(String section, Map<String, ?> by, Map<String, ?> entities) {
        return by.keySet().stream().filter(entities::containsKey).map(key -> section + key);
    }
}
