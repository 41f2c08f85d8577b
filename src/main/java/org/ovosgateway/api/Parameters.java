// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.JsonSchema;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.Parameter.StyleEnum;
import org.apache.camel.Message;
import org.ovosgateway.bus.OvosConstants;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/**
 * The path and query parameters of one operation; what fits becomes headers of the message: strings, booleans, longs for
 * integers, doubles for numbers, and lists of these for arrays.
 */
final class Parameters {

    /** Marks the parameter that names the device that is meant. */
    private static final String DEVICE = "x-device";

    private final List<Declared> path = new ArrayList<>();
    private final Map<String, Declared> query = new LinkedHashMap<>();
    private final boolean namesDevice;
    private final Set<String> credentials;

    /**
     * One parameter of the contract.
     *
     * @param header that it becomes
     * @param item what it holds, or each of its items
     * @param list how its items are told apart; null when it is no array
     */
    private record Declared(
            String name,
            String header,
            int segment,
            Scalar item,
            Separator list,
            boolean required,
            Object missing,
            JsonSchema schema) {

        boolean isDevice() {
            return header.equals(OvosConstants.DEVICE);
        }

        Object read(List<String> texts) {
            if (list == null) {
                JsonNode value = item.read(name, texts.get(0));
                Schemas.validate(schema, value, name);
                return Scalar.plain(value);
            }
            ArrayNode values = JsonNodeFactory.instance.arrayNode(texts.size());
            for (int i = 0; i < texts.size(); i++) {
                values.add(item.read(name + "[" + i + "]", texts.get(i)));
            }
            Schemas.validate(schema, values, name);
            List<Object> all = new ArrayList<>(values.size());
            values.forEach(value -> all.add(Scalar.plain(value)));
            return List.copyOf(all);
        }
    }

    /** Between the items of an array (OpenAPI 3.0.3, Style Values). */
    private enum Separator {
        /** The parameter is repeated. */
        REPEATED(null),
        COMMA(","),
        SPACE("%20|\\+"),
        PIPE("\\||%7[Cc]");

        private final Pattern pattern;

        Separator(String regex) {
            this.pattern = regex == null ? null : Pattern.compile(regex);
        }
    }

    /** @param credentials query parameters that are for the security schemes, and for no route */
    Parameters(List<Parameter> parameters, String pathTemplate, Schemas schemas, Set<String> credentials) {
        this.credentials = credentials;
        List<String> segments = List.of(pathTemplate.split("/"));
        for (Parameter parameter : parameters) {
            String name = parameter.getName();
            boolean inPath = "path".equals(parameter.getIn());
            if (!inPath && !"query".equals(parameter.getIn())) {
                throw refusal(name, "is in %s; only path and query are served".formatted(parameter.getIn()));
            }
            int segment = segments.indexOf("{" + name + "}");
            if (inPath && segment < 0) {
                throw refusal(name, "is in path, but '%s' has no part {%s}".formatted(pathTemplate, name));
            }
            if (parameter.getSchema() == null) {
                throw refusal(name, "needs a schema; 'content' is not served");
            }
            Schema<?> schema = schemas.resolve(parameter.getSchema());
            boolean array = "array".equals(schema.getType());
            if (array && schema.getItems() == null) {
                throw refusal(name, "is an array without items");
            }
            Scalar item = Scalar.of(name, array ? schemas.resolve(schema.getItems()) : schema);
            Declared declared = new Declared(
                    name,
                    isDevice(parameter) ? OvosConstants.DEVICE : name,
                    segment,
                    item,
                    separator(parameter, inPath, array),
                    Boolean.TRUE.equals(parameter.getRequired()),
                    missing(schema, item, array),
                    schemas.compile(parameter.getSchema()));
            if (inPath) {
                path.add(declared);
            } else {
                query.put(name, declared);
            }
        }
        namesDevice = Stream.concat(path.stream(), query.values().stream()).anyMatch(Declared::isDevice);
    }

    private static boolean isDevice(Parameter parameter) {
        return parameter.getExtensions() != null
                && Boolean.TRUE.equals(parameter.getExtensions().get(DEVICE));
    }

    /** Whether a call may say which device is meant. */
    boolean namesDevice() {
        return namesDevice;
    }

    private static Separator separator(Parameter parameter, boolean inPath, boolean array) {
        StyleEnum style = parameter.getStyle();
        if (inPath) {
            if (style != null && style != StyleEnum.SIMPLE) {
                throw refusal(
                        parameter.getName(), "has the style '%s'; in a path only 'simple' is served".formatted(style));
            }
            return array ? Separator.COMMA : null;
        }
        if (!array) {
            if (style != null && style != StyleEnum.FORM) {
                throw refusal(parameter.getName(), "has the style '%s', which is for arrays only".formatted(style));
            }
            return null;
        }
        boolean form = style == null || style == StyleEnum.FORM;
        boolean explode = parameter.getExplode() == null ? form : parameter.getExplode();
        if (form) {
            return explode ? Separator.REPEATED : Separator.COMMA;
        }
        if (explode || style != StyleEnum.SPACEDELIMITED && style != StyleEnum.PIPEDELIMITED) {
            throw refusal(
                    parameter.getName(),
                    "has the style '%s' with explode %s; arrays are served as 'form', and without explode as"
                                    .formatted(style, explode)
                            + " 'spaceDelimited' and 'pipeDelimited'");
        }
        return style == StyleEnum.SPACEDELIMITED ? Separator.SPACE : Separator.PIPE;
    }

    /** The default, of the same types as what is given. */
    private static Object missing(Schema<?> schema, Scalar item, boolean array) {
        Object missing = schema.getDefault();
        if (missing == null) {
            return null;
        }
        JsonNode value = Schemas.tree(missing);
        if (!array) {
            return item.plainDefault(value);
        }
        List<Object> all = new ArrayList<>();
        value.forEach(one -> all.add(item.plainDefault(one)));
        return List.copyOf(all);
    }

    /**
     * @param requestPath below the base path, still encoded
     * @param rawQuery null where there is none
     * @throws ProblemException 422 when a parameter is missing, unknown, given too often or does not fit its schema
     */
    void accept(Message message, String requestPath, String rawQuery) {
        if (!path.isEmpty()) {
            String[] segments = requestPath.split("/");
            for (Declared declared : path) {
                String raw = segments[declared.segment()];
                List<String> texts = declared.list() == null ? List.of(raw) : List.of(raw.split(",", -1));
                message.setHeader(
                        declared.header(),
                        declared.read(texts.stream()
                                .map(text -> decode(declared.name(), text.replace("+", "%2B")))
                                .toList()));
            }
        }
        Map<String, List<String>> given = rawQuery == null || rawQuery.isEmpty() ? Map.of() : decode(rawQuery);
        for (String name : given.keySet()) {
            if (!query.containsKey(name) && !credentials.contains(name)) {
                throw refused("query", "has a parameter that this operation does not know; it knows " + query.keySet());
            }
        }
        for (Declared declared : query.values()) {
            List<String> values = given.getOrDefault(declared.name(), List.of());
            if (values.size() > 1 && declared.list() != Separator.REPEATED) {
                throw refused(declared.name(), "is given more than once");
            }
            if (!values.isEmpty()) {
                boolean listed = declared.list() != null && declared.list() != Separator.REPEATED;
                message.setHeader(declared.header(), declared.read(listed ? items(declared, rawQuery) : values));
            } else if (declared.required()) {
                throw refused(declared.name(), "is required");
            } else if (declared.missing() != null) {
                message.setHeader(declared.header(), declared.missing());
            }
        }
    }

    /** The items of an array in one text, taken apart before they are decoded: an item may have the separator in it. */
    private static List<String> items(Declared declared, String rawQuery) {
        for (String pair : rawQuery.split("[&;]")) {
            int equals = pair.indexOf('=');
            if (equals >= 0
                    && decode(declared.name(), pair.substring(0, equals)).equals(declared.name())) {
                return Stream.of(declared.list().pattern.split(pair.substring(equals + 1), -1))
                        .map(text -> decode(declared.name(), text))
                        .toList();
            }
        }
        return List.of("");
    }

    /**
     * Takes the parameters out of a map of JSON values, except for the device, which those who send such maps name otherwise.
     *
     * @return what {@link #accept} makes headers of
     * @throws ProblemException 422 when a parameter is missing or does not fit its schema
     */
    Map<String, Object> take(Map<String, Object> members) {
        Map<String, Object> taken = new LinkedHashMap<>();
        Stream.concat(path.stream(), query.values().stream())
                .filter(each -> !each.isDevice())
                .forEach(declared -> {
                    Object given = members.remove(declared.name());
                    if (given != null) {
                        boolean several = declared.list() != null && given instanceof List<?>;
                        List<String> texts = several
                                ? ((List<?>) given)
                                        .stream().map(String::valueOf).toList()
                                : List.of(given.toString());
                        taken.put(declared.name(), declared.read(texts));
                    } else if (declared.required()) {
                        throw refused(declared.name(), "is required");
                    } else if (declared.missing() != null) {
                        taken.put(declared.name(), declared.missing());
                    }
                });
        return taken;
    }

    private static Map<String, List<String>> decode(String rawQuery) {
        try {
            return new QueryStringDecoder(rawQuery, false).parameters();
        } catch (IllegalArgumentException e) {
            throw refused("query", "is not encoded as a URL is");
        }
    }

    private static String decode(String name, String raw) {
        try {
            return QueryStringDecoder.decodeComponent(raw);
        } catch (IllegalArgumentException e) {
            throw refused(name, "is not encoded as a URL is");
        }
    }

    private static ProblemException refused(String field, String reason) {
        return new ProblemException(Problems.validation(field, reason));
    }

    private static IllegalArgumentException refusal(String name, String reason) {
        return new IllegalArgumentException("Parameter '" + name + "' " + reason);
    }
}
