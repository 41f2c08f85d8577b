// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import org.apache.camel.Consumer;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.RestConfiguration;
import org.ovosgateway.Inflow;
import org.ovosgateway.api.Contracts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.BeanUtils;

/** The way from the editions that serve to the next ones, and back if a file stands in the way. */
final class Transaction {

    private static final Logger LOG = LoggerFactory.getLogger(Transaction.class);
    private static final long SETTLE_NANOS = 50_000_000;

    private final Surroundings in;
    private final Map<String, Edition> before;
    private final List<Edition> fresh;
    private final boolean shared;
    private final List<LiveRoute> outgoing = new ArrayList<>();
    private final List<LiveRoute> incoming = new ArrayList<>();
    private final Definitions definitions;
    private boolean held;
    private final List<LiveRoute> paused = new ArrayList<>();

    /**
     * What routes run in, the same for all transactions.
     *
     * @param restDefaults what no file has changed
     * @param errorHandler of the routes that have none of their own, unless a file changes that
     * @param trial whether nothing may act: then only what waits for HTTP calls is started, which also reads the contracts
     */
    record Surroundings(
            ModelCamelContext context,
            SwitchedDirect direct,
            Contracts contracts,
            List<Inflow> inflows,
            RestConfiguration restDefaults,
            ErrorHandlerFactory errorHandler,
            boolean trial) {}

    /**
     * @param before what serves, by file
     * @param fresh the versions that are not among these
     * @param next what would serve, by file
     * @param shared whether what routes of all files share begins anew
     */
    Transaction(
            Surroundings in,
            Map<String, Edition> before,
            List<Edition> fresh,
            Map<String, Edition> next,
            boolean shared) {
        this.in = in;
        this.before = before;
        this.definitions = new Definitions(in.context);
        this.fresh = fresh;
        this.shared = shared;
        fresh.sort((a, b) -> Boolean.compare(a.isContract(), b.isContract()));
        before.forEach((file, edition) -> {
            if (next.get(file) != edition) {
                outgoing.addAll(edition.routes());
            }
        });
    }

    void prepare() throws RefusedFileException {
        if (shared) {
            RestConfiguration rest = new RestConfiguration();
            BeanUtils.copyProperties(in.restDefaults, rest);
            definitions.replaceBy(rest, in.errorHandler);
        }
        RefusedFileException.ifFails(fresh, Edition::declare);
        if (shared) {
            definitions.dropStaleBeans();
        }
        RefusedFileException.ifFails(fresh, edition -> edition.define(shared));
        hideOutgoing(false);
        try {
            RefusedFileException.ifFails(fresh, edition -> {
                if (edition.isContract()) {
                    in.contracts.offer(edition.contract());
                }
                edition.create(before.get(edition.file()), shared);
            });
        } finally {
            fresh.forEach(edition -> incoming.addAll(edition.routes()));
            List<LiveRoute> kept = new ArrayList<>(incoming);
            kept.retainAll(outgoing);
            kept.forEach(LiveRoute::show);
            incoming.removeAll(kept);
            outgoing.removeAll(kept);
        }
    }

    void start() throws RefusedFileException {
        hideOutgoing(true);
        in.direct.hold();
        start(LiveRoute::runsBesideItsSuccessor);
        start(route -> !route.runsBesideItsSuccessor() && !route.startsAtOnce());
        pause(route -> !route.startsAtOnce());
        // ours change hands without losing a message, or handling one twice
        held = true;
        in.inflows.forEach(Inflow::hold);
        pause(route -> true);
        start(LiveRoute::startsAtOnce);
    }

    private void letIn() {
        if (held) {
            held = false;
            in.inflows.forEach(inflow -> attempt(inflow::release));
        }
    }

    /** One that takes its time to start keeps only the one from hearing whose place it takes. */
    private void start(Predicate<LiveRoute> which) throws RefusedFileException {
        RefusedFileException.ifFails(fresh, edition -> {
            for (LiveRoute route : edition.routes()) {
                if (incoming.contains(route) && which.test(route) && (!in.trial || route.isHttp())) {
                    pause(route::takesThePlaceOf);
                    start(edition, route);
                }
            }
        });
    }

    private void pause(Predicate<LiveRoute> which) {
        for (LiveRoute route : outgoing) {
            if (route.exists() && !route.runsBesideItsSuccessor() && !paused.contains(route) && which.test(route)) {
                paused.add(route);
                route.pause();
            }
        }
    }

    private void hideOutgoing(boolean beside) {
        outgoing.stream()
                .filter(route -> route.runsBesideItsSuccessor() == beside)
                .forEach(LiveRoute::hide);
    }

    /** The route of a contract reads it when it starts, and what fails then is in the contract. */
    private void start(Edition edition, LiveRoute route) throws Exception {
        try {
            route.start();
        } catch (Exception e) {
            throw edition.isContract() ? edition.inContract(Failure.deepest(e)) : e;
        }
    }

    void rollBack() {
        try {
            incoming.forEach(route -> attempt(route::remove));
            attempt(definitions::restore);
            outgoing.forEach(route -> attempt(route::show));
            paused.forEach(route -> attempt(route::resume));
        } finally {
            in.direct.release();
            in.contracts.withdraw();
            letIn();
        }
    }

    /** @return the routes that serve no new requests, and are still there for those under way */
    List<LiveRoute> commit() {
        try {
            letIn();
            if (incoming.stream().anyMatch(LiveRoute::isHttp)) {
                // a request that came before the new doors were made sees only the old ones: let it pass first
                LockSupport.parkNanos(SETTLE_NANOS);
            }
            incoming.forEach(route -> attempt(route::open));
            attempt(() -> LiveRoute.shut(outgoing));
            List<Consumer> retired = outgoing.stream()
                    .filter(LiveRoute::exists)
                    .map(LiveRoute::consumer)
                    .toList();
            attempt(() -> in.direct.retire(retired));
        } finally {
            in.direct.release();
        }
        return outgoing;
    }

    /** What fails here must not keep the rest from being done. */
    static void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.error("A step of a change of routes failed", e);
        }
    }
}
