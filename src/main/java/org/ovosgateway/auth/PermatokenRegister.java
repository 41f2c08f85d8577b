// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jakarta.annotation.PreDestroy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import org.ovosgateway.Json;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.WatchedFile;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The long-lived tokens, kept as a file in the state directory.
 *
 * <p>The gateway changes the file, and so does its command while the gateway runs. So each change reads the file, writes it
 * as a whole and applies it, under a lock that both take; and the gateway reads it again within a second of a change by
 * somebody else. A file that is gone holds no tokens. While it cannot be read the last good one stays in force, and nothing
 * is changed. Looking a token up never waits for the disk.
 *
 * <p>When each was used last is in a file of its own, which only the gateway writes, seldom: it is lost with a power cut.
 */
@Component
class PermatokenRegister {

    static final String FILE = "permatokens.json";
    static final String USED = "permatokens-used.json";

    private static final Logger LOG = LoggerFactory.getLogger(PermatokenRegister.class);
    private static final String LOCK = "permatokens.lock";
    private static final int MAX_BYTES = 8 << 20;
    private static final long POLL_MILLIS = 500;
    /** An SD card wears out. */
    private static final long USED_SECONDS = TimeUnit.MINUTES.toSeconds(5);

    private final StateDirectory state;
    private final Clock clock;
    private final WatchedFile file;
    private final ScheduledExecutorService poll;
    private volatile Map<String, Entry> entries;
    private Map<String, Long> usedAsWritten;
    private long usedWritten;

    /** A token, with what is known of it in memory. */
    private static final class Entry {
        private final Permatoken token;
        private final byte[] hash;
        private volatile long used;

        Entry(Permatoken token, long used) {
            this.token = token;
            this.hash = HexFormat.of().parseHex(token.hash());
            this.used = used;
        }
    }

    @Autowired
    PermatokenRegister(StateDirectory state) {
        this(state, Clock.systemUTC());
        poll.scheduleWithFixedDelay(
                new PeriodicTask("Reading the long-lived tokens", this::look),
                POLL_MILLIS,
                POLL_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Without watching: only {@link #look} reads the file again. */
    PermatokenRegister(StateDirectory state, Clock clock) {
        this.state = state;
        this.clock = clock;
        this.file = new WatchedFile(state.file(FILE), MAX_BYTES);
        this.poll = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "permatokens");
            thread.setDaemon(true);
            return thread;
        });
        this.usedAsWritten = readUsed();
        this.usedWritten = now();
        look();
    }

    /**
     * The token with this id and this secret. Takes as long for a wrong secret as for a right one.
     *
     * @throws ProblemException 503 while the tokens are not known
     */
    Optional<Permatoken> find(PermatokenText text) {
        Entry entry = known().get(text.id());
        return entry != null && MessageDigest.isEqual(entry.hash, text.hash())
                ? Optional.of(entry.token)
                : Optional.empty();
    }

    /** The token of this id. */
    Optional<Permatoken> find(String id) {
        return Optional.ofNullable(known().get(id)).map(entry -> entry.token);
    }

    /** Those of a user, the oldest first. */
    List<Permatoken> of(String user) {
        return known().values().stream()
                .map(entry -> entry.token)
                .filter(token -> token.user().equals(user))
                .sorted(Comparator.comparingLong(Permatoken::created).thenComparing(Permatoken::id))
                .toList();
    }

    /** The token was used now. */
    void use(Permatoken token) {
        Entry entry = known().get(token.id());
        if (entry != null) {
            entry.used = now();
        }
    }

    /** When it was used last, seconds of the epoch; 0: never. */
    long used(Permatoken token) {
        Entry entry = known().get(token.id());
        return entry == null ? 0 : entry.used;
    }

    /**
     * Changes the list, on the disk first. Blocks.
     *
     * @param change of the list as it is on the disk; the same list: nothing is to be changed
     * @throws ProblemException 503 when it cannot be kept; then nothing has changed
     */
    synchronized void change(UnaryOperator<List<Permatoken>> change) {
        try {
            state.locked(LOCK, () -> {
                List<Permatoken> now = read();
                List<Permatoken> next = change.apply(now);
                if (next != now) {
                    state.write(FILE, bytes(next));
                }
                apply(next);
                // what was just written is no news; an edit by hand is
                file.look().ifPresent(this::take);
                return next;
            });
        } catch (IOException e) {
            LOG.debug("Long-lived tokens not changed", e);
            throw new ProblemException(new Problem(
                            "state-unavailable",
                            "State not kept",
                            503,
                            "The gateway cannot read or write its long-lived tokens, so nothing has changed."
                                    + " The reason is in its log and health.")
                    .header("Retry-After", "10"));
        }
    }

    /** Reads the file if it is not the one that was read last, and writes down what was used. */
    final synchronized void look() {
        file.look().ifPresent(this::take);
        if (now() - usedWritten >= USED_SECONDS) {
            writeUsed();
        }
    }

    private void take(WatchedFile.Finding found) {
        if (found.missing()) {
            state.readable(FILE);
            apply(List.of());
        } else if (found.trouble() != null) {
            state.unreadable(FILE, new IOException(found.trouble()));
        } else {
            try {
                apply(parse(found.content()));
                state.readable(FILE);
            } catch (IOException e) {
                state.unreadable(FILE, e);
            }
        }
    }

    private List<Permatoken> read() throws IOException {
        try {
            Path path = state.file(FILE);
            if (Files.size(path) > MAX_BYTES) {
                throw new IOException("it is larger than " + MAX_BYTES + " bytes");
            }
            return parse(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            state.unreadable(FILE, e);
            throw e;
        }
    }

    private static List<Permatoken> parse(byte[] content) throws IOException {
        try {
            Permatoken[] tokens = Json.STRICT.readValue(content, Permatoken[].class);
            if (tokens == null || Stream.of(tokens).anyMatch(token -> token == null)) {
                throw new IOException("it is not a list of tokens");
            }
            return List.of(tokens);
        } catch (JsonProcessingException e) {
            // its message quotes the file
            var location = e.getLocation();
            throw new IOException("it cannot be understood"
                    + (location == null
                            ? ""
                            : ", line " + location.getLineNr() + ", column " + location.getColumnNr()));
        }
    }

    private static byte[] bytes(List<Permatoken> tokens) {
        return tokens.stream()
                .map(Json::write)
                .collect(Collectors.joining(",\n", "[\n", "\n]\n"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private void apply(List<Permatoken> tokens) {
        Map<String, Entry> last = entries == null ? Map.of() : entries;
        Map<String, Entry> next = new LinkedHashMap<>();
        for (Permatoken token : tokens) {
            Entry known = last.get(token.id());
            long used = known == null ? usedAsWritten.getOrDefault(token.id(), 0L) : known.used;
            next.put(token.id(), new Entry(token, used));
        }
        entries = next;
    }

    private Map<String, Entry> known() {
        Map<String, Entry> known = entries;
        if (known == null) {
            throw new ProblemException(new Problem(
                            "state-unavailable",
                            "State not known",
                            503,
                            "The gateway cannot read its long-lived tokens. The reason is in its log and health.")
                    .header("Retry-After", "10"));
        }
        return known;
    }

    private Map<String, Long> readUsed() {
        try {
            Map<String, Long> used = Json.STRICT.readValue(state.file(USED).toFile(), new TypeReference<>() {});
            return used == null || used.containsValue(null) ? Map.of() : used;
        } catch (IOException e) {
            // there is none, or it is broken: nobody is kept out by that
            LOG.debug("When long-lived tokens were used is not known", e);
            return Map.of();
        }
    }

    private void writeUsed() {
        usedWritten = now();
        if (entries == null) {
            return;
        }
        Map<String, Long> used = entries.values().stream()
                .filter(entry -> entry.used > 0)
                .collect(Collectors.toMap(entry -> entry.token.id(), entry -> entry.used));
        if (used.equals(usedAsWritten)) {
            return;
        }
        try {
            state.write(USED, (Json.write(used) + "\n").getBytes(StandardCharsets.UTF_8));
            usedAsWritten = used;
        } catch (IOException e) {
            LOG.debug("When long-lived tokens were used is not kept", e);
        }
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    @PreDestroy
    synchronized void close() {
        poll.shutdownNow();
        writeUsed();
    }
}
