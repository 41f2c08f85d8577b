// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.io.IOException;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;

/**
 * A contract as Camel can mount it: the tree that was read, as JSON. Camel would read YAML by the rules of 1.1, where {@code no}
 * is false and {@code 010} is 8.
 *
 * <p>Camel looks for a Java class for each body of JSON or XML. The gateway has none, but Camel fails where components have no
 * schemas, and where a body has no schema, or one with neither a type nor a name, such as {@code oneOf}. Such a schema gets a
 * name here, and means the same.
 */
final class MountableContract {

    private static final String SCHEMA = "schema";
    private static final String TYPE = "type";

    private final ObjectNode contract;

    private MountableContract(ObjectNode contract) {
        this.contract = contract;
    }

    /**
     * @throws IllegalArgumentException when a body of JSON has no schema
     */
    static byte[] of(Map<?, ?> tree) throws IOException {
        ObjectNode contract = Json.PLAIN.valueToTree(tree);
        var mountable = new MountableContract(contract);
        if (contract.get("components") instanceof ObjectNode) {
            mountable.schemas();
        }
        contract.path("paths").forEach(item -> item.forEach(mountable::complete));
        return Json.PLAIN.writeValueAsBytes(contract);
    }

    private ObjectNode schemas() {
        ObjectNode components = contract.withObjectProperty("components");
        if (!(components.get("schemas") instanceof ObjectNode)) {
            components.putObject("schemas");
        }
        return components.withObjectProperty("schemas");
    }

    private void complete(JsonNode operation) {
        String id = operation.path("operationId").asText();
        for (JsonNode media : operation.path("requestBody").path("content")) {
            if (media instanceof ObjectNode body && body.has(SCHEMA) && isNameless(body.get(SCHEMA))) {
                String name = name(id, body.get(SCHEMA));
                body.putObject(SCHEMA).put("$ref", "#/components/schemas/" + name);
            }
        }
        operation.path("requestBody").path("content").fields().forEachRemaining(media -> {
            if (media.getKey().contains("json") && !media.getValue().has(SCHEMA)) {
                throw new IllegalArgumentException("The JSON body of '%s' needs a schema".formatted(id));
            }
        });
        for (JsonNode response : operation.path("responses")) {
            for (JsonNode media : response.path("content")) {
                if (media instanceof ObjectNode body && isNameless(body.path(SCHEMA))) {
                    // nothing is validated against it
                    body.putObject(SCHEMA).put(TYPE, "object");
                }
            }
        }
    }

    private String name(String operation, JsonNode schema) {
        ObjectNode schemas = schemas();
        StringBuilder name = new StringBuilder(operation).append(".body");
        while (schemas.has(name.toString())) {
            name.append('_');
        }
        schemas.set(name.toString(), schema);
        return name.toString();
    }

    private static boolean isNameless(JsonNode schema) {
        if (schema.has("$ref")) {
            return false;
        }
        String type = schema.path(TYPE).asText();
        return type.isEmpty() || type.equals("array") && isNameless(schema.path("items"));
    }
}
