// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The names under which an assistant sends its messages, since OVOS is renaming them. It understands both. */
public enum Names {
    /** The old ones; it does not know the new ones yet. */
    OLD,
    /** Each message under its new name, and then under its old one, marked as a twin. */
    BOTH,
    /** The new ones alone. */
    NEW;

    private static final String TWIN = "_namespace_compat_twin";
    private static final Map<String, String> NEW_BY_OLD = new HashMap<>();
    private static final Map<String, String> OLD_BY_NEW = new HashMap<>();

    static {
        try (InputStream in = Names.class.getResourceAsStream("/bus/vocabulary.yaml")) {
            Map<?, ?> file = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            ((Map<?, ?>) file.get("names")).forEach((old, current) -> {
                NEW_BY_OLD.put(old.toString(), current.toString());
                OLD_BY_NEW.put(current.toString(), old.toString());
            });
            // listener and PHAL of that line still send it under this name alone
            NEW_BY_OLD.remove("mycroft.audio.play_sound");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The old name of a type. */
    static String old(String type) {
        return OLD_BY_NEW.getOrDefault(type, type);
    }

    /** The messages on the bus when a service sends this one. */
    List<Message> sent(Message message) {
        String renamed = NEW_BY_OLD.get(message.type());
        if (this == OLD || renamed == null) {
            return List.of(message);
        }
        Message current = new Message(renamed, message.data(), message.context());
        if (this == NEW) {
            return List.of(current);
        }
        return List.of(
                current,
                new Message(
                        message.type(),
                        message.data(),
                        message.context().deepCopy().put(TWIN, true)));
    }

    /** The message under its old name, for the services; empty for a twin, since the same came under its new name. */
    Optional<Message> heard(Message message) {
        if (this == OLD) {
            return Optional.of(message);
        }
        return message.context().path(TWIN).asBoolean()
                ? Optional.empty()
                : Optional.of(new Message(old(message.type()), message.data(), message.context()));
    }
}
