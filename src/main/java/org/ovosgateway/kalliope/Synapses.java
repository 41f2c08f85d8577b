// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.ovosgateway.PeriodicTask;
import org.ovosgateway.WatchedFile;
import org.ovosgateway.api.Api;
import org.ovosgateway.api.ApiProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All synapses: those of the owner, in {@code synapses.yaml} of the routes and of one's own routes, and those that callers have
 * made. A file that is refused leaves its last version in force.
 */
@Component("kalliope-synapses")
final class Synapses implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Synapses.class);
    private static final Api API = new Api("kalliope");
    private static final String NAME = "synapses.yaml";
    private static final int LARGEST_FILE = 1 << 20;
    private static final SynapseReader READER = new SynapseReader(true);

    private final KalliopeState state;
    private final boolean enabled;
    private final boolean reload;
    private final Duration checkInterval;
    private final List<WatchedFile> files;

    /** By file, in the order of the files. */
    private volatile Map<WatchedFile, List<Synapse>> byFile = Map.of();

    private ScheduledExecutorService thread;

    Synapses(
            KalliopeState state,
            ApiProperties apis,
            @Value("${ovos.routes.folder:routes}") Path folder,
            @Value("${ovos.routes.own:routes.d}") Path own,
            @Value("${ovos.routes.reload:true}") boolean reload,
            @Value("${ovos.routes.check-interval:250ms}") Duration checkInterval) {
        this.state = state;
        this.enabled = apis.isEnabled(API);
        this.reload = reload;
        this.checkInterval = checkInterval;
        // one's own before those that are shipped
        this.files = List.of(
                new WatchedFile(own.resolve(API.name()).resolve(NAME), LARGEST_FILE),
                new WatchedFile(folder.resolve(API.name()).resolve(NAME), LARGEST_FILE));
    }

    /** A synapse with the file it is in; null for one that a caller has made. */
    record Found(Synapse synapse, Path file) {}

    /** All of them; of the same name the one that counts. */
    List<Synapse> all() {
        return List.copyOf(byName().values().stream().map(Found::synapse).toList());
    }

    Optional<Found> find(String name) {
        return Optional.ofNullable(byName().get(name));
    }

    private Map<String, Found> byName() {
        Map<String, Found> byName = new LinkedHashMap<>();
        byFile.forEach((file, synapses) ->
                synapses.forEach(one -> byName.putIfAbsent(one.name(), new Found(one, file.path()))));
        state.content().synapses().forEach(one -> byName.putIfAbsent(one.name(), new Found(one, null)));
        return byName;
    }

    /** Saves a synapse, in the place of one of the same name. Blocks. */
    void keep(Synapse synapse) {
        state.change(now -> {
            List<Synapse> next = new ArrayList<>(now.synapses());
            next.removeIf(one -> one.name().equals(synapse.name()));
            next.add(synapse);
            return now.with(next);
        });
    }

    /** Deletes a synapse. Blocks. */
    void forget(String name) {
        state.change(now -> now.with(
                now.synapses().stream().filter(one -> !one.name().equals(name)).toList()));
    }

    private void look() {
        Map<WatchedFile, List<Synapse>> next = new LinkedHashMap<>();
        boolean changed = false;
        for (WatchedFile file : files) {
            List<Synapse> before = byFile.getOrDefault(file, List.of());
            Optional<List<Synapse>> read = file.look().flatMap(found -> read(file, found));
            changed |= read.isPresent();
            next.put(file, read.orElse(before));
        }
        if (changed) {
            byFile = next;
        }
    }

    /** Empty when the file is refused. */
    private static Optional<List<Synapse>> read(WatchedFile file, WatchedFile.Finding found) {
        if (found.missing()) {
            return Optional.of(List.of());
        }
        try {
            if (found.trouble() != null) {
                throw new IllegalArgumentException("it cannot be read: " + found.trouble());
            }
            List<Synapse> read = READER.readFile(new String(found.content(), StandardCharsets.UTF_8));
            LOG.info("{}: {} synapses live", file.path(), read.size());
            return Optional.of(read);
        } catch (IllegalArgumentException e) {
            LOG.error("{} is refused, so the synapses before it stay: {}", file.path(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void start() {
        if (!enabled) {
            return;
        }
        look();
        if (reload) {
            thread = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread made = new Thread(task, "synapses");
                made.setDaemon(true);
                return made;
            });
            thread.scheduleWithFixedDelay(
                    new PeriodicTask("Reading the synapses", this::look),
                    checkInterval.toMillis(),
                    checkInterval.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void stop() {
        if (thread != null) {
            thread.shutdownNow();
            thread = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
