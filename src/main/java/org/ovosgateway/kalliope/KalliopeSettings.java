// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Exchange;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.stereotype.Component;

/** Kalliope's settings, as far as the assistant has such; routes call it as the bean {@code kalliopeSettings}. */
@Component("kalliopeSettings")
public class KalliopeSettings {

    private static final String ERROR = "error";
    private static final String ON = "on";

    /** Kept and told, for clients that have a page for them. OVOS listens in its own way. */
    private static final Map<String, Object> RECOGNIZER = recognizer();

    private static final Set<String> HOOKS = Set.of(
            "on_start",
            "on_waiting_for_trigger",
            "on_triggered",
            "on_start_listening",
            "on_stop_listening",
            "on_order_found",
            "on_order_not_found",
            "on_processed_synapses",
            "on_deaf",
            "on_undeaf",
            "on_mute",
            "on_unmute",
            "on_start_speaking",
            "on_stop_speaking",
            "on_stt_error");

    private static final int MOST_OF_HOOK = 10;
    private static final int MOST_VARIABLES = 200;

    private final KalliopeState state;

    KalliopeSettings(KalliopeState state) {
        this.state = state;
    }

    private static Map<String, Object> recognizer() {
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put("recognizer_multiplier", 1.0);
        defaults.put("recognizer_energy_ratio", 1.5);
        defaults.put("recognizer_recording_timeout", 15.0);
        defaults.put("recognizer_recording_timeout_with_silence", 3.0);
        return defaults;
    }

    /** All settings; the body has {@code muted} of the microphone, or is nothing. */
    public Map<String, Object> all(Exchange exchange) {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("name", "Options");
        RECOGNIZER.forEach(
                (name, value) -> options.put(name, state.content().settings().getOrDefault(name, value)));
        options.put("deaf", exchange.getMessage().getBody() instanceof Map<?, ?> body ? body.get("muted") : null);
        options.put(Kalliope.MUTE, state.isTrue(Kalliope.MUTE));
        Map<String, Object> settings = new LinkedHashMap<>();
        List.of("default_tts_name", "default_stt_name", "default_trigger_name", "default_player_name")
                .forEach(name -> settings.put(name, null));
        List.of("ttss", "stts", "triggers", "players").forEach(name -> settings.put(name, List.of()));
        // passwords and keys are nobody's business
        List.of("rest_api", "resources").forEach(name -> settings.put(name, Map.of()));
        settings.put("cache_path", null);
        settings.put(Kalliope.VARIABLES, state.map(Kalliope.VARIABLES));
        settings.put("machine", null);
        settings.put("kalliope_version", Kalliope.ownVersion());
        settings.put("options", options);
        settings.put(Kalliope.HOOKS, state.map(Kalliope.HOOKS));
        settings.put("send_anonymous_usage_stats", false);
        return Map.of("settings", settings);
    }

    /** One setting. */
    public void get(Exchange exchange) {
        String name = name(exchange);
        Object value;
        if (name.equals(Kalliope.MUTE)) {
            value = state.isTrue(name);
        } else if (isMap(name)) {
            value = state.map(name);
        } else if (RECOGNIZER.containsKey(name)) {
            value = state.content().settings().getOrDefault(name, RECOGNIZER.get(name));
        } else {
            refuseOther(exchange, name);
            return;
        }
        exchange.getMessage().setBody(Map.of(name, value));
    }

    /** Changes one setting. Blocks. */
    public void set(Exchange exchange) {
        String name = name(exchange);
        Map<String, Object> body = KalliopeBody.json(exchange);
        Object given = body.get(name);
        if (isMap(name)) {
            merge(exchange, name, body);
            return;
        } else if (!name.equals(Kalliope.MUTE) && !RECOGNIZER.containsKey(name)) {
            refuseOther(exchange, name);
            return;
        } else if (given == null) {
            KalliopeBody.refuse(exchange, wrong(name));
            return;
        } else if (name.equals(Kalliope.MUTE)) {
            boolean mute = KalliopeBody.isTrue(given);
            state.change(now -> now.with(name, mute));
        } else if (given instanceof Number) {
            state.change(now -> now.with(name, given));
        } else {
            KalliopeBody.refuse(exchange, "Wrong parameters, '%s' must be a number".formatted(name));
            return;
        }
        get(exchange);
    }

    private void merge(Exchange exchange, String name, Map<String, Object> body) {
        if (body.isEmpty()) {
            KalliopeBody.refuse(exchange, "No Parameters provided: send an object with Content-Type: application/json");
            return;
        }
        boolean hooks = name.equals(Kalliope.HOOKS);
        for (Map.Entry<String, Object> entry : body.entrySet()) {
            if (hooks && !HOOKS.contains(entry.getKey())) {
                KalliopeBody.refuse(exchange, "There is no hook '%s'".formatted(entry.getKey()));
                return;
            }
            if (hooks && !isNames(entry.getValue())) {
                KalliopeBody.refuse(
                        exchange, "A hook is the name of a synapse, or a list of at most %d".formatted(MOST_OF_HOOK));
                return;
            }
            if (!entry.getKey().matches("\\w{1,64}")) {
                KalliopeBody.refuse(exchange, "A variable has a name of letters, digits and _");
                return;
            }
        }
        state.change(now -> {
            Map<String, Object> all = new LinkedHashMap<>(state.map(name));
            all.putAll(body);
            if (all.size() > MOST_VARIABLES) {
                throw new ProblemException(new Problem(
                        "too-much-kept",
                        "Too much is kept",
                        413,
                        "There may be %d variables.".formatted(MOST_VARIABLES)));
            }
            return now.with(name, all);
        });
        get(exchange);
    }

    private static boolean isNames(Object hook) {
        if (hook instanceof List<?> names) {
            return names.size() <= MOST_OF_HOOK && names.stream().allMatch(SynapseReader::isName);
        }
        return hook == null || SynapseReader.isName(hook);
    }

    /**
     * Whether the microphone is to be muted, for the route that does it; the setting is called {@code mute} until Kalliope
     * 0.5.0, later {@code deaf}.
     */
    public void trigger(Exchange exchange) {
        String key = exchange.getProperty("key", String.class);
        Map<String, Object> body = KalliopeBody.json(exchange);
        if (body.get(key) == null) {
            KalliopeBody.refuse(exchange, wrong(key));
            return;
        }
        exchange.setProperty(ON, KalliopeBody.isTrue(body.get(key)));
        exchange.getMessage().setBody(null);
    }

    /** Whether the microphone is muted, by the name of the setting. */
    public Map<String, Object> triggerState(Exchange exchange) {
        Boolean on = exchange.getProperty(ON, Boolean.class);
        if (on == null) {
            on = exchange.getMessage().getBody() instanceof Map<?, ?> body && Boolean.TRUE.equals(body.get("muted"));
        }
        return Map.of(exchange.getProperty("key", String.class), on);
    }

    private static void refuseOther(Exchange exchange, String name) {
        if (name.matches("default_(tts|stt|player|trigger)")) {
            KalliopeBody.refuse(
                    exchange,
                    400,
                    Map.of(
                            ERROR,
                            Map.of(
                                    ERROR,
                                    name
                                            + " is a matter of the configuration of OVOS, and is neither told nor changed here")));
        } else {
            KalliopeBody.refuse(exchange, 404, Map.of(ERROR, Map.of("Error", "There is no such setting")));
        }
    }

    private static String wrong(String name) {
        return "Wrong parameters, '%s' not set: send {\"%s\": …} with Content-Type: application/json"
                .formatted(name, name);
    }

    private static boolean isMap(String name) {
        return name.equals(Kalliope.VARIABLES) || name.equals(Kalliope.HOOKS);
    }

    private static String name(Exchange exchange) {
        return exchange.getMessage().getHeader("name", String.class);
    }
}
