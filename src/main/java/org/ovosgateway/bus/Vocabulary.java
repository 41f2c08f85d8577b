// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The names of messages that OVOS renames. Inside of the gateway a message has its old name and its old data; a route that
 * uses the new name gets the new data.
 */
final class Vocabulary {

    private static final String FILE = "/bus/vocabulary.yaml";

    private static final String ANY = "*";

    /** By the old and by the new name. */
    private static final Map<String, Name> RENAMED = new HashMap<>();

    /** What stands behind the name of a skill: the new end, and the old one. */
    private static final Map<String, String> ENDS = new HashMap<>();

    /** By the old name. */
    private static final Map<String, Shape> SHAPES = new HashMap<>();

    static {
        Map<?, ?> file = read();
        ((Map<?, ?>) file.get("names")).forEach((old, current) -> add(old.toString(), current.toString()));
        ((Map<?, ?>) file.get("data")).forEach((old, members) -> SHAPES.put(old.toString(), new Shape(members)));
    }

    private Vocabulary() {}

    /** The name of a message that is called so, in either spelling. */
    static Name of(String type) {
        Name renamed = RENAMED.get(type);
        if (renamed != null) {
            return renamed;
        }
        int colon = type.indexOf(':');
        String old = colon > 0 ? ENDS.get(type.substring(colon)) : null;
        return old == null ? new Name(type, type) : new Name(type.substring(0, colon) + old, type);
    }

    /** Whether this is the old spelling of a name that has a new one. */
    static boolean isOld(String type) {
        Name renamed = RENAMED.get(type);
        return renamed == null ? ENDS.values().stream().anyMatch(type::endsWith) : type.equals(renamed.old());
    }

    /** The old data of a message whose data fit the spelling of its type. */
    static ObjectNode oldData(String type, ObjectNode data) {
        Shape shape = shape(type);
        return shape == null ? data : shape.old(data);
    }

    /** The data that fit the spelling of a type, of a message with the old data. */
    static ObjectNode dataFor(String type, ObjectNode old) {
        Shape shape = shape(type);
        return shape == null ? old : shape.current(old);
    }

    /** Null where data that fit this spelling are the old ones. */
    private static Shape shape(String type) {
        String old = of(type).old();
        return type.equals(old) ? null : SHAPES.get(old);
    }

    private static void add(String old, String current) {
        if (old.startsWith(ANY)) {
            ENDS.put(current.substring(ANY.length()), old.substring(ANY.length()));
        } else {
            Name name = new Name(old, current);
            RENAMED.put(old, name);
            RENAMED.put(current, name);
        }
    }

    private static Map<?, ?> read() {
        try (InputStream in = Vocabulary.class.getResourceAsStream(FILE)) {
            return (Map<?, ?>) new Load(LoadSettings.builder().setLabel(FILE).build()).loadFromInputStream(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How the old data are made of the new: each member a text with members of the new in braces, parted by colons. */
    private static final class Shape {

        private static final Pattern MEMBER = Pattern.compile("\\{(\\w+)}");

        private final Map<String, String> members = new LinkedHashMap<>();

        Shape(Object members) {
            ((Map<?, ?>) members).forEach((key, text) -> this.members.put(key.toString(), text.toString()));
        }

        ObjectNode old(ObjectNode current) {
            ObjectNode old = BusMessage.JSON.createObjectNode();
            members.forEach((key, text) -> {
                StringBuilder made = new StringBuilder();
                for (String part : text.split(":")) {
                    String value = current.path(member(part)).asText("");
                    made.append(made.isEmpty() || value.isEmpty() ? "" : ":").append(value);
                }
                if (!made.isEmpty()) {
                    old.put(key, made.toString());
                }
            });
            return old;
        }

        ObjectNode current(ObjectNode old) {
            ObjectNode current = BusMessage.JSON.createObjectNode();
            members.forEach((key, text) -> {
                String[] parts = text.split(":");
                String[] values = old.path(key).asText("").split(":", parts.length);
                // a name without a skill is the last part
                for (int i = 1; i <= Math.min(parts.length, values.length); i++) {
                    String value = values[values.length - i];
                    if (!value.isEmpty()) {
                        current.put(member(parts[parts.length - i]), value);
                    }
                }
            });
            return current;
        }

        private static String member(String part) {
            Matcher matcher = MEMBER.matcher(part);
            if (!matcher.matches()) {
                throw new IllegalStateException(FILE + " has '" + part + "', which is no member in braces");
            }
            return matcher.group(1);
        }
    }
}
