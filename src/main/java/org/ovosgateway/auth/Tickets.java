// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Tickets: for one call each, where a browser cannot send a header, such as a WebSocket or the source of an audio element.
 *
 * <p>A ticket stands in a URL, which others may see; it is of no use to them once its call has been made.
 */
@Component
public class Tickets {

    static final Duration LIFETIME = Duration.ofSeconds(30);

    private static final int MOST = 1_000;
    private static final int MOST_OF_ONE = 20;
    private static final int BYTES = 24;

    private final SecureRandom random = new SecureRandom();

    /** In the order in which they expire. */
    private final Map<String, Ticket> open = new LinkedHashMap<>();

    private final Tokens tokens;
    private final Clock clock;

    /** @param paths the only ones that it is good for; empty for all */
    private record Ticket(Caller caller, Set<String> paths, Instant expires) {}

    @Autowired
    Tickets(Tokens tokens) {
        this(tokens, Clock.systemUTC());
    }

    Tickets(Tokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * A ticket for this caller. Each has twenty at a time; one more takes the place of the oldest.
     *
     * @param wish {@code path}: the only path that it is good for; null or without it, it is good for each that takes tickets
     * @return {@code ticket} and {@code expires_in}, in seconds
     */
    public Map<String, Object> issue(@Body Map<String, ?> wish, @ExchangeProperty(Caller.PROPERTY) Caller caller) {
        Object path = wish == null ? null : wish.get("path");
        return issue(caller, path == null ? Set.of() : Set.of(path.toString()));
    }

    /**
     * The same for some paths.
     *
     * @param paths the only ones that it is good for, with commas between them
     */
    public Map<String, Object> issueFor(String paths, Caller caller) {
        return issue(caller, Set.of(paths.split(",")));
    }

    private Map<String, Object> issue(Caller caller, Set<String> paths) {
        if (caller == null || caller.kind() != Caller.Kind.USER) {
            throw UnauthorizedException.missingToken();
        }
        byte[] id = new byte[BYTES];
        random.nextBytes(id);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(id);
        keep(ticket, new Ticket(caller, paths, clock.instant().plus(LIFETIME)));
        return Map.of("ticket", ticket, "expires_in", LIFETIME.toSeconds());
    }

    private synchronized void keep(String ticket, Ticket made) {
        Instant now = clock.instant();
        String oldest = null;
        int own = 0;
        Iterator<Map.Entry<String, Ticket>> all = open.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Ticket> one = all.next();
            if (!now.isBefore(one.getValue().expires())) {
                all.remove();
            } else if (one.getValue().caller().name().equals(made.caller().name())) {
                own++;
                oldest = oldest == null ? one.getKey() : oldest;
            }
        }
        if (own >= MOST_OF_ONE) {
            open.remove(oldest);
        } else if (open.size() >= MOST) {
            throw new ProblemException(new Problem(
                            "busy", "The gateway is busy", 503, "Too many tickets wait to be used. Try again later.")
                    .header("Retry-After", Long.toString(LIFETIME.toSeconds())));
        }
        open.put(ticket, made);
    }

    /**
     * Who calls with this ticket, which is used up by that, also where the path is the wrong one.
     *
     * @param path that is called
     * @throws UnauthorizedException if the ticket is none, not for this path, too old, or used already, or if what its caller
     *     had shown to get it is not good any more
     */
    public Caller redeem(String ticket, String path) {
        Ticket used = take(ticket);
        if (used == null
                || !clock.instant().isBefore(used.expires())
                || !used.paths().isEmpty() && !used.paths().contains(path)) {
            throw UnauthorizedException.invalidTicket();
        }
        // the rights of now, and never more than those of the call that asked for the ticket
        return tokens.present(used.caller())
                .within(used.caller().scopes())
                .withinDevices(used.caller().devices());
    }

    private synchronized Ticket take(String ticket) {
        return open.remove(ticket);
    }
}
