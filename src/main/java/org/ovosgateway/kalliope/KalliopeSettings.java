// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Exchange;
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

    private final Kept kept;

    KalliopeSettings(Kept kept) {
        this.kept = kept;
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
                (name, value) -> options.put(name, kept.content().settings().getOrDefault(name, value)));
        options.put("deaf", exchange.getMessage().getBody() instanceof Map<?, ?> body ? body.get("muted") : null);
        options.put(Kalliope.MUTE, kept.isTrue(Kalliope.MUTE));
        Map<String, Object> settings = new LinkedHashMap<>();
        List.of("default_tts_name", "default_stt_name", "default_trigger_name", "default_player_name")
                .forEach(name -> settings.put(name, null));
        List.of("ttss", "stts", "triggers", "players").forEach(name -> settings.put(name, List.of()));
        // passwords and keys are nobody's business
        List.of("rest_api", "resources").forEach(name -> settings.put(name, Map.of()));
        settings.put("cache_path", null);
        settings.put(Kalliope.VARIABLES, kept.map(Kalliope.VARIABLES));
        settings.put("machine", null);
        settings.put("kalliope_version", Kalliope.ownVersion());
        settings.put("options", options);
        settings.put(Kalliope.HOOKS, kept.map(Kalliope.HOOKS));
        settings.put("send_anonymous_usage_stats", false);
        return Map.of("settings", settings);
    }

    /** One setting. */
    public void get(Exchange exchange) {
        String name = name(exchange);
        Object value;
        if (name.equals(Kalliope.MUTE)) {
            value = kept.isTrue(name);
        } else if (isMap(name)) {
            value = kept.map(name);
        } else if (RECOGNIZER.containsKey(name)) {
            value = kept.content().settings().getOrDefault(name, RECOGNIZER.get(name));
        } else {
            refuseOther(exchange, name);
            return;
        }
        exchange.getMessage().setBody(Map.of(name, value));
    }

    /** Changes one setting. Blocks. */
    public void set(Exchange exchange) {
        String name = name(exchange);
        Map<String, Object> body = Body.json(exchange);
        Object given = body.get(name);
        if (isMap(name)) {
            merge(exchange, name, body);
            return;
        } else if (!name.equals(Kalliope.MUTE) && !RECOGNIZER.containsKey(name)) {
            refuseOther(exchange, name);
            return;
        } else if (given == null) {
            Body.refuse(exchange, wrong(name));
            return;
        } else if (name.equals(Kalliope.MUTE)) {
            boolean mute = Body.isTrue(given);
            kept.change(now -> now.with(name, mute));
        } else if (given instanceof Number) {
            kept.change(now -> now.with(name, given));
        } else {
            Body.refuse(exchange, "Wrong parameters, '%s' must be a number".formatted(name));
            return;
        }
        get(exchange);
    }

    private void merge(Exchange exchange, String name, Map<String, Object> body) {
        if (body.isEmpty()) {
            Body.refuse(exchange, "No Parameters provided: send an object with Content-Type: application/json");
            return;
        }
        boolean hooks = name.equals(Kalliope.HOOKS);
        for (Map.Entry<String, Object> entry : body.entrySet()) {
            if (hooks && !HOOKS.contains(entry.getKey())) {
                Body.refuse(exchange, "There is no hook '%s'".formatted(entry.getKey()));
                return;
            }
            if (!entry.getKey().matches("\\w{1,64}")) {
                Body.refuse(exchange, "A variable has a name of letters, digits and _");
                return;
            }
        }
        kept.change(now -> {
            Map<String, Object> all = new LinkedHashMap<>(kept.map(name));
            all.putAll(body);
            return now.with(name, all);
        });
        get(exchange);
    }

    /**
     * Whether the microphone is to be muted, for the route that does it; the setting is called {@code mute} until Kalliope
     * 0.5.0, later {@code deaf}.
     */
    public void trigger(Exchange exchange) {
        String key = exchange.getProperty("key", String.class);
        Map<String, Object> body = Body.json(exchange);
        if (body.get(key) == null) {
            Body.refuse(exchange, wrong(key));
            return;
        }
        exchange.setProperty(ON, Body.isTrue(body.get(key)));
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

    /** The neurons that there are. */
    public Map<String, Object> neurons() {
        return Map.of("core", List.copyOf(SynapseReader.NEURONS), "community", List.of());
    }

    /** Says why nothing is installed. */
    public void refuseInstall(Exchange exchange) {
        refuse(
                exchange,
                "Neurons are no programs here, so none can be installed. What a synapse can do is in GET /neurons; a skill of OVOS"
                        + " can do more.");
    }

    /** Says why nothing is shut down. */
    public void refuseShutdown(Exchange exchange) {
        refuse(exchange, "Clients cannot shut the assistant down. Stop it where it runs.");
    }

    private static void refuse(Exchange exchange, String why) {
        Body.refuse(exchange, 403, Map.of(ERROR, Map.of("Error", why)));
    }

    private static void refuseOther(Exchange exchange, String name) {
        if (name.matches("default_(tts|stt|player|trigger)")) {
            Body.refuse(
                    exchange,
                    400,
                    Map.of(
                            ERROR,
                            Map.of(
                                    ERROR,
                                    name
                                            + " is a matter of the configuration of OVOS, and is neither told nor changed here")));
        } else {
            Body.refuse(exchange, 404, Map.of(ERROR, Map.of("Error", "There is no such setting")));
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
