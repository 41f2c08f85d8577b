// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.intents;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;

import com.fasterxml.jackson.databind.JsonNode;
import org.ovosgateway.IntentName;
import org.ovosgateway.bus.IntentService.Manifests;

/**
 * Intents as callers read them, made of what the lines of OVOS tell of them: of a keyword intent (Adapt) its keywords, of a
 * template intent (Padatious) its samples.
 */
final class IntentList {

    private static final String KEYWORD = "keyword";
    private static final String TEMPLATE = "template";

    private final BiPredicate<String, String> filter;
    private final Map<Key, Map<String, Object>> intents = new TreeMap<>();

    /** @param lang null where it has those of the assistant */
    private record Key(String skill, String intent, String kind, String lang) implements Comparable<Key> {

        private static final Comparator<Key> ORDER = Comparator.comparing(Key::skill)
                .thenComparing(Key::intent)
                .thenComparing(Key::kind)
                .thenComparing(Key::lang, Comparator.nullsFirst(Comparator.naturalOrder()));

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** @param filter of skills and their intents, by plain names */
    IntentList(BiPredicate<String, String> filter) {
        this.filter = filter;
    }

    /** Sorted by skill, name, kind and language. */
    List<Map<String, Object>> sorted() {
        return List.copyOf(intents.values());
    }

    void addAll(Manifests manifests) {
        if (manifests.registered() != null) {
            manifests.registered().forEach(this::addRegistered);
            return;
        }
        if (manifests.adapt() != null) {
            manifests.adapt().forEach(intent -> add(intent.path("name").asText(), KEYWORD, null));
        }
        if (manifests.padatious() != null) {
            manifests.padatious().forEach(name -> add(name.asText(), TEMPLATE, null));
        }
    }

    private void addRegistered(JsonNode intent) {
        add(
                intent.path("skill_id").asText() + ":"
                        + intent.path("intent_name").asText(),
                intent.path("method").asText(TEMPLATE),
                intent.path("lang").asText(null));
    }

    /** Adds the intents of Adapt with their keywords. */
    void addAdapt(JsonNode adapt, JsonNode vocabulary) {
        // a skill registers words under a name in title case, and Adapt does not mind
        Map<String, Set<String>> words = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        vocabulary.forEach(
                word -> words.computeIfAbsent(word.path("entity_type").asText(), first -> new LinkedHashSet<>())
                        .add(word.path("entity_value").asText()));
        adapt.forEach(intent -> {
            Map<String, Object> added = add(intent.path("name").asText(), KEYWORD, null);
            if (added != null) {
                String skill = added.get("skill").toString();
                Function<JsonNode, Map<String, Object>> keyword = pair -> {
                    String name = pair.isArray() ? pair.path(0).asText() : pair.asText();
                    return keyword(IntentName.keyword(skill, name), List.copyOf(words.getOrDefault(name, Set.of())));
                };
                added.put(
                        "keywords",
                        keywords(
                                each(intent.path("requires"), keyword),
                                each(intent.path("at_least_one"), group -> each(group, keyword)),
                                each(intent.path("optional"), keyword),
                                each(intent.path("excludes"), keyword)));
            }
        });
    }

    /** Adds intents with the definitions that the intent service of the new line keeps. */
    void addDefined(JsonNode definitions) {
        definitions.forEach(intent -> {
            Map<String, Object> added = add(
                    intent.path("skill_id").asText() + ":"
                            + intent.path("intent_name").asText(),
                    intent.path("method").asText(TEMPLATE),
                    intent.path("lang").asText(null));
            JsonNode definition = intent.path("definition");
            if (added != null && added.get("kind").equals(KEYWORD)) {
                Function<JsonNode, Map<String, Object>> keyword =
                        node -> keyword(node.path("name").asText(), each(node.path("samples"), JsonNode::asText));
                added.put(
                        "keywords",
                        keywords(
                                each(definition.path("required"), keyword),
                                each(definition.path("one_of"), group -> each(group, keyword)),
                                each(definition.path("optional"), keyword),
                                each(definition.path("excluded"), keyword)));
            } else if (added != null) {
                added.put("samples", each(definition.path("samples"), JsonNode::asText));
            }
        });
    }

    /** Adds an intent and gives it, to be completed; null where the filter does not let it pass, or it was added before. */
    private Map<String, Object> add(String fullName, String kind, String lang) {
        int colon = fullName.indexOf(':');
        if (colon <= 0) {
            return null;
        }
        String skill = fullName.substring(0, colon);
        String intent = IntentName.plain(fullName.substring(colon + 1));
        Key key = new Key(skill, intent, kind.equals(KEYWORD) ? KEYWORD : TEMPLATE, lang);
        Map<String, Object> added = new LinkedHashMap<>();
        added.put("skill", skill);
        added.put("intent", intent);
        added.put("kind", key.kind());
        added.put("lang", lang);
        boolean isNew = filter.test(skill, intent) && intents.putIfAbsent(key, added) == null;
        return isNew ? added : null;
    }

    private static Map<String, Object> keyword(String name, List<String> samples) {
        Map<String, Object> keyword = new LinkedHashMap<>();
        keyword.put("name", name);
        keyword.put("samples", samples);
        return keyword;
    }

    private static Map<String, Object> keywords(Object required, Object oneOf, Object optional, Object excluded) {
        Map<String, Object> keywords = new LinkedHashMap<>();
        keywords.put("required", required);
        keywords.put("one_of", oneOf);
        keywords.put("optional", optional);
        keywords.put("excluded", excluded);
        return keywords;
    }

    private static <T> List<T> each(JsonNode list, Function<JsonNode, T> shape) {
        List<T> shaped = new ArrayList<>();
        list.forEach(node -> shaped.add(shape.apply(node)));
        return shaped;
    }
}
