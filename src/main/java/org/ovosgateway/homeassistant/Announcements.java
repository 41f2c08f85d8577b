// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

import org.ovosgateway.Json;
import org.ovosgateway.homeassistant.DiscoveryProperties.Form;
import org.ovosgateway.homeassistant.EntityTable.Entity;
import org.ovosgateway.mqtt.Publication;
import org.ovosgateway.problem.ProblemException;

/**
 * Puts what there is into the words of Home Assistant's MQTT discovery, under long keys.
 *
 * <p>All topics have one node id, so that {@link #filter} finds everything that was ever announced for this base topic.
 * Ids are joined with dots, which neither base topics nor names have, so they are those of one entity only.
 */
final class Announcements {

    /** The gateway's own topics have it in the place of a device. */
    static final String GATEWAY = "bridge";

    private static final String ORIGIN = "ovos-gateway";

    private final String base;
    private final String prefix;
    private final Form form;
    private final String version;
    private final String url;

    /** @param version of the gateway, or null */
    Announcements(String base, String prefix, Form form, String version, String url) {
        this.base = base;
        this.prefix = prefix;
        this.form = form;
        this.version = version;
        this.url = url;
    }

    /** Fits all topics of ours, of both forms. */
    String filter() {
        return topic("+", "+");
    }

    /** Whether a topic that fits {@link #filter} is of the form that is not in use. */
    boolean isOtherForm(String topic) {
        return topic.startsWith(prefix + "/device/") != (form == Form.DEVICE);
    }

    /**
     * What is to be published, by topic.
     *
     * @param commanded whether a device takes a command
     * @param known whether a device has told a property
     */
    Map<String, String> of(
            EntityTable table,
            Set<String> devices,
            BiPredicate<String, String> commanded,
            BiPredicate<String, String> known) {
        Map<String, String> payloads = new LinkedHashMap<>();
        Map<String, Object> gateway = new LinkedHashMap<>();
        gateway.put("identifiers", List.of(id(GATEWAY)));
        gateway.put("name", "OVOS gateway");
        gateway.put("manufacturer", "OVOS gateway");
        if (version != null) {
            gateway.put("sw_version", version);
        }
        add(payloads, GATEWAY, gateway, table.gateway());
        for (String device : devices) {
            Map<String, Entity> entities = new LinkedHashMap<>(table.assistant());
            entities.values()
                    .removeIf(entity -> entity.command() != null && !commanded.test(device, entity.command())
                            || entity.needs() != null && !known.test(device, entity.needs()));
            EntityTable.Place place = table.devices().get(device);
            Map<String, Object> assistant = new LinkedHashMap<>();
            assistant.put("identifiers", List.of(id(device)));
            assistant.put("name", place == null || place.name() == null ? name(device) : place.name());
            assistant.put("manufacturer", "Open Voice OS");
            assistant.put("model", "OVOS");
            if (place != null && place.area() != null) {
                assistant.put("suggested_area", place.area());
            }
            assistant.put("via_device", id(GATEWAY));
            add(payloads, device, assistant, entities);
        }
        return payloads;
    }

    /**
     * What is to be published between two payloads of one topic: the later one, with the components that are to leave
     * reduced to their platform; nothing when none leaves.
     *
     * @param before as it was heard, or null
     */
    Optional<String> farewell(String before, String after) {
        if (before == null || form != Form.DEVICE) {
            return Optional.empty();
        }
        Map<String, Object> next = Publication.readObject(after);
        Map<String, Object> staying = components(next);
        Map<String, Object> all = new LinkedHashMap<>(staying);
        try {
            components(Publication.readObject(before)).forEach((key, component) -> {
                Object platform = platform(component);
                if (platform != null && !platform.equals(platform(staying.get(key)))) {
                    all.put(key, Map.of("platform", platform));
                }
            });
        } catch (ProblemException e) {
            return Optional.empty();
        }
        next.put("components", all);
        return all.equals(staying) ? Optional.empty() : Optional.of(Json.write(next));
    }

    private static Map<String, Object> components(Map<String, Object> payload) {
        Map<String, Object> components = new LinkedHashMap<>();
        if (payload.get("components") instanceof Map<?, ?> found) {
            found.forEach((key, component) -> components.put((String) key, component));
        }
        return components;
    }

    private static Object platform(Object component) {
        return component instanceof Map<?, ?> members ? members.get("platform") : null;
    }

    private void add(
            Map<String, String> payloads, String device, Map<String, Object> about, Map<String, Entity> entities) {
        if (entities.isEmpty()) {
            return;
        }
        if (!url.isEmpty()) {
            about.put("configuration_url", url);
        }
        Map<String, Object> common = new LinkedHashMap<>();
        common.put("device", about);
        common.put("origin", origin());
        common.put("qos", 1);
        // what a device says of all its components holds for each of them
        boolean together = !device.equals(GATEWAY) || entities.values().stream().noneMatch(Entity::always);
        if (form == Form.DEVICE && together) {
            common.putAll(availability(device, false));
        }
        Map<String, Object> components = new LinkedHashMap<>();
        entities.forEach((key, entity) -> {
            Map<String, Object> component = component(device, key, entity, about.get("name"));
            if (form == Form.COMPONENTS || !together || entity.always()) {
                component.putAll(availability(device, entity.always()));
            }
            if (form == Form.DEVICE) {
                components.put(key, component);
            } else {
                component.remove("platform");
                component.putAll(common);
                payloads.put(topic(entity.platform(), device + "-" + key), Json.write(component));
            }
        });
        if (form == Form.DEVICE) {
            common.put("components", components);
            payloads.put(topic("device", device), Json.write(common));
        }
    }

    private Map<String, Object> component(String device, String key, Entity entity, Object deviceName) {
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("platform", entity.platform());
        component.put("unique_id", id(device) + "." + key);
        component.put("default_entity_id", entity.platform() + "." + slug(deviceName + " " + key));
        component.putAll(entity.options());
        String own = base + "/" + device + "/";
        if (entity.command() != null) {
            component.put("command_topic", own + entity.command() + "/set");
        }
        if (entity.property() != null) {
            component.put("state_topic", own + entity.property());
        }
        if (entity.event() != null) {
            component.put("state_topic", own + "event/" + entity.event());
        }
        if (entity.attributes() != null) {
            component.put("json_attributes_topic", own + entity.attributes());
        }
        return component;
    }

    /** The gateway's last will, and what it says of the device; nothing of what is always shown of it. */
    private Map<String, Object> availability(String device, boolean always) {
        if (always && device.equals(GATEWAY)) {
            return Map.of();
        }
        List<Map<String, String>> topics = new ArrayList<>();
        topics.add(available(GATEWAY + "/state"));
        if (!always && !device.equals(GATEWAY)) {
            topics.add(available(device + "/availability"));
        }
        Map<String, Object> availability = new LinkedHashMap<>();
        availability.put("availability", topics);
        availability.put("availability_mode", "all");
        return availability;
    }

    private Map<String, String> available(String topic) {
        Map<String, String> available = new LinkedHashMap<>();
        available.put("topic", base + "/" + topic);
        available.put("value_template", "{{ value_json.state }}");
        return available;
    }

    private Map<String, Object> origin() {
        Map<String, Object> origin = new LinkedHashMap<>();
        origin.put("name", ORIGIN);
        if (version != null) {
            origin.put("sw_version", version);
        }
        return origin;
    }

    private String id(String device) {
        return ORIGIN + "." + base.replace('/', '.') + "." + device;
    }

    private String topic(String component, String object) {
        return String.join("/", prefix, component, ORIGIN + "_" + base.replace("/", "--"), object, "config");
    }

    private static String name(String device) {
        if (device.equals("default")) {
            return "OVOS assistant";
        }
        return device.substring(0, 1).toUpperCase(Locale.ROOT)
                + device.substring(1).replaceAll("[_-]+", " ").stripTrailing() + " assistant";
    }

    private static String slug(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "_")
                .replaceAll("^_|_$", "");
    }
}
