// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What Home Assistant is to show, as its file says it.
 *
 * @param assistant the entities of each assistant, by key
 * @param gateway the entities of the gateway, by key
 * @param devices what is said about single assistants, by their names
 */
record EntityTable(Map<String, Entity> assistant, Map<String, Entity> gateway, Map<String, Place> devices) {

    static final EntityTable EMPTY = new EntityTable(Map.of(), Map.of(), Map.of());

    /** Keys are levels of topics, and parts of ids. */
    private static final Pattern KEY = Pattern.compile("[a-z0-9_]{1,32}");

    private static final Pattern DEVICE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,31}");

    /** What the gateway itself says, or what is no longer understood. */
    private static final Pattern RESERVED = Pattern.compile("~|p|unique_id|uniq_id|object_id|obj_id|default_entity_id"
            + "|def_ent_id|device|dev|origin|o|components|cmps|(avty|availability|pl_(not_)?avail|payload_(not_)?available).*"
            + "|(command|state|json_attributes)_topic|(cmd|stat|json_attr)_t|qos");

    /**
     * One entity.
     *
     * @param platform of Home Assistant
     * @param command that it gives, or null
     * @param property that it shows, or null
     * @param attributes property with its attributes, or null
     * @param event that it reports, or null
     * @param needs property without which it is not shown, or null
     * @param always whether it is shown while the gateway is away
     * @param options handed on to Home Assistant
     */
    record Entity(
            String platform,
            String command,
            String property,
            String attributes,
            String event,
            String needs,
            boolean always,
            Map<String, Object> options) {}

    /**
     * One assistant.
     *
     * @param name for people, or null
     * @param area where it is, or null
     */
    record Place(String name, String area) {}

    /**
     * Reads the file's content.
     *
     * @throws IllegalArgumentException when it is not as it has to be; says where
     */
    static EntityTable parse(String yaml) {
        Object tree;
        try {
            tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("it is no YAML: " + e.getMessage(), e);
        }
        Map<String, Object> all = map(tree, "the file");
        refuseOthers(all, Set.of("assistant", "gateway", "devices"), "");
        return new EntityTable(
                each(all, "assistant", KEY, EntityTable::entity),
                each(all, "gateway", KEY, EntityTable::entity),
                each(all, "devices", DEVICE, EntityTable::place));
    }

    /** Both together; what another one has under the same key replaces what this one has. */
    EntityTable with(EntityTable other) {
        return new EntityTable(
                together(assistant, other.assistant),
                together(gateway, other.gateway),
                together(devices, other.devices));
    }

    private static <T> Map<String, T> together(Map<String, T> one, Map<String, T> other) {
        Map<String, T> all = new LinkedHashMap<>(one);
        all.putAll(other);
        return all;
    }

    /** A part of the file, with where it is. */
    private record Part(String at, Map<String, Object> members) {

        /** A name, taken out; null when there is none. */
        String name(String member) {
            String name = text(member);
            if (name != null && !KEY.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "%s.%s: '%s' is no name (a-z, 0-9 and _, 32 at most)".formatted(at, member, name));
            }
            return name;
        }

        /** A text, taken out; null when there is none. */
        String text(String member) {
            Object value = members.remove(member);
            if (value == null || value instanceof String text && !text.isBlank() && text.length() <= 250) {
                return (String) value;
            }
            throw new IllegalArgumentException("%s.%s must be a text".formatted(at, member));
        }
    }

    private static Entity entity(Part part) {
        String platform = part.name("platform");
        if (platform == null) {
            throw new IllegalArgumentException(part.at() + ".platform is missing");
        }
        String command = part.name("command");
        String property = part.name("property");
        String attributes = part.name("attributes");
        String event = part.name("event");
        String needs = part.name("needs");
        Object always = part.members().remove("always");
        if (always != null && !(always instanceof Boolean)) {
            throw new IllegalArgumentException(part.at() + ".always must be true or false");
        }
        if (property != null && event != null) {
            throw new IllegalArgumentException(part.at() + " shows a property or an event, not both");
        }
        if (command == null && property == null && event == null) {
            throw new IllegalArgumentException(part.at() + " has no command, no property and no event");
        }
        for (String option : part.members().keySet()) {
            if (RESERVED.matcher(option).matches()) {
                throw new IllegalArgumentException("%s.%s is set by the gateway".formatted(part.at(), option));
            }
        }
        return new Entity(
                platform, command, property, attributes, event, needs, Boolean.TRUE.equals(always), part.members());
    }

    private static Place place(Part part) {
        Place place = new Place(part.text("name"), part.text("area"));
        refuseOthers(part.members(), Set.of(), part.at() + ".");
        return place;
    }

    private static <T> Map<String, T> each(
            Map<String, Object> all, String section, Pattern names, Function<Part, T> read) {
        Map<String, T> found = new LinkedHashMap<>();
        if (all.get(section) == null) {
            return found;
        }
        map(all.get(section), section).forEach((key, value) -> {
            String at = section + "." + key;
            if (!names.matcher(key).matches()) {
                throw new IllegalArgumentException("%s: a key must fit %s".formatted(at, names));
            }
            found.put(key, read.apply(new Part(at, map(value, at))));
        });
        return found;
    }

    private static void refuseOthers(Map<String, Object> members, Set<String> known, String at) {
        Map<String, Object> others = new TreeMap<>(members);
        others.keySet().removeAll(known);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("%s%s is not known here"
                    .formatted(at, others.keySet().iterator().next()));
        }
    }

    private static Map<String, Object> map(Object tree, String at) {
        if (!(tree instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(at + " must be a table of keys and values");
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((key, value) -> members.put(String.valueOf(key), value));
        return members;
    }
}
