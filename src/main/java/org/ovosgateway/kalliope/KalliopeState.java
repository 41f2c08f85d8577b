// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.ovosgateway.Json;
import org.ovosgateway.StateDirectory;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What callers have set, and what outlives a restart: synapses, and settings by their names. It is written to disk first. */
@Component("kalliope-state")
final class KalliopeState {

    private static final Logger LOG = LoggerFactory.getLogger(KalliopeState.class);
    private static final String FILE = "kalliope.json";
    private static final int MOST_BYTES = 512 << 10;
    private static final String SYNAPSES = "synapses";
    private static final String SETTINGS = "settings";

    private final StateDirectory state;
    private boolean readable = true;
    private volatile Content content;

    /** @param settings values of JSON */
    record Content(List<Synapse> synapses, Map<String, Object> settings) {

        Content with(List<Synapse> others) {
            return new Content(List.copyOf(others), settings);
        }

        Content with(String setting, Object value) {
            Map<String, Object> more = new LinkedHashMap<>(settings);
            more.put(setting, value);
            return new Content(synapses, more);
        }
    }

    KalliopeState(StateDirectory state) {
        this.state = state;
        this.content = read();
    }

    Content content() {
        return content;
    }

    /** A setting that is an object; empty where nobody has set it. */
    Map<String, Object> map(String setting) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (content.settings().get(setting) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> members.put(String.valueOf(name), value));
        }
        return members;
    }

    boolean isTrue(String setting) {
        return Boolean.TRUE.equals(content.settings().get(setting));
    }

    /**
     * Changes it, on the disk first. Blocks.
     *
     * @throws ProblemException 503 when it cannot be kept, 413 when it is too much; then nothing has changed
     */
    synchronized void change(UnaryOperator<Content> change) {
        Content next = change.apply(content);
        Map<String, Object> file = new LinkedHashMap<>();
        file.put(SYNAPSES, next.synapses().stream().map(Synapse::written).toList());
        file.put(SETTINGS, next.settings());
        byte[] bytes = Json.write(file).getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MOST_BYTES || next.synapses().size() > SynapseReader.MOST) {
            throw new ProblemException(new Problem(
                    "too-much-kept",
                    "Too much is kept",
                    413,
                    "There may be %d synapses that are kept, and %d bytes of them, hooks and variables. Delete some."
                            .formatted(SynapseReader.MOST, MOST_BYTES)));
        }
        try {
            if (!readable) {
                throw new IOException("it could not be read");
            }
            state.write(FILE, bytes);
        } catch (IOException e) {
            LOG.debug("Not kept", e);
            throw new ProblemException(new Problem(
                            "state-unavailable",
                            "State not kept",
                            503,
                            "The gateway cannot read or write what it keeps for Kalliope, so nothing has changed. The reason is in"
                                    + " its log and health.")
                    .header("Retry-After", "10"));
        }
        content = next;
    }

    private Content read() {
        Path file = state.file(FILE);
        if (Files.exists(file)) {
            try {
                Map<String, Object> kept = Json.map(Json.STRICT.readTree(Files.readAllBytes(file)));
                return new Content(
                        new SynapseReader(false).readAll(kept.get(SYNAPSES)),
                        kept.get(SETTINGS) instanceof Map<?, ?> settings ? Json.map(settings) : Map.of());
            } catch (IOException | IllegalArgumentException e) {
                readable = false;
                state.unreadable(FILE, new IOException(e.getMessage(), e));
            }
        }
        return new Content(List.of(), Map.of());
    }
}
