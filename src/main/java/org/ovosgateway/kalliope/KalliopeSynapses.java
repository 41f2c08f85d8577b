// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.camel.Exchange;
import org.ovosgateway.answer.Masks;
import org.ovosgateway.auth.Caller;
import org.springframework.stereotype.Component;

/** Synapses as callers see and change them; routes call it as the bean {@code kalliopeSynapses}. */
@Component("kalliopeSynapses")
public class KalliopeSynapses {

    private static final String NAME = "name";
    private static final String SYNAPSES = "synapses";
    private static final SynapseReader READER = new SynapseReader(false);

    private final Synapses synapses;
    private final Masks masks;

    KalliopeSynapses(Synapses synapses, Masks masks) {
        this.synapses = synapses;
        this.masks = masks;
    }

    /** Whether the skills of the assistant are shown to the caller. */
    public boolean showsSkills(Exchange exchange) {
        return Caller.of(exchange).may("skills:read");
    }

    /** All synapses; the body is what there is of skills. */
    public Map<String, Object> list(Exchange exchange) {
        List<Object> all = new ArrayList<>();
        synapses.all().forEach(synapse -> all.add(masks.mask(synapse.shown())));
        skills(exchange).forEach((id, active) -> all.add(skill(id, active)));
        return Map.of(SYNAPSES, all);
    }

    /** One synapse, or skill. */
    public void get(Exchange exchange) {
        String name = name(exchange);
        Optional<Synapses.Found> found = synapses.find(name);
        Boolean active = skills(exchange).get(name);
        if (found.isPresent()) {
            exchange.getMessage()
                    .setBody(Map.of(SYNAPSES, masks.mask(found.get().synapse().shown())));
        } else if (active != null) {
            exchange.getMessage().setBody(Map.of(SYNAPSES, skill(name, active)));
        } else {
            KalliopeBody.refuse(exchange, 404, Kalliope.notFound(name));
        }
    }

    /** Saves the synapse in the body. Blocks. */
    public void create(Exchange exchange) {
        Map<String, Object> body = KalliopeBody.json(exchange);
        if (body.get(NAME) == null) {
            KalliopeBody.refuse(
                    exchange, "Wrong parameters, 'name' not set: send a synapse with Content-Type: application/json");
            return;
        }
        try {
            Synapse synapse = READER.read(body);
            Path file = synapses.find(synapse.name()).map(Synapses.Found::file).orElse(null);
            if (file != null) {
                throw new IllegalArgumentException(
                        "synapse '%s' is in synapses.yaml; change it there, or take another name"
                                .formatted(synapse.name()));
            }
            synapses.keep(synapse);
            exchange.getMessage().setBody(synapse.shown());
        } catch (IllegalArgumentException e) {
            KalliopeBody.refuse(exchange, 400, Map.of("error", e.getMessage()));
        }
    }

    /** Deletes a synapse. Blocks. */
    public void delete(Exchange exchange) {
        String name = name(exchange);
        Optional<Synapses.Found> found = synapses.find(name);
        if (found.isEmpty()) {
            KalliopeBody.refuse(exchange, 404, Kalliope.notFound(name));
        } else if (found.get().file() != null) {
            KalliopeBody.refuse(exchange, "synapse '%s' is in synapses.yaml; take it out there".formatted(name));
        } else {
            synapses.forget(name);
            exchange.getMessage().setBody(null);
        }
    }

    /** The neurons that synapses can have. */
    public Map<String, Object> neurons() {
        return Map.of("core", List.copyOf(SynapseReader.NEURONS), "community", List.of());
    }

    private static String name(Exchange exchange) {
        return exchange.getMessage().getHeader(NAME, String.class);
    }

    /** Whether each is active; none where the caller does not see them, or the assistant does not tell. */
    private static Map<String, Boolean> skills(Exchange exchange) {
        Map<String, Boolean> skills = new LinkedHashMap<>();
        if (exchange.getMessage().getBody() instanceof Map<?, ?> body && body.get("results") instanceof Map<?, ?> all) {
            all.forEach((id, skill) -> skills.put(
                    String.valueOf(id), skill instanceof Map<?, ?> state && Boolean.TRUE.equals(state.get("active"))));
        }
        return skills;
    }

    /** OVOS does not tell by which words a skill can be started. */
    private static Map<String, Object> skill(String id, boolean active) {
        return new Synapse(id, active, List.of(), List.of()).shown();
    }
}
