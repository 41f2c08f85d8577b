// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchema;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.swagger.v3.oas.models.parameters.Parameter;
import org.apache.camel.Message;
import org.ovosgateway.problem.ProblemException;

/** The path and query parameters of one operation; what fits becomes headers of the message, typed. */
final class Parameters {

    private final List<Declared> path = new ArrayList<>();
    private final Map<String, Declared> query = new LinkedHashMap<>();

    private record Declared(
            String name, int segment, String type, boolean required, Object missing, JsonSchema schema) {}

    Parameters(List<Parameter> parameters, String pathTemplate, Schemas schemas) {
        List<String> segments = List.of(pathTemplate.split("/"));
        for (Parameter parameter : parameters) {
            var schema = parameter.getSchema();
            int segment = segments.indexOf("{" + parameter.getName() + "}");
            if (parameter.getIn().equals("path") && segment < 0) {
                throw new IllegalArgumentException("Parameter '%s' is in path, but '%s' has no part {%s}"
                        .formatted(parameter.getName(), pathTemplate, parameter.getName()));
            }
            Declared declared = new Declared(
                    parameter.getName(),
                    segment,
                    schema.getType(),
                    Boolean.TRUE.equals(parameter.getRequired()),
                    schema.getDefault(),
                    schemas.compile(schema));
            switch (parameter.getIn()) {
                case "path" -> path.add(declared);
                case "query" -> query.put(parameter.getName(), declared);
                default ->
                    throw new IllegalArgumentException("Parameter '%s' is in %s; only path and query are served"
                            .formatted(parameter.getName(), parameter.getIn()));
            }
        }
    }

    /**
     * @param requestPath below the base path, still encoded
     * @param rawQuery null where there is none
     * @throws ProblemException 422 when a parameter is missing, unknown, given twice or does not fit its schema
     */
    void accept(Message message, String requestPath, String rawQuery) {
        if (!path.isEmpty()) {
            String[] segments = requestPath.split("/");
            for (Declared declared : path) {
                message.setHeader(
                        declared.name(), value(declared, decode(declared.name(), segments[declared.segment()])));
            }
        }
        Map<String, List<String>> given = rawQuery == null || rawQuery.isEmpty() ? Map.of() : decode(rawQuery);
        for (String name : given.keySet()) {
            if (!query.containsKey(name)) {
                throw refused("query", "has a parameter that this operation does not know; it knows " + query.keySet());
            }
        }
        for (Declared declared : query.values()) {
            List<String> values = given.getOrDefault(declared.name(), List.of());
            if (values.size() > 1) {
                throw refused(declared.name(), "is given more than once");
            }
            if (!values.isEmpty()) {
                message.setHeader(declared.name(), value(declared, values.get(0)));
            } else if (declared.required()) {
                throw refused(declared.name(), "is required");
            } else if (declared.missing() != null) {
                message.setHeader(declared.name(), declared.missing());
            }
        }
    }

    /**
     * Takes the parameters out of a map of JSON values.
     *
     * @return what {@link #accept} makes headers of
     * @throws ProblemException 422 when a parameter is missing or does not fit its schema
     */
    Map<String, Object> take(Map<String, Object> members) {
        Map<String, Object> taken = new LinkedHashMap<>();
        Stream.concat(path.stream(), query.values().stream()).forEach(declared -> {
            Object given = members.remove(declared.name());
            if (given != null) {
                taken.put(declared.name(), value(declared, given.toString()));
            } else if (declared.required()) {
                throw refused(declared.name(), "is required");
            } else if (declared.missing() != null) {
                taken.put(declared.name(), declared.missing());
            }
        });
        return taken;
    }

    private static Object value(Declared declared, String text) {
        JsonNode value = TextNode.valueOf(text);
        if ("boolean".equals(declared.type())) {
            if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
                throw refused(declared.name(), "must be true or false");
            }
            value = BooleanNode.valueOf(Boolean.parseBoolean(text));
        } else if ("integer".equals(declared.type())) {
            if (!text.matches("-?\\d{1,18}")) {
                throw refused(declared.name(), "must be a whole number");
            }
            value = LongNode.valueOf(Long.parseLong(text));
        }
        Schemas.validate(declared.schema(), value, declared.name());
        return value.isBoolean() ? (Object) value.booleanValue() : value.isNumber() ? value.longValue() : text;
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
            return QueryStringDecoder.decodeComponent(raw.replace("+", "%2B"));
        } catch (IllegalArgumentException e) {
            throw refused(name, "is not encoded as a URL is");
        }
    }

    private static ProblemException refused(String field, String reason) {
        return new ProblemException(Problems.validation(field, reason));
    }
}
