// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import io.swagger.v3.oas.models.media.Encoding;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import org.ovosgateway.Json;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.ProblemException;

/** The fields of a form: texts and files, of which the schema makes numbers, lists and objects, as in a JSON body. */
final class Fields {

    /** In one form. */
    static final int MOST = 200;

    private final Map<String, Field> declared;
    private final JsonSchema schema;

    /**
     * @param item what a text becomes; null for JSON and for files
     * @param list whether it may be given more than once
     */
    private record Field(Scalar item, boolean list, boolean file) {

        JsonNode read(String name, String text) {
            return item == null ? JsonBody.parse(text.getBytes(StandardCharsets.UTF_8)) : item.read(name, text);
        }
    }

    private Fields(Map<String, Field> declared, JsonSchema schema) {
        this.declared = declared;
        this.schema = schema;
    }

    /** Takes all fields, as texts. */
    static Fields any() {
        return new Fields(Map.of(), null);
    }

    /**
     * As the contract has them.
     *
     * @throws IllegalArgumentException when the schema is not that of an object whose members a form can have
     */
    static Fields of(MediaType media, Schemas schemas, String operation) {
        if (media.getSchema() == null) {
            return any();
        }
        Map<String, Field> declared = new LinkedHashMap<>();
        Map<String, Schema> properties = properties(schemas.resolve(media.getSchema()));
        properties.forEach((name, property) ->
                declared.put(name, field(operation, name, schemas.resolve(property), media.getEncoding(), schemas)));
        return new Fields(declared, schemas.compile(media.getSchema()));
    }

    @SuppressWarnings("rawtypes")
    private static Map<String, Schema> properties(Schema<?> schema) {
        return schema.getProperties() == null ? Map.of() : schema.getProperties();
    }

    private static Field field(
            String operation, String name, Schema<?> schema, Map<String, Encoding> encodings, Schemas schemas) {
        boolean list = "array".equals(schema.getType()) && schema.getItems() != null;
        Schema<?> item = list ? schemas.resolve(schema.getItems()) : schema;
        if ("string".equals(item.getType()) && "binary".equals(item.getFormat())) {
            return new Field(null, list, true);
        }
        Encoding encoding = encodings == null ? null : encodings.get(name);
        boolean json = encoding != null
                && encoding.getContentType() != null
                && encoding.getContentType().startsWith("application/json");
        if (json || "object".equals(item.getType())) {
            return new Field(null, list && !json, false);
        }
        try {
            return new Field(Scalar.of(name, item), list, false);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The field '%s' in the form of '%s' is of a type that no text can be turned into"
                            .formatted(name, operation),
                    e);
        }
    }

    /** Whether a file may have this name. */
    boolean isFile(String name) {
        Field field = declared.get(name);
        return field == null ? schema == null : field.file();
    }

    /** Whether a text may have this name; the rest of the schema is checked when all fields have arrived. */
    boolean isText(String name) {
        Field field = declared.get(name);
        return field == null || !field.file();
    }

    /**
     * What the route gets: texts as the schema has them, files as {@link Upload}.
     *
     * @throws ProblemException 400 where JSON is none, 422 where the fields do not fit the schema
     */
    Map<String, Object> read(Map<String, List<String>> texts, Map<String, List<Upload>> files) {
        ObjectNode members = JsonNodeFactory.instance.objectNode();
        texts.forEach((name, values) -> members.set(name, member(name, values)));
        files.forEach((name, values) -> members.set(name, placeholder(name, values)));
        if (schema != null) {
            Schemas.validate(schema, members, "body");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        members.fieldNames().forEachRemaining(name -> {
            List<Upload> uploads = files.get(name);
            if (uploads == null) {
                fields.put(name, Json.PLAIN.convertValue(members.get(name), Object.class));
            } else {
                fields.put(name, members.get(name).isArray() ? List.copyOf(uploads) : uploads.get(0));
            }
        });
        return fields;
    }

    private JsonNode member(String name, List<String> values) {
        Field field = declared.getOrDefault(name, new Field(Scalar.STRING, schema == null && values.size() > 1, false));
        if (!field.list()) {
            requireOne(name, values);
            return field.read(name, values.get(0));
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode(values.size());
        for (int i = 0; i < values.size(); i++) {
            all.add(field.read(name + "[" + i + "]", values.get(i)));
        }
        return all;
    }

    /** For the schema a file is a text, whose content is not looked at. */
    private JsonNode placeholder(String name, List<Upload> values) {
        Field field = declared.get(name);
        if (field == null ? values.size() == 1 : !field.list()) {
            requireOne(name, values);
            return JsonNodeFactory.instance.textNode("");
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode(values.size());
        values.forEach(value -> all.add(""));
        return all;
    }

    private static void requireOne(String name, List<?> values) {
        if (values.size() > 1) {
            throw new ProblemException(Problems.validation(name, "is given more than once"));
        }
    }
}
