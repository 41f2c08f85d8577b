// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.ovosgateway.Json;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.problem.Problem;

/**
 * The failures of an API in its own format, {@code x-errors} of its contract: a template, in which {@code ${detail}} and the
 * like stand for what went wrong.
 *
 * <p>For a type of JSON the template is a tree, and not a text, so that no detail can break it.
 *
 * @param contentTypes by status; null is the one of all other statuses
 * @param templates by status, as the types
 * @param headers by status
 * @param statuses that are sent, by those of the failures
 */
record ErrorTemplate(
        Map<Integer, String> contentTypes,
        Map<Integer, Object> templates,
        Map<Integer, Map<String, String>> headers,
        Map<Integer, Integer> statuses)
        implements ErrorFormat {

    static final String KEY = "x-errors";
    private static final Set<String> KEYS =
            Set.of("contentType", "contentTypes", "template", "templates", "headers", "statuses");
    private static final Set<String> NAMES = Set.of("status", "title", "type", "detail", "errors", "requestId");
    private static final Pattern NAME = Pattern.compile("\\$\\{([^}]*)}");
    private static final String FAILURE = "[45]\\d\\d";
    private static final String MARKUP = "(?i)text/html|.*[/+]xml";

    /**
     * The format that a contract gives.
     *
     * @param given the value of {@code x-errors}, or null
     * @throws IllegalArgumentException when it is none
     */
    static ErrorFormat of(Object given) {
        if (given == null || given.equals("problem")) {
            return PROBLEM;
        }
        Map<?, ?> members = map(given, KEY + " is 'problem', or has contentType and template");
        if (!KEYS.containsAll(members.keySet())) {
            throw new IllegalArgumentException(KEY + " has " + members.keySet() + "; it can have " + KEYS);
        }
        if (!(members.get("contentType") instanceof String type) || members.get("template") == null) {
            throw new IllegalArgumentException(KEY + " needs contentType, such as application/json, and template");
        }
        Map<Integer, String> types = new LinkedHashMap<>();
        types.put(null, type);
        byStatus(members, "contentTypes").forEach((status, one) -> types.put(status, String.valueOf(one)));
        Map<Integer, Object> templates = new LinkedHashMap<>();
        templates.put(null, template(members.get("template"), type));
        byStatus(members, "templates")
                .forEach((status, one) -> templates.put(status, template(one, types.getOrDefault(status, type))));
        types.keySet().stream()
                .filter(status -> !templates.containsKey(status))
                .findFirst()
                .ifPresent(status -> {
                    throw new IllegalArgumentException(
                            KEY + ".contentTypes has '" + status + "', which templates does not have");
                });
        Map<Integer, Map<String, String>> headers = new LinkedHashMap<>();
        byStatus(members, "headers").forEach((status, those) -> {
            Map<String, String> named = new LinkedHashMap<>();
            map(those, KEY + ".headers has names and values for each status")
                    .forEach((name, value) -> named.put(name.toString(), header(name.toString(), value.toString())));
            headers.put(status, named);
        });
        Map<Integer, Integer> statuses = new LinkedHashMap<>();
        byStatus(members, "statuses").forEach((status, other) -> {
            if (!other.toString().matches(FAILURE)) {
                throw new IllegalArgumentException(
                        KEY + ".statuses has '" + other + "', which is no status of a failure");
            }
            statuses.put(status, Integer.valueOf(other.toString()));
        });
        return new ErrorTemplate(types, templates, headers, statuses);
    }

    private static Map<Integer, Object> byStatus(Map<?, ?> members, String key) {
        Map<Integer, Object> byStatus = new LinkedHashMap<>();
        if (members.get(key) != null) {
            map(members.get(key), KEY + "." + key + " has a status such as \"401\" for each member")
                    .forEach((status, value) -> {
                        if (!status.toString().matches(FAILURE)) {
                            throw new IllegalArgumentException(
                                    KEY + "." + key + " has '" + status + "', which is no status of a failure");
                        }
                        byStatus.put(Integer.valueOf(status.toString()), value);
                    });
        }
        return byStatus;
    }

    private static Map<?, ?> map(Object value, String what) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(what);
    }

    private static String header(String name, String value) {
        if (!name.matches("[A-Za-z0-9-]+") || !value.matches("[\\x20-\\x7e]*")) {
            throw new IllegalArgumentException(KEY + ".headers has '" + name + "', which is no header with a value");
        }
        return value;
    }

    private static Object template(Object given, String type) {
        Object template = given;
        if (isJson(type) && given instanceof String text && !text.startsWith("${")) {
            try {
                template = Json.PLAIN.readValue(text, Object.class);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(KEY + " has a template that is no JSON, though its type is " + type);
            }
        } else if (!isJson(type) && !(given instanceof String)) {
            throw new IllegalArgumentException(KEY + " has a template that is no text, though its type is " + type);
        }
        check(template);
        return template;
    }

    private static void check(Object template) {
        if (template instanceof Map<?, ?> map) {
            map.values().forEach(ErrorTemplate::check);
        } else if (template instanceof List<?> list) {
            list.forEach(ErrorTemplate::check);
        } else if (template instanceof String text) {
            NAME.matcher(text).results().map(found -> found.group(1)).forEach(name -> {
                if (!NAMES.contains(name)) {
                    throw new IllegalArgumentException(
                            KEY + " has ${" + name + "}; what it can have is ${" + String.join("}, ${", NAMES) + "}");
                }
            });
        }
    }

    private static boolean isJson(String type) {
        return type.split(";", 2)[0].strip().matches("(?i).*[/+]json");
    }

    @Override
    public int status(int status) {
        return statuses.getOrDefault(status, status);
    }

    @Override
    public String contentType() {
        return contentTypes.get(null);
    }

    @Override
    public String contentType(int status) {
        return contentTypes.getOrDefault(status, contentType());
    }

    @Override
    public Map<String, String> headers(int status) {
        return headers.getOrDefault(status, Map.of());
    }

    @Override
    public byte[] body(Problem problem, String requestId) {
        Object template = templates.getOrDefault(problem.status(), templates.get(null));
        String type = contentType(problem.status());
        if (!isJson(type)) {
            return text((String) template, type, problem, requestId).getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Json.PLAIN.writeValueAsBytes(fill(template, type, problem, requestId));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem holds only strings, numbers, lists and maps", e);
        }
    }

    private static Object fill(Object template, String type, Problem problem, String requestId) {
        if (template instanceof Map<?, ?> map) {
            Map<String, Object> filled = new LinkedHashMap<>();
            map.forEach((name, value) -> filled.put(String.valueOf(name), fill(value, type, problem, requestId)));
            return filled;
        }
        if (template instanceof List<?> list) {
            return list.stream().map(one -> fill(one, type, problem, requestId)).toList();
        }
        if (template instanceof String text) {
            Matcher only = NAME.matcher(text);
            return only.matches() ? value(only.group(1), problem, requestId) : text(text, type, problem, requestId);
        }
        return template;
    }

    private static String text(String template, String type, Problem problem, String requestId) {
        boolean markup = type.split(";", 2)[0].strip().matches(MARKUP);
        return NAME.matcher(template).replaceAll(found -> {
            Object value = value(found.group(1), problem, requestId);
            String text = value instanceof List<?> list
                    ? new String(SeriesFormat.json(list), StandardCharsets.UTF_8)
                    : String.valueOf(value);
            return Matcher.quoteReplacement(markup ? escape(text) : text);
        });
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static Object value(String name, Problem problem, String requestId) {
        return switch (name) {
            case "status" -> problem.status();
            case "title" -> problem.title();
            case "type" -> problem.type();
            case "detail" -> problem.detail();
            case "errors" -> problem.members().getOrDefault("errors", List.of());
            default -> requestId == null ? "" : requestId;
        };
    }
}
