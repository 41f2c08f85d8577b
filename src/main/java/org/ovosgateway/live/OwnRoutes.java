// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.ovosgateway.api.Contract;
import org.ovosgateway.live.RoutesFolder.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Lays the files of a second folder over those of the routes folder. An upgrade replaces the routes that came with the
 * program, so what is one's own is in a folder that it does not touch.
 *
 * <p>All of it happens to the texts, before they are read as routes: an entry whose name an own file has too becomes blank
 * lines, and a contract gets the operations of the own one. So a change here is a change of files like any other.
 */
final class OwnRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(OwnRoutes.class);

    /** What an entry of a file is, for those that have names. */
    private static final Map<String, String> KINDS = Map.of(
            "route", "route",
            "templatedRoute", "route",
            "templated-route", "route",
            "routeTemplate", "template",
            "route-template", "template",
            "routeConfiguration", "configuration",
            "route-configuration", "configuration");

    private static final Set<String> NAMES = Set.of("id", "routeId", "route-id");
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    /** What a contract that adds to another one may have. */
    private static final Set<String> FRAGMENT = Set.of("openapi", "info", "paths", "components", "tags");

    private final Path shipped;
    private final Path own;
    /** What each own file replaces; while it is broken, what it did before. */
    private final Map<String, Set<String>> replacing = new HashMap<>();
    /** The same for the versions that are live. */
    private final Map<String, Set<String>> live = new HashMap<>();

    private Set<String> told = Set.of();

    OwnRoutes(Path shipped, Path own) {
        this.shipped = shipped;
        this.own = own;
    }

    /**
     * One entry of a route file.
     *
     * @param name its kind and id, such as {@code route 'get-info'}
     * @param first its first line, counted from 0
     * @param end the line after its last one
     */
    private record Entry(String name, int first, int end) {}

    /** The newest version of a file of routes is live. */
    void accepted(String file) {
        live.put(file, replacing.getOrDefault(file, Set.of()));
    }

    /**
     * All files of both folders, as they are meant together.
     *
     * @param refused own files of routes that replace only what their live version does, and own contracts that add nothing
     */
    Map<String, Text> over(Map<String, Text> files, Set<String> refused) {
        Map<String, Text> result = new TreeMap<>(files);
        Set<String> replaced = new TreeSet<>();
        replacing.keySet().retainAll(files.keySet());
        live.keySet().retainAll(files.keySet());
        files.forEach((file, text) -> {
            Path path = Path.of(file);
            if (!path.startsWith(own)) {
                return;
            }
            String below = shipped.resolve(own.relativize(path)).toString();
            if (!RoutesFolder.isContract(file)) {
                if (text.bytes() != null) {
                    names(text).ifPresent(names -> replacing.put(file, names));
                }
                Set<String> names = (refused.contains(file) ? live : replacing).getOrDefault(file, Set.of());
                result.replaceAll((other, meant) -> Objects.equals(
                                        Path.of(other).getParent(),
                                        Path.of(below).getParent())
                                && !RoutesFolder.isContract(other)
                                && meant.bytes() != null
                        ? without(names, other, meant, file, replaced)
                        : meant);
            } else if (files.get(below) != null && files.get(below).bytes() != null) {
                result.remove(file);
                if (!refused.contains(file)) {
                    result.put(below, merged(files.get(below), below, text, file, replaced));
                }
            }
        });
        replaced.stream().filter(line -> !told.contains(line)).forEach(line -> LOG.info("{}", line));
        told = replaced;
        return result;
    }

    private static Optional<Set<String>> names(Text text) {
        try {
            Set<String> names = new HashSet<>();
            entries(text).forEach(entry -> names.add(entry.name()));
            return Optional.of(names);
        } catch (YamlEngineException e) {
            return Optional.empty(); // who reads it as routes says so
        }
    }

    private static Text without(Set<String> names, String file, Text text, String by, Set<String> replaced) {
        String[] lines = new String(text.bytes(), StandardCharsets.UTF_8).split("(?<=\n)");
        boolean changed = false;
        try {
            for (Entry entry : entries(text)) {
                if (names.contains(entry.name())) {
                    replaced.add("%s: its %s replaces that of %s".formatted(by, entry.name(), file));
                    for (int i = entry.first(); i < Math.min(entry.end(), lines.length); i++) {
                        lines[i] = "\n";
                    }
                    changed = true;
                }
            }
        } catch (YamlEngineException e) {
            return text;
        }
        return changed ? new Text(String.join("", lines).getBytes(StandardCharsets.UTF_8), null) : text;
    }

    /** Those that have a name, and lines of their own. */
    private static List<Entry> entries(Text text) {
        String yaml = new String(text.bytes(), StandardCharsets.UTF_8);
        List<Entry> entries = new ArrayList<>();
        if (new Compose(LoadSettings.builder().build()).composeString(yaml).orElse(null) instanceof SequenceNode list
                && list.getFlowStyle() == FlowStyle.BLOCK) {
            List<Node> items = list.getValue();
            for (int i = 0; i < items.size(); i++) {
                int end = i + 1 < items.size() ? line(items.get(i + 1)) : Integer.MAX_VALUE;
                String name = name(items.get(i));
                if (name != null) {
                    entries.add(new Entry(name, line(items.get(i)), end));
                }
            }
        }
        return entries;
    }

    private static int line(Node node) {
        return node.getStartMark().orElseThrow().getLine();
    }

    private static String name(Node item) {
        if (!(item instanceof MappingNode map) || map.getValue().size() != 1) {
            return null;
        }
        NodeTuple entry = map.getValue().get(0);
        String kind = KINDS.get(scalar(entry.getKeyNode()));
        if (kind == null || !(entry.getValueNode() instanceof MappingNode content)) {
            return null;
        }
        return content.getValue().stream()
                .filter(member -> NAMES.contains(scalar(member.getKeyNode())))
                .map(member -> kind + " '" + scalar(member.getValueNode()) + "'")
                .findFirst()
                .orElse(null);
    }

    private static String scalar(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private static Text merged(Text contract, String file, Text fragment, String ownFile, Set<String> replaced) {
        if (fragment.trouble() != null) {
            return new Text(null, "its addition " + ownFile + " " + fragment.trouble());
        }
        Map<Object, Object> all;
        try {
            all = map(load(contract));
        } catch (YamlEngineException e) {
            return contract; // who reads it says so
        }
        try {
            Map<Object, Object> mine = map(load(fragment));
            for (Object key : mine.keySet()) {
                if (!FRAGMENT.contains(String.valueOf(key))) {
                    throw new IllegalArgumentException(
                            "'" + key + "' cannot be added to a contract; paths, components and tags can");
                }
            }
            addOperations(map(all.get("paths")), map(mine.get("paths")), file, ownFile, replaced);
            Map<Object, Object> components = map(all.computeIfAbsent("components", none -> new LinkedHashMap<>()));
            map(mine.get("components"))
                    .forEach((section, content) -> map(components.computeIfAbsent(
                                    section, none -> new LinkedHashMap<>()))
                            .putAll(map(content)));
            if (mine.get("tags") instanceof List<?> tags) {
                List<Object> known = new ArrayList<>(all.get("tags") instanceof List<?> list ? list : List.of());
                known.removeIf(tag -> tags.stream().anyMatch(added -> sameName(tag, added)));
                known.addAll(tags);
                all.put("tags", known);
            }
        } catch (MarkedYamlEngineException e) {
            String line =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            return new Text(null, "its addition " + ownFile + line + ": " + e.getProblem());
        } catch (YamlEngineException | IllegalArgumentException e) {
            return new Text(null, "its addition " + ownFile + ": " + e.getMessage());
        }
        String yaml = new Dump(DumpSettings.builder()
                        .setSchema(Contract.YAML)
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .build())
                .dumpToString(all);
        return new Text(yaml.getBytes(StandardCharsets.UTF_8), null);
    }

    private static void addOperations(
            Map<Object, Object> paths, Map<Object, Object> own, String file, String ownFile, Set<String> replaced) {
        own.forEach((path, item) -> map(item).forEach((method, operation) -> {
            if (METHODS.contains(String.valueOf(method))) {
                Object id = map(operation).get("operationId");
                if (id == null) {
                    throw new IllegalArgumentException(method + " " + path + " has no operationId");
                }
                boolean removed = false;
                for (Object known : paths.values()) {
                    removed |= map(known)
                            .entrySet()
                            .removeIf(entry -> METHODS.contains(String.valueOf(entry.getKey()))
                                    && id.equals(map(entry.getValue()).get("operationId")));
                }
                if (removed) {
                    replaced.add("%s: its operation '%s' replaces that of %s".formatted(ownFile, id, file));
                }
            }
            map(paths.computeIfAbsent(path, none -> new LinkedHashMap<>())).put(method, operation);
        }));
        paths.values().removeIf(item -> map(item).isEmpty());
    }

    private static boolean sameName(Object one, Object other) {
        return one instanceof Map<?, ?> a
                && other instanceof Map<?, ?> b
                && a.get("name") != null
                && a.get("name").equals(b.get("name"));
    }

    private static Object load(Text text) {
        return new Load(LoadSettings.builder().setSchema(Contract.YAML).build())
                .loadFromString(new String(text.bytes(), StandardCharsets.UTF_8));
    }

    /** Nothing is an empty one. */
    @SuppressWarnings("unchecked")
    private static Map<Object, Object> map(Object value) {
        if (value == null) {
            return new LinkedHashMap<>();
        }
        if (!(value instanceof Map)) {
            throw new IllegalArgumentException("'" + value + "' should be keys and values");
        }
        return (Map<Object, Object>) value;
    }
}
