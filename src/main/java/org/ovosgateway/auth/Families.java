// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import org.ovosgateway.Json;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Which logins have ended, and which refresh token is the live one of a login that was rotated; kept over restarts.
 *
 * <p>A login that was neither rotated nor ended takes no room: each of its tokens is the only one of its kind. Reading
 * never waits; whatever changes something returns when it is on the disk, and changes nothing if it cannot be. When the
 * record cannot be read, or has grown over its limit, all tokens issued until then are dead: everybody logs in again.
 */
@Component
class Families {

    /** About 10 MB; it takes that many logins, each a bcrypt hash, within the lifetime of a refresh token. */
    static final int LIMIT = 50_000;

    private static final Logger LOG = LoggerFactory.getLogger(Families.class);
    private static final String FILE = "logins.jsonl";
    private static final int SLACK = 1_000;

    private final StateDirectory state;
    private final Duration longest;
    private final Clock clock;
    private final int limit;
    private final Map<String, Line> families = new ConcurrentHashMap<>();
    private volatile long deadUntil = Long.MIN_VALUE;
    private int lines;
    private boolean torn;

    /**
     * One line of the file.
     *
     * @param family a login; null: all of them
     * @param live the id of its live refresh token; null: the login has ended, or all that were issued at {@code since}
     *     or before
     * @param since when it was written, seconds of the epoch
     * @param expires when no token is left that it is about, seconds of the epoch
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Line(String family, String live, long since, long expires) {}

    @Autowired
    Families(StateDirectory state, AuthProperties properties) {
        this(state, properties, Clock.systemUTC(), LIMIT);
    }

    Families(StateDirectory state, AuthProperties properties, Clock clock, int limit) {
        this.state = state;
        var access = properties.accessTokenLifetime();
        var refresh = properties.refreshTokenLifetime();
        this.longest = access.compareTo(refresh) > 0 ? access : refresh;
        this.clock = clock;
        this.limit = limit;
        load();
    }

    /** Whether the tokens of this login, issued then, are dead. */
    boolean ended(String family, Instant issued) {
        Line line = families.get(family);
        return line != null && line.live() == null || issued.getEpochSecond() <= deadUntil;
    }

    /** Whether this is the live refresh token of its login. A dead one was stolen or copied: the login ends. */
    synchronized boolean confirm(String family, String tokenId) {
        Line line = families.get(family);
        if (line == null || tokenId.equals(line.live())) {
            return true;
        }
        if (line.live() != null) {
            end(family);
        }
        return false;
    }

    /** Makes the next refresh token the live one, if this one was; as {@link #confirm} if not. */
    synchronized boolean advance(String family, String tokenId, String next) {
        if (!confirm(family, tokenId)) {
            return false;
        }
        keep(line(family, next));
        return true;
    }

    /** Kills all tokens of this login. */
    synchronized void end(String family) {
        Line known = families.get(family);
        if (known == null || known.live() != null) {
            keep(line(family, null));
        }
    }

    private Line line(String family, String live) {
        long now = clock.instant().getEpochSecond();
        return new Line(family, live, now, now + longest.toSeconds() + 1);
    }

    /** Writes, then applies: what could not be written has not happened. */
    private void keep(Line line) {
        try {
            boolean full = families.size() >= limit && !families.containsKey(line.family());
            if (torn || full || lines > 2 * families.size() + SLACK) {
                rewriteWith(line);
            } else {
                state.append(FILE, bytes(line));
                lines++;
                apply(line);
            }
        } catch (IOException e) {
            torn = true;
            state.retry(FILE, this::mend);
            throw new ProblemException(new Problem(
                            "state-unavailable",
                            "State not kept",
                            503,
                            "The gateway cannot write to its state directory, so nothing has changed."
                                    + " The reason is in its log and health.")
                    .header("Retry-After", "10"));
        }
    }

    /** The whole record anew, with this line; if it would be too long, all logins end instead. */
    private void rewriteWith(Line line) throws IOException {
        drop();
        var next = new HashMap<>(families);
        next.put(line.family(), line);
        if (next.size() > limit) {
            LOG.error("More than {} logins were rotated or ended: all are ended, to stay within memory", limit);
            Line all = line(null, null);
            rewrite(Map.of(), all.since());
            apply(all);
        } else {
            rewrite(next, deadUntil);
            apply(line);
        }
    }

    private synchronized void mend() throws IOException {
        if (torn) {
            rewrite(families, deadUntil);
        }
    }

    private void apply(Line line) {
        if (line.family() == null) {
            families.clear();
            deadUntil = Math.max(deadUntil, line.since());
        } else {
            families.put(line.family(), line);
        }
    }

    private void drop() {
        long now = clock.instant().getEpochSecond();
        families.values().removeIf(line -> line.expires() < now);
    }

    private void rewrite(Map<String, Line> all, long dead) throws IOException {
        var content = new StringBuilder();
        if (dead != Long.MIN_VALUE) {
            content.append(text(new Line(null, null, dead, dead + longest.toSeconds() + 1)));
        }
        all.values().forEach(line -> content.append(text(line)));
        state.write(FILE, content.toString().getBytes(StandardCharsets.UTF_8));
        lines = all.size();
        torn = false;
    }

    private void load() {
        Path file = state.file(FILE);
        if (Files.notExists(file)) {
            return;
        }
        try {
            read(file);
        } catch (IOException e) {
            state.unreadable(FILE, e);
            LOG.error("All earlier logins are ended, since nobody knows which of them were");
            apply(line(null, null));
        }
        drop();
        try {
            rewrite(families, deadUntil);
        } catch (IOException e) {
            torn = true;
            state.retry(FILE, this::mend);
        }
    }

    private void read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        List<String> read = new String(content, StandardCharsets.UTF_8).lines().toList();
        // without an end of line it was cut off while it was written, and nobody was told that it was kept
        boolean cut = content.length > 0 && content[content.length - 1] != '\n';
        int number = 0;
        try {
            for (String text : cut ? read.subList(0, read.size() - 1) : read) {
                number++;
                Line line = Json.STRICT.readValue(text, Line.class);
                if (line == null || line.since() <= 0 || line.family() == null && line.live() != null) {
                    throw new IllegalArgumentException();
                }
                apply(line);
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            LOG.error(
                    "{}, line {} cannot be understood: all earlier logins are ended; the file is now {}",
                    file,
                    number,
                    FILE + ".corrupt");
            apply(line(null, null));
            try {
                state.write(FILE + ".corrupt", content);
            } catch (IOException full) {
                LOG.warn("No copy of it is kept");
            }
        }
    }

    private static byte[] bytes(Line line) {
        return text(line).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Line line) {
        return Json.write(line) + "\n";
    }
}
