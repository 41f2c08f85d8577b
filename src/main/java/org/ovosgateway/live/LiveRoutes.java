// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jakarta.annotation.PostConstruct;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.ExtendedStartupListener;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.RestConfiguration;
import org.ovosgateway.Check;
import org.ovosgateway.Inflow;
import org.ovosgateway.Inspected;
import org.ovosgateway.PeriodicTask;
import org.ovosgateway.api.ApiProperties;
import org.ovosgateway.api.Contracts;
import org.ovosgateway.mqtt.MqttSwitch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Keeps Camel's routes as the files of the routes folder say: a change is taken over as a whole, or not at all. */
@Component
public class LiveRoutes implements ExtendedStartupListener, Inspected {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRoutes.class);
    private static final long RETRY_SECONDS = 30;

    private final ModelCamelContext context;
    private final LiveProperties properties;
    private final SwitchedDirect direct;
    private final Contracts contracts;
    private final boolean mqtt;
    private final List<Inflow> inflows;
    /** Whether nothing may act: then only what waits for HTTP calls is started, which also reads the contract. */
    private final boolean trial;

    private final Counter applied;
    private final Counter refusals;
    private final RoutesFolder folder;
    private final EnabledApis enabled;
    private final Rules rules;
    private final Map<String, Failure> refused = new TreeMap<>();

    private final List<Consumer<Boolean>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Failure>> onMissing = new CopyOnWriteArrayList<>();
    private final RetiredRoutes retired;
    private Transaction.Surroundings surroundings;
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
        this.folder = new RoutesFolder(properties.folder(), properties.own());
        this.enabled = new EnabledApis(folder, properties, apis);
        this.retired = new RetiredRoutes(properties.drain());
        this.rules = new Rules(context, apis);
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
        rules.checkOperationsBy(check);
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
        return Stream.concat(failures.stream().map(Failure::toString), enabled.problems())
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
        RestConfiguration rest = context.getRestConfiguration();
        rest.setInlineRoutes(false);
        surroundings = new Transaction.Surroundings(
                context,
                direct,
                contracts,
                inflows,
                rest,
                context.getCamelContextExtension().getErrorHandlerFactory(),
                trial);
        seen = enabled.files(folder.read());
        enabled.warnOfUnusedSettings(seen.keySet());
        enabled.warnOfMisnamed();
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
            retired.removeQuiet();
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
        var files = folder.readIfChanged().map(enabled::files);
        enabled.warnOfMisnamed();
        Set<String> changed = files.isPresent() ? changed(seen, files.get()) : Set.of();
        if (!changed.isEmpty()) {
            seen = files.get();
            take(affected(changed), true);
        } else if (Instant.now().isAfter(lastTry.plusSeconds(RETRY_SECONDS))) {
            // nothing of it serves, so a retry disturbs nobody, and a broker may be back
            var all = enabled.files(folder.without(Set.of()));
            Set<String> again = changed(seen, all);
            again.removeIf(file -> RoutesFolder.isContract(file) && isLoaded(file));
            again.forEach(file -> seen.put(file, all.get(file)));
            all.keySet().stream()
                    .filter(file -> refused.containsKey(file) && !isLoaded(file))
                    .forEach(again::add);
            Map<String, RoutesFolder.Text> absent = new TreeMap<>(seen);
            absent.keySet().retainAll(again);
            take(absent, true);
        }
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
        refused.keySet().stream()
                .filter(file -> seen.containsKey(file) || isLoaded(file))
                .forEach(file -> affected.put(file, seen.get(file)));
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
        Set<String> refusedOwn = new HashSet<>();
        boolean progress = true;
        while (progress && !open.isEmpty()) {
            Map<String, RoutesFolder.Text> batch = new TreeMap<>(open);
            progress = false;
            while (!batch.isEmpty() && !progress) {
                try {
                    replace(batch, complete);
                    batch.keySet().forEach(folder::accepted);
                    batch.keySet().stream()
                            .map(folder::additionTo)
                            .filter(own -> own != null && !refusedOwn.contains(own))
                            .forEach(refused::remove);
                    open.keySet().removeAll(batch.keySet());
                    refused.keySet().removeAll(batch.keySet());
                    applied.increment();
                    progress = true;
                } catch (RefusedFileException e) {
                    String culprit = batch.containsKey(e.file())
                            ? e.file()
                            : batch.keySet().iterator().next();
                    batch.remove(culprit);
                    refuse(culprit, e);
                    String own = own(culprit);
                    if (own != null && refusedOwn.add(own)) {
                        if (!own.equals(culprit)) {
                            // its lines are not those of either file
                            refused.put(
                                    own,
                                    new Failure(own, 0, refused.get(culprit).reason(), Instant.now()));
                        }
                        giveBack(enabled.files(folder.without(refusedOwn)), open, batch);
                    }
                }
            }
        }
        publishFailures();
    }

    /** The own file without which a refused one could serve; null for none, and where a version before it serves. */
    private String own(String refused) {
        String addition = isLoaded(refused) ? null : folder.additionTo(refused);
        return folder.isOwnRoutes(refused) ? refused : addition;
    }

    /** What a refused file was to replace serves on, or instead of it. */
    private void giveBack(
            Map<String, RoutesFolder.Text> meant,
            Map<String, RoutesFolder.Text> open,
            Map<String, RoutesFolder.Text> batch) {
        for (String file : changed(seen, meant)) {
            RoutesFolder.Text text = meant.get(file);
            boolean serves = isLoaded(file) && editions.get(file).hasText(text);
            if (serves) {
                open.remove(file);
                batch.remove(file);
                refused.remove(file);
            } else {
                open.put(file, text);
                batch.replace(file, text);
            }
        }
        seen = meant;
    }

    private void refuse(String file, RefusedFileException refusal) {
        Throwable cause = refusal.getCause();
        Failure failure = Failure.of(refusal.file(), cause);
        if (!file.equals(refusal.file())) {
            failure = Failure.of(file, new IllegalStateException("it would break " + failure));
        }
        String addition = isLoaded(file) ? folder.additionTo(file) : null;
        Failure known = addition == null ? null : refused.get(addition);
        boolean isOfAddition = known != null && known.reason().equals(failure.reason());
        if (isOfAddition || failure.sameAs(refused.get(file))) {
            return;
        }
        refused.put(file, failure);
        refusals.increment();
        LOG.error("{} ({})", failure, editions.containsKey(file) ? "the version before goes on serving" : "not loaded");
        LOG.debug("{} was refused", file, cause);
    }

    private void publishFailures() {
        List<Failure> all = new ArrayList<>(refused.values());
        Set<String> missing = rules.missing(editions, editions);
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
        for (Edition edition : editions.values()) {
            Failure.Located mistake =
                    refused.containsKey(edition.file()) ? null : rules.mistake(edition, editions.values());
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
    private void replace(Map<String, RoutesFolder.Text> wanted, boolean complete) throws RefusedFileException {
        List<Edition> fresh = new ArrayList<>();
        wanted.forEach((file, text) -> {
            if (text != null) {
                fresh.add(new Edition(context, folder.api(file), file, text, mqtt));
            }
        });
        RefusedFileException.ifFails(fresh, Edition::read);
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
                RefusedFileException.ifFails(List.of(again), Edition::read);
                fresh.add(again);
            }
        }
        Map<String, Edition> next = new TreeMap<>(editions);
        next.keySet().removeAll(wanted.keySet());
        fresh.forEach(edition -> next.put(edition.file(), edition));
        Transaction transaction = new Transaction(surroundings, editions, fresh, next, shared);
        try {
            transaction.prepare();
            rules.check(editions, next, wanted.keySet(), complete);
            rules.checkNames(next, wanted.keySet());
            transaction.start();
            rules.checkInputs(next, wanted.keySet());
        } catch (Throwable e) {
            // an error too: callers must not find the doors held
            transaction.rollBack();
            notifyListeners(false);
            throw e instanceof RefusedFileException refusal
                    ? refusal
                    : new RefusedFileException(wanted.keySet().iterator().next(), e);
        }
        Map<String, Edition> before = editions;
        editions = next;
        retired.add(transaction.commit());
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
            Transaction.attempt(() -> listener.accept(taken));
        }
    }

    private boolean isLoaded(String file) {
        return editions.containsKey(file);
    }

    private boolean sharesAnew(Edition edition) {
        Edition before = editions.get(edition.file());
        return before == null ? edition.isShared() : edition.sharesOtherThan(before);
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
}
