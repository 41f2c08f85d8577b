// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The skills that the core has loaded, each with its settings, and which of them are active. */
final class InstalledSkills {

    static final String COMPANION = "skill-rest-api.smartgic";

    private final Map<String, ObjectNode> settings;
    private final Map<String, Boolean> active = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Set<String> uninstalled = ConcurrentHashMap.newKeySet();

    InstalledSkills(Map<String, ObjectNode> settings) {
        this.settings = new ConcurrentHashMap<>(settings);
        settings.keySet().stream().sorted().forEach(skill -> active.put(skill, true));
    }

    List<String> ids() {
        List<String> ids = new ArrayList<>();
        synchronized (active) {
            ids.addAll(active.keySet());
        }
        ids.removeAll(uninstalled);
        return ids;
    }

    void install(String skill) {
        uninstalled.remove(skill);
    }

    void uninstall(String skill) {
        uninstalled.add(skill);
    }

    List<String> active() {
        List<String> ids = ids();
        ids.removeIf(skill -> !isActive(skill));
        return ids;
    }

    boolean isLoaded(String skill) {
        return active.containsKey(skill) && !uninstalled.contains(skill);
    }

    boolean isActive(String skill) {
        return isLoaded(skill) && active.get(skill);
    }

    void setActive(String skill, boolean wanted) {
        active.replace(skill, wanted);
    }

    void change(String skill, ObjectNode changed) {
        settings.put(skill, changed);
    }

    /** The settings.json of a skill, null when it has none. */
    ObjectNode settings(String skill) {
        return settings.get(skill);
    }
}
