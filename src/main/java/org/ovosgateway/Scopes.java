// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The scopes that something asks for: operations of contracts ({@code x-scope}), routes ({@code access}), commands ({@code
 * scope}), and the gateway itself. A user with any other has a right to nothing, and probably was to have another.
 */
@Component
public final class Scopes {

    /** Asked for by the built-in MQTT broker, by the history, and by the events. */
    private static final Set<String> OWN = Set.of("mqtt:connect", "history:all", "bus:read");

    private static final Pattern NAMED =
            Pattern.compile("(?:x-scope|access|scope)[\"']?\\s*[:=]\\s*[\"']?([a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*)");

    private static final int LARGEST_FILE = 1 << 20;

    private final List<Path> folders;

    @Autowired
    Scopes(@Value("${ovos.routes.folder:routes}") Path folder, @Value("${ovos.routes.own:routes.d}") Path own) {
        this(new Path[] {folder, own});
    }

    /** @param folders with routes and contracts; those that do not exist have none */
    public Scopes(Path... folders) {
        this.folders = List.of(folders);
    }

    /**
     * Those that the files in the folders, and in those of the APIs, name as they are now; only the gateway's own if they
     * cannot be read. Blocks.
     */
    public Set<String> known() {
        Set<String> known = new TreeSet<>(OWN);
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder, 2)) {
                for (Path file : (Iterable<Path>) files.filter(Scopes::isMeant)::iterator) {
                    Matcher named = NAMED.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
                    while (named.find()) {
                        known.add(named.group(1));
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                continue; // who reads the routes says so
            }
        }
        return known;
    }

    /** Which of these nobody asks for, each with the nearest that somebody does; empty if all are fine. Blocks. */
    public String unknown(Collection<String> scopes) {
        Set<String> known = known();
        if (known.equals(OWN)) {
            return "";
        }
        return scopes.stream()
                .sorted()
                .filter(scope -> !known.contains(scope) && !scope.equals("*"))
                .filter(scope -> !scope.endsWith(":*")
                        || known.stream().noneMatch(name -> name.startsWith(scope.substring(0, scope.length() - 1))))
                .map(scope -> "'" + scope + "'" + Nearest.hint(scope, known))
                .collect(Collectors.joining(", "));
    }

    private static boolean isMeant(Path file) {
        try {
            return file.getFileName().toString().matches("[^.#].*\\.(yaml|yml|json)")
                    && Files.isRegularFile(file)
                    && Files.size(file) <= LARGEST_FILE;
        } catch (IOException e) {
            return false;
        }
    }
}
