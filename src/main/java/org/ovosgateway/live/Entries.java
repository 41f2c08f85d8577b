// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The entries of a route file, each with one key that says its kind. */
final class Entries {

    static final Entries NONE = new Entries(List.of());

    static final Set<String> ROUTES = Set.of("route", "from");
    static final Set<String> TEMPLATED = Set.of("templatedRoute", "templated-route");
    static final Set<String> TEMPLATES = Set.of("routeTemplate", "route-template");
    static final Set<String> RESTS = Set.of("rest");
    /** What a file says about the routes of other files too. */
    static final Set<String> SHARED = Set.of(
            "routeConfiguration",
            "route-configuration",
            "routeTemplate",
            "route-template",
            "beans",
            "errorHandler",
            "error-handler",
            "restConfiguration",
            "rest-configuration");

    private final List<Map<String, Object>> all;

    private Entries(List<Map<String, Object>> all) {
        this.all = all;
    }

    /**
     * @param file its name in messages about what is wrong with it
     * @return {@link #NONE} when there are only comments
     * @throws RuntimeException when it is no list of entries
     */
    static Entries parse(String file, String yaml) {
        Object document = new Load(LoadSettings.builder().setLabel(file).build()).loadFromString(yaml);
        if (yaml.isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        if (document == null) {
            return NONE;
        }
        if (!(document instanceof List<?> list)) {
            throw new IllegalArgumentException("is not a list of routes");
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Object item : list) {
            if (!(item instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("is not a list of routes");
            }
            if (map.size() != 1) {
                throw new IllegalArgumentException("an entry needs exactly one key, not " + map.keySet());
            }
            Map<String, Object> entry = new HashMap<>();
            map.forEach((key, value) -> entry.put(String.valueOf(key), value == null ? "" : value));
            entries.add(entry);
        }
        return new Entries(entries);
    }

    /** Whether one of them is of one of these kinds. */
    boolean has(Set<String> kinds) {
        return all.stream().anyMatch(entry -> kinds.containsAll(entry.keySet()));
    }

    /** Those of one of these kinds. */
    List<Map<String, Object>> of(Set<String> kinds) {
        return all.stream().filter(entry -> kinds.containsAll(entry.keySet())).toList();
    }

    /** Everything that is no route and may concern each route of the file, such as {@code onException}. */
    List<Map<String, Object>> surroundings() {
        return all.stream()
                .filter(entry -> !ROUTES.containsAll(entry.keySet())
                        && !TEMPLATED.containsAll(entry.keySet())
                        && !RESTS.containsAll(entry.keySet()))
                .toList();
    }
}
