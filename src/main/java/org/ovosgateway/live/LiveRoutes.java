// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jakarta.annotation.PostConstruct;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.ExtendedStartupListener;
import org.apache.camel.Route;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.RestConfiguration;
import org.ovosgateway.Check;
import org.ovosgateway.Inflow;
import org.ovosgateway.Inspected;
import org.ovosgateway.Nearest;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.api.Api;
import org.ovosgateway.api.ApiProperties;
import org.ovosgateway.api.Contract;
import org.ovosgateway.api.Contracts;
import org.ovosgateway.mqtt.MqttSwitch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.BeanUtils;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Keeps Camel's routes as the files of the routes folder say: a change is taken over as a whole, or not at all. */
@Component
public class LiveRoutes implements ExtendedStartupListener, Inspected {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRoutes.class);
    private static final long SETTLE_NANOS = 50_000_000;
    private static final long RETRY_SECONDS = 30;
    /** Time for callers that found a route just before it was replaced to get inside. */
    private static final long GRACE_SECONDS = 2;

    private static final String COMMAND = "command://";

    private final ModelCamelContext context;
    private final LiveProperties properties;
    private final SwitchedDirect direct;
    private final Contracts contracts;
    private final ApiProperties apis;
    private final boolean mqtt;
    private final List<Inflow> inflows;
    /** Whether nothing may act: then only what waits for HTTP calls is started, which also reads the contract. */
    private final boolean trial;

    private final Counter applied;
    private final Counter refusals;
    private final RoutesFolder folder;
    private final Map<String, Failure> refused = new TreeMap<>();
    /** The APIs that are not served because nobody has enabled them. */
    private Set<Api> disabled = Set.of();
    /** Settings of APIs that have no folder. */
    private List<String> unused = List.of();

    private final List<Consumer<Boolean>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Failure>> onMissing = new CopyOnWriteArrayList<>();
    private final List<Retired> retired = new ArrayList<>();
    private volatile BiConsumer<String, Object> operationCheck = (operation, input) -> {};
    private RestConfiguration restDefaults;
    private ErrorHandlerFactory defaultErrorHandler;
    private Map<String, RoutesFolder.Text> seen = Map.of();
    private volatile Map<String, Edition> editions = new TreeMap<>();
    private Instant lastTry = Instant.now();
    private boolean unreadable;
    private volatile List<Failure> failures = List.of();
    private volatile boolean incomplete;

    LiveRoutes(
            CamelContext context,
            LiveProperties properties,
            SwitchedDirect direct,
            Contracts contracts,
            ApiProperties apis,
            MeterRegistry meters,
            Environment environment,
            List<Inflow> inflows) {
        this.inflows = inflows;
        this.mqtt = MqttSwitch.isOn(environment);
        this.trial = Check.isTrial(environment);
        this.context = (ModelCamelContext) context;
        this.properties = properties;
        this.direct = direct;
        this.contracts = contracts;
        this.apis = apis;
        this.folder = new RoutesFolder(properties.folder(), properties.own());
        this.applied = reloads(meters, "applied");
        this.refusals = reloads(meters, "refused");
        Gauge.builder("ovos.routes.failed", this, routes -> routes.failures.size())
                .description("Files of the routes folder that are not live as they are written")
                .register(meters);
    }

    private static Counter reloads(MeterRegistry meters, String outcome) {
        return Counter.builder("ovos.routes.reloads")
                .description("Changes of the routes folder that were taken over or refused")
                .tag("outcome", outcome)
                .register(meters);
    }

    private record Retired(LiveRoute route, Instant since) {}

    /** Told after each change of files whether it was taken over, before the next one is tried. */
    public void onChange(Consumer<Boolean> listener) {
        listeners.add(listener);
    }

    /** Told when a file that is live names what an edit of another one has taken away. */
    public void onMissing(Consumer<Failure> listener) {
        onMissing.add(listener);
    }

    /**
     * Checks what a file gives to a command that an operation is.
     *
     * @param check is given the id of the operation and the input; throws IllegalArgumentException with the reason
     */
    public void checkOperationsBy(BiConsumer<String, Object> check) {
        operationCheck = check;
    }

    /** What is wrong with the files as they are now, in the order of names; empty when all that is written is live. */
    public List<Failure> failures() {
        return failures;
    }

    @Override
    public String subject() {
        return "routes and contract";
    }

    @Override
    public List<String> problems() {
        return Stream.concat(failures.stream().map(Failure::toString), unused.stream())
                .toList();
    }

    /** Whether operations are not served: there is no version of the contract, or none of their routes, that could. */
    boolean isIncomplete() {
        return incomplete;
    }

    @PostConstruct
    void register() throws Exception {
        contracts.register(context);
        context.addStartupListener(this);
    }

    @Override
    public void onCamelContextStarted(CamelContext camelContext, boolean alreadyStarted) {
        // the routes need a Camel that is up
    }

    @Override
    public void onCamelContextFullyStarted(CamelContext camelContext, boolean alreadyStarted) throws IOException {
        restDefaults = context.getRestConfiguration();
        restDefaults.setInlineRoutes(false);
        defaultErrorHandler = context.getCamelContextExtension().getErrorHandlerFactory();
        seen = enabled(folder.read());
        warnOfUnusedSettings();
        take(seen, false);
        if (trial) {
            return;
        }
        var executor = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "live-routes");
        long interval = properties.checkInterval().toMillis();
        executor.scheduleWithFixedDelay(
                new PeriodicTask("Comparing the routes with their files", this::look),
                interval,
                interval,
                TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            if (!context.isStarted()) {
                return;
            }
            removeRetired();
            if (properties.reload()) {
                takeChanges();
            }
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                unreadable = true;
                LOG.warn("The routes folder cannot be read, so all stays as it is: {}", e.toString());
            }
        }
    }

    private void takeChanges() throws IOException {
        var files = folder.readIfChanged().map(this::enabled);
        Set<String> changed = files.isPresent() ? changed(seen, files.get()) : Set.of();
        if (!changed.isEmpty()) {
            seen = files.get();
            take(affected(changed), true);
        } else if (Instant.now().isAfter(lastTry.plusSeconds(RETRY_SECONDS))) {
            // nothing of it serves, so a retry disturbs nobody, and a broker may be back
            Map<String, RoutesFolder.Text> absent = new TreeMap<>(seen);
            absent.keySet().removeIf(file -> !refused.containsKey(file) || editions.containsKey(file));
            take(absent, true);
        }
    }

    /** The files of the APIs that are enabled; says once of any other how to enable it. */
    private Map<String, RoutesFolder.Text> enabled(Map<String, RoutesFolder.Text> files) {
        Map<String, RoutesFolder.Text> enabled = new TreeMap<>();
        Set<Api> others = new HashSet<>();
        files.forEach((file, text) -> {
            Api api = folder.api(file);
            if (apis.isEnabled(api)) {
                enabled.put(file, text);
            } else if (others.add(api) && !disabled.contains(api)) {
                LOG.info(
                        "The API in {} is not served; to serve it, set ovos.apis.{}.enabled to true and start again",
                        properties.folder().resolve(api.name()),
                        api.name());
            }
        });
        disabled = others;
        return enabled;
    }

    private void warnOfUnusedSettings() {
        Set<String> folders = new TreeSet<>();
        seen.keySet().forEach(file -> folders.add(folder.api(file).name()));
        disabled.forEach(api -> folders.add(api.name()));
        folders.remove(Api.OWN.name());
        unused = apis.apis().keySet().stream()
                .filter(name -> folders.stream()
                        .noneMatch(folder -> folder.replace("-", "").equals(name.replace("-", ""))))
                .map(name -> "ovos.apis." + name + " is for an API that is not there: " + properties.folder()
                        + " has no such folder" + Nearest.hint(name, folders))
                .toList();
        unused.forEach(LOG::warn);
    }

    private static Set<String> changed(Map<String, RoutesFolder.Text> before, Map<String, RoutesFolder.Text> after) {
        Set<String> files = new TreeSet<>(before.keySet());
        files.addAll(after.keySet());
        files.removeIf(file -> {
            RoutesFolder.Text a = before.get(file);
            RoutesFolder.Text b = after.get(file);
            return a != null
                    && b != null
                    && Arrays.equals(a.bytes(), b.bytes())
                    && Objects.equals(a.trouble(), b.trouble());
        });
        return files;
    }

    /** The changed files, and those still refused; null is deleted. */
    private Map<String, RoutesFolder.Text> affected(Set<String> changed) {
        Map<String, RoutesFolder.Text> affected = new TreeMap<>();
        changed.forEach(file -> affected.put(file, seen.get(file)));
        refused.keySet().forEach(file -> affected.put(file, seen.get(file)));
        // an edit that was taken back
        affected.entrySet()
                .removeIf(entry -> isLoaded(entry.getKey())
                        && editions.get(entry.getKey()).hasText(entry.getValue())
                        && refused.remove(entry.getKey()) != null);
        return affected;
    }

    /** Takes over as many of these files as possible: all at once, else without those that stand in the way. */
    private void take(Map<String, RoutesFolder.Text> wanted, boolean complete) {
        lastTry = Instant.now();
        Map<String, RoutesFolder.Text> open = new TreeMap<>(wanted);
        boolean progress = true;
        while (progress && !open.isEmpty()) {
            Map<String, RoutesFolder.Text> batch = new TreeMap<>(open);
            progress = false;
            while (!batch.isEmpty() && !progress) {
                try {
                    replace(batch, complete);
                    open.keySet().removeAll(batch.keySet());
                    refused.keySet().removeAll(batch.keySet());
                    applied.increment();
                    progress = true;
                } catch (Refusal e) {
                    String culprit = batch.containsKey(e.file)
                            ? e.file
                            : batch.keySet().iterator().next();
                    batch.remove(culprit);
                    refuse(culprit, e);
                }
            }
        }
        publishFailures();
    }

    private void refuse(String file, Refusal refusal) {
        Throwable cause = refusal.getCause();
        Failure failure = Failure.of(refusal.file, cause);
        if (!file.equals(refusal.file)) {
            failure = Failure.of(file, new IllegalStateException("it would break " + failure));
        }
        if (failure.sameAs(refused.get(file))) {
            return;
        }
        refused.put(file, failure);
        refusals.increment();
        LOG.error("{} ({})", failure, editions.containsKey(file) ? "the version before goes on serving" : "not loaded");
        LOG.debug("{} was refused", file, cause);
    }

    private void publishFailures() {
        List<Failure> all = new ArrayList<>(refused.values());
        Set<String> missing = missing(editions.values());
        for (Edition edition : editions.values()) {
            Set<String> unserved = new TreeSet<>(missing);
            unserved.retainAll(edition.operations());
            if (!unserved.isEmpty()) {
                Failure failure = Failure.of(
                        edition.file(),
                        new IllegalStateException("no route begins with direct:" + String.join(", direct:", unserved)));
                Failure known =
                        failures.stream().filter(failure::sameAs).findFirst().orElse(null);
                if (known == null) {
                    LOG.error("{}", failure);
                }
                all.add(known == null ? failure : known);
            }
        }
        Referring.Names names = names(editions.values());
        for (Edition edition : editions.values()) {
            Failure.Located mistake = refused.containsKey(edition.file()) ? null : missingName(edition, names);
            if (mistake == null && !refused.containsKey(edition.file())) {
                mistake = invalidInput(edition, names);
            }
            if (mistake != null) {
                Failure failure = Failure.of(edition.file(), mistake);
                Failure known =
                        failures.stream().filter(failure::sameAs).findFirst().orElse(null);
                if (known == null) {
                    LOG.error("{}", failure);
                    onMissing.forEach(listener -> listener.accept(failure));
                }
                all.add(known == null ? failure : known);
            }
        }
        failures = List.copyOf(all);
        Failure outage = isLoaded(folder.ownContract()) ? null : refused.get(folder.ownContract());
        contracts.explainOutage(
                outage == null ? null : "openapi.yaml" + (outage.line() > 0 ? ", line " + outage.line() : ""));
        incomplete = outage != null || !missing.isEmpty();
    }

    /** Makes these files live together, or changes nothing. */
    private void replace(Map<String, RoutesFolder.Text> wanted, boolean complete) throws Refusal {
        List<Edition> fresh = new ArrayList<>();
        wanted.forEach((file, text) -> {
            if (text != null) {
                fresh.add(new Edition(context, folder.api(file), file, text, mqtt));
            }
        });
        each(fresh, Edition::read);
        boolean shared = fresh.stream().anyMatch(this::sharesAnew)
                || wanted.keySet().stream()
                        .anyMatch(file -> wanted.get(file) == null
                                && isLoaded(file)
                                && editions.get(file).isShared());
        boolean http = fresh.stream().anyMatch(Edition::isHttp);
        for (Edition edition : editions.values()) {
            // paths that begin later come after the contract's, which would swallow them: so it begins anew, as the
            // last
            if (!wanted.containsKey(edition.file()) && (shared || http && edition.isContract())) {
                Edition again = edition.again();
                each(List.of(again), Edition::read);
                fresh.add(again);
            }
        }
        Map<String, Edition> next = new TreeMap<>(editions);
        next.keySet().removeAll(wanted.keySet());
        fresh.forEach(edition -> next.put(edition.file(), edition));
        Transaction transaction = new Transaction(fresh, next, shared);
        try {
            transaction.prepare();
            check(next, wanted, complete);
            checkNames(next, wanted);
            transaction.start();
            checkInputs(next, wanted);
        } catch (Throwable e) {
            // an error too: callers must not find the doors held
            transaction.rollBack();
            contracts.withdraw();
            notifyListeners(false);
            throw e instanceof Refusal refusal
                    ? refusal
                    : new Refusal(wanted.keySet().iterator().next(), e);
        }
        Map<String, Edition> before = editions;
        editions = next;
        transaction.commit();
        contracts.serve(next.values().stream()
                .map(Edition::contract)
                .filter(Objects::nonNull)
                .toList());
        notifyListeners(true);
        wanted.keySet().forEach(file -> tell(file, before.get(file), next.get(file)));
    }

    /** One that fails changes nothing in what is live, and keeps it from no other. */
    private void notifyListeners(boolean taken) {
        for (Consumer<Boolean> listener : listeners) {
            attempt(() -> listener.accept(taken));
        }
    }

    private boolean isLoaded(String file) {
        return editions.containsKey(file);
    }

    private boolean sharesAnew(Edition edition) {
        Edition before = editions.get(edition.file());
        return before == null ? edition.isShared() : edition.sharesOtherThan(before);
    }

    private interface Step {
        void take(Edition edition) throws Exception;
    }

    private static void each(Collection<Edition> editions, Step step) throws Refusal {
        for (Edition edition : editions) {
            try {
                step.take(edition);
            } catch (Exception | StackOverflowError | LinkageError e) {
                throw new Refusal(edition.file(), e);
            }
        }
    }

    private void check(Map<String, Edition> next, Map<String, RoutesFolder.Text> wanted, boolean complete)
            throws Refusal {
        Map<String, String> owners = new HashMap<>();
        // files that did not change own their names; the ones just edited have to give way
        List<Edition> order = new ArrayList<>(next.values());
        order.sort((a, b) -> Boolean.compare(wanted.containsKey(a.file()), wanted.containsKey(b.file())));
        for (Edition edition : order) {
            if (edition.contract() != null) {
                try {
                    claim(owners, basePath(edition.contract()), edition.file());
                } catch (IllegalArgumentException e) {
                    throw new Refusal(edition.file(), edition.inContract(e));
                }
                for (String command : edition.commands().keySet()) {
                    claim(owners, "the command '" + command + "' of a contract", edition.file());
                }
            }
            for (LiveRoute route : edition.routes()) {
                claim(owners, "route " + route.name(), edition.file());
                if (route.exists() && route.from().startsWith("direct:")) {
                    claim(owners, route.from().replace("://", ":"), edition.file());
                }
            }
        }
        Set<String> lost = missing(next.values());
        lost.removeAll(missing(editions.values()));
        if (complete && !lost.isEmpty()) {
            String operation = lost.iterator().next();
            String file = wanted.keySet().stream()
                    .filter(name -> isLoaded(name)
                            && editions.get(name).routes().stream()
                                    .anyMatch(route ->
                                            route.exists() && route.from().equals("direct://" + operation)))
                    .findFirst()
                    .orElseGet(() -> next.values().stream()
                            .filter(edition -> edition.operations().contains(operation))
                            .findFirst()
                            .orElseThrow()
                            .file());
            throw new Refusal(
                    file,
                    new IllegalArgumentException("the contract has " + String.join(", ", lost)
                            + ", but no route would begin with direct:" + operation));
        }
    }

    private String basePath(Contract contract) {
        Api api = contract.api();
        String address = apis.address(api);
        if (contract.basePath().isEmpty() && !api.isOwn() && address.isEmpty()) {
            throw new IllegalArgumentException("the first of its 'servers' has no path; give it a url such as /"
                    + api.name() + ", or the API a port of its own: ovos.apis." + api.name() + ".port");
        }
        return "the base path " + contract.basePath() + "/"
                + (address.isEmpty() ? "" : " at the address of " + address);
    }

    /** A file that is edited must not name what does not exist; one that is not may lose what it names. */
    private void checkNames(Map<String, Edition> next, Map<String, RoutesFolder.Text> wanted) throws Refusal {
        Referring.Names names = names(next.values());
        for (Edition edition : next.values()) {
            if (wanted.containsKey(edition.file())) {
                Failure.Located missing = missingName(edition, names);
                if (missing != null) {
                    throw new Refusal(edition.file(), missing);
                }
            }
        }
    }

    /** As {@link #checkNames}, once the contract has been read. */
    private void checkInputs(Map<String, Edition> next, Map<String, RoutesFolder.Text> wanted) throws Refusal {
        Referring.Names names = names(next.values());
        for (Edition edition : next.values()) {
            Failure.Located invalid = wanted.containsKey(edition.file()) ? invalidInput(edition, names) : null;
            if (invalid != null) {
                throw new Refusal(edition.file(), invalid);
            }
        }
    }

    private Referring.Names names(Collection<Edition> all) {
        Set<String> operations = new TreeSet<>();
        Map<String, Referring.Receiver> commands = new TreeMap<>();
        Set<String> scopes = new TreeSet<>();
        for (Edition edition : all) {
            operations.addAll(edition.operations());
            scopes.addAll(edition.scopes());
            edition.commands()
                    .forEach((command, operation) ->
                            commands.putIfAbsent(command, input -> operationCheck.accept(operation, input)));
            edition.routes().stream()
                    .filter(route -> route.exists() && route.from().startsWith(COMMAND))
                    .forEach(route -> commands.put(route.from().substring(COMMAND.length()), route.receiver()));
        }
        return new Referring.Names(operations, commands, scopes);
    }

    private static Failure.Located missingName(Edition edition, Referring.Names names) {
        return mistake(edition, route -> route.references().forEach(reference -> reference.check(names)));
    }

    private static Failure.Located invalidInput(Edition edition, Referring.Names names) {
        return mistake(edition, route -> {
            route.references().forEach(reference -> reference.checkInputs(names));
            route.checkConstants(names);
        });
    }

    private static Failure.Located mistake(Edition edition, Consumer<LiveRoute> check) {
        for (LiveRoute route : edition.routes()) {
            try {
                check.accept(route);
            } catch (Referring.Mistake e) {
                return new Failure.Located(
                        edition.line(route, e.word()),
                        new IllegalArgumentException("route " + route.name() + ": " + e.getMessage(), e));
            }
        }
        return null;
    }

    private static void claim(Map<String, String> owners, String name, String file) throws Refusal {
        String owner = owners.putIfAbsent(name, file);
        if (owner != null) {
            throw new Refusal(
                    file,
                    new IllegalArgumentException(
                            name + " is already in " + (owner.equals(file) ? "this file" : owner)));
        }
    }

    /** Operations of the contract that no route serves, be it from a file or from Java. */
    private Set<String> missing(Collection<Edition> all) {
        Set<String> missing = new TreeSet<>();
        all.forEach(edition -> missing.addAll(edition.operations()));
        if (!missing.isEmpty()) {
            Set<String> owned = new HashSet<>();
            editions.values().forEach(edition -> edition.routes().forEach(route -> owned.add(route.id())));
            for (Route route : context.getRoutes()) {
                if (!owned.contains(route.getRouteId())) {
                    missing.remove(operation(route.getEndpoint().getEndpointBaseUri()));
                }
            }
            all.forEach(edition -> edition.routes().stream()
                    .filter(LiveRoute::exists)
                    .forEach(route -> missing.remove(operation(route.from()))));
        }
        return missing;
    }

    private static String operation(String from) {
        return from.replaceFirst("^direct://", "");
    }

    private static void tell(String file, Edition before, Edition after) {
        Map<String, Object> was = contents(before);
        Map<String, Object> is = contents(after);
        long stayed = is.keySet().stream().filter(was::containsKey).count();
        long changed = is.keySet().stream()
                .filter(name -> was.containsKey(name) && !was.get(name).equals(is.get(name)))
                .count();
        LOG.info(
                "{}: {} live ({} added, {} changed, {} removed)",
                file,
                is.size() + (RoutesFolder.isContract(file) ? " operation" : " route") + (is.size() == 1 ? "" : "s"),
                is.size() - stayed,
                changed,
                was.size() - stayed);
    }

    private static Map<String, Object> contents(Edition edition) {
        Map<String, Object> contents = new HashMap<>();
        if (edition != null && edition.contract() != null) {
            return edition.contract().operations();
        }
        if (edition != null) {
            edition.routes().forEach(route -> contents.put(route.name(), route.content()));
        }
        return contents;
    }

    /** Stops the replaced routes that have become quiet, or have had their time. */
    private void removeRetired() {
        Instant now = Instant.now();
        for (Iterator<Retired> all = retired.iterator(); all.hasNext(); ) {
            Retired old = all.next();
            boolean quiet = old.route.underWay() == 0 && now.isAfter(old.since.plusSeconds(GRACE_SECONDS));
            if (quiet || now.isAfter(old.since.plus(properties.drain()))) {
                all.remove();
                old.route.remove();
            }
        }
    }

    /** The way from the loaded editions to the next ones, and back. */
    private final class Transaction {

        private final List<Edition> fresh;
        private final boolean shared;
        private final List<LiveRoute> outgoing = new ArrayList<>();
        private final List<LiveRoute> incoming = new ArrayList<>();
        private final Definitions definitions = new Definitions(context);
        private boolean held;
        private final List<LiveRoute> paused = new ArrayList<>();

        Transaction(List<Edition> fresh, Map<String, Edition> next, boolean shared) {
            this.fresh = fresh;
            this.shared = shared;
            fresh.sort((a, b) -> Boolean.compare(a.isContract(), b.isContract()));
            editions.forEach((file, edition) -> {
                if (next.get(file) != edition) {
                    outgoing.addAll(edition.routes());
                }
            });
        }

        void prepare() throws Refusal {
            if (shared) {
                RestConfiguration rest = new RestConfiguration();
                BeanUtils.copyProperties(restDefaults, rest);
                definitions.replaceBy(rest, defaultErrorHandler);
            }
            each(fresh, Edition::declare);
            if (shared) {
                definitions.dropStaleBeans();
            }
            each(fresh, edition -> edition.define(shared));
            hideOutgoing(false);
            try {
                each(fresh, edition -> {
                    if (edition.isContract()) {
                        contracts.offer(edition.contract());
                    }
                    edition.create(editions.get(edition.file()), shared);
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

        void start() throws Refusal {
            hideOutgoing(true);
            direct.hold();
            start(LiveRoute::runsBesideItsSuccessor);
            start(route -> !route.runsBesideItsSuccessor() && !route.startsAtOnce());
            pause(route -> !route.startsAtOnce());
            // ours change hands without losing a message, or handling one twice
            held = true;
            inflows.forEach(Inflow::hold);
            pause(route -> true);
            start(LiveRoute::startsAtOnce);
        }

        private void letIn() {
            if (held) {
                held = false;
                inflows.forEach(inflow -> attempt(inflow::release));
            }
        }

        /** One that takes its time to start keeps only the one from hearing whose place it takes. */
        private void start(Predicate<LiveRoute> which) throws Refusal {
            each(fresh, edition -> {
                for (LiveRoute route : edition.routes()) {
                    if (incoming.contains(route) && which.test(route) && (!trial || route.isHttp())) {
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
                direct.release();
                letIn();
            }
        }

        void commit() {
            try {
                letIn();
                if (incoming.stream().anyMatch(LiveRoute::isHttp)) {
                    // a request that came before the new doors were made sees only the old ones: let it pass first
                    LockSupport.parkNanos(SETTLE_NANOS);
                }
                incoming.forEach(route -> attempt(route::open));
                attempt(() -> LiveRoute.shut(outgoing));
                direct.retire(outgoing.stream()
                        .filter(LiveRoute::exists)
                        .map(LiveRoute::consumer)
                        .toList());
            } finally {
                direct.release();
                Instant now = Instant.now();
                outgoing.forEach(route -> retired.add(new Retired(route, now)));
            }
        }
    }

    /** What fails here must not keep the rest from being done. */
    private static void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            LOG.error("A step of a change of routes failed", e);
        }
    }

    /** A file stands in the way of its transaction. */
    private static final class Refusal extends Exception {

        private final String file;

        Refusal(String file, Throwable cause) {
            super(cause);
            this.file = file;
        }
    }
}
