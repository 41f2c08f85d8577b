// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** Routes that were replaced, and still have callers inside. */
final class RetiredRoutes {

    /** Time for callers that found a route just before it was replaced to get inside. */
    private static final long GRACE_SECONDS = 2;

    private final List<Retired> routes = new ArrayList<>();
    private final Duration drain;

    private record Retired(LiveRoute route, Instant since) {}

    /** @param drain how long a caller may stay inside */
    RetiredRoutes(Duration drain) {
        this.drain = drain;
    }

    void add(Collection<LiveRoute> replaced) {
        Instant now = Instant.now();
        replaced.forEach(route -> routes.add(new Retired(route, now)));
    }

    /** Stops those that have become quiet, or have had their time. */
    void removeQuiet() {
        Instant now = Instant.now();
        for (Iterator<Retired> all = routes.iterator(); all.hasNext(); ) {
            Retired old = all.next();
            boolean quiet = old.route.underWay() == 0 && now.isAfter(old.since.plusSeconds(GRACE_SECONDS));
            if (quiet || now.isAfter(old.since.plus(drain))) {
                all.remove();
                old.route.remove();
            }
        }
    }
}
